// What S3 keeps of a bucket beside its objects (S3 API reference, PutBucketPolicy,
// PutBucketTagging). A bucket without any has no such document. Plain data.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "model/server.h"

namespace sallyport::model {

struct BucketSettings {
  std::string bucket;
  std::string policy;  // JSON text as given; empty: none
  std::vector<Tag> tags;
};

std::string to_document(const BucketSettings& settings);
Result<BucketSettings> bucket_settings_from_document(std::string_view document);

}  // namespace sallyport::model
