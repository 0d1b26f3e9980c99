// Entity tags of objects in embedded buckets. Inside src/storage only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sallyport::storage {

// 32 hexadecimal digits and nothing more; other tags say nothing about the content.
bool is_md5(std::string_view etag);

// "<MD5 of the parts' MD5s>-<count>"; empty if one of the tags is no MD5.
std::string etag_of_parts(const std::vector<std::string>& etags);

}  // namespace sallyport::storage
