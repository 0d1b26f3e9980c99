// Policy and tags of buckets in the resource store (model::BucketSettings). A bucket without any
// has no document there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/s3/call.h"
#include "model/bucket_settings.h"

namespace sallyport::api {

// Empty settings where there are none.
Task<Outcome<model::BucketSettings>> read_bucket_settings(const S3Call& call);

// What is set is written, the rest stays. OperationAborted when others write all the time.
struct BucketSettingsChange {
  BucketSettingsChange() = default;
  std::optional<std::string> policy;
  std::optional<std::vector<model::Tag>> tags;
};
Task<Outcome<Done>> change_bucket_settings(const S3Call& call, BucketSettingsChange change);

// Success also where there is nothing.
Task<Outcome<Done>> forget_bucket_settings(const S3Call& call, std::string bucket);

}  // namespace sallyport::api
