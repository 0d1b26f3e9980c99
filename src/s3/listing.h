// What a store lists: ListObjectsV2 and ListBuckets (Amazon S3 API reference).
#pragma once

#include <string_view>
#include <vector>

#include "s3/call.h"
#include "storage/object_store.h"

namespace sallyport::s3 {

Call list_call(const storage::ListRequest& request);
// kCorrupt for what is no listing, or lists what was not asked for.
Result<storage::ListPage> parse_listing(std::string_view xml, const storage::ListRequest& request);

Result<std::vector<storage::BucketInfo>> parse_buckets(std::string_view xml,
                                                       const std::string& region);

}  // namespace sallyport::s3
