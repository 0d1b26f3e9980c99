// Tags of objects and buckets (Amazon S3 user guide, "Categorizing your objects using tags"): the
// header x-amz-tagging and the Tagging document. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "api/fault.h"
#include "storage/object_store.h"

namespace sallyport::api {

inline constexpr std::size_t kMaxObjectTags = 10;
inline constexpr std::size_t kMaxBucketTags = 50;

// "key=value&key2=value2", form-encoded. InvalidArgument, InvalidTag, BadRequest (too many).
Outcome<storage::Tags> parse_tagging_header(std::string_view header);
// <Tagging><TagSet><Tag><Key/><Value/></Tag>…. MalformedXML, InvalidTag, BadRequest (too many).
Outcome<storage::Tags> parse_tagging_xml(std::string_view xml, std::size_t max_tags);
std::string tagging_xml(const storage::Tags& tags);

}  // namespace sallyport::api
