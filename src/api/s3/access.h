// Rights of S3 operations: each takes the permits that S3's documentation names (Service
// Authorization Reference, "Actions, resources, and condition keys for Amazon S3").
#pragma once

#include <string>

#include "api/s3/call.h"

namespace sallyport::api {

// The permit for one act of this caller in the request's bucket. AccessDenied otherwise. `extra`:
// condition keys that only the operation knows (s3:RequestObjectTag/…).
Task<Outcome<iam::Permit>> s3_permit(const S3Call& call, iam::Action action, std::string key,
                                     iam::Context extra = {});
// The same in another bucket (the source of a copy).
Task<Outcome<iam::Permit>> s3_permit_in(const S3Call& call, iam::Action action, std::string bucket,
                                        std::string key, iam::Context extra = {});
// For actions that no call of the store needs ("s3:GetObjectAcl"), on the request's object.
Task<Outcome<Done>> s3_check_object(const S3Call& call, std::string action);

// Permit and existence of the request's bucket.
Task<Outcome<storage::BucketInfo>> s3_bucket(const S3Call& call, iam::Action action);

// The keys s3:RequestObjectTag/<key> and s3:RequestObjectTagKeys.
iam::Context request_tag_context(const storage::Tags& tags);

// NoSuchKey as this caller may know it: who may not list the bucket is told AccessDenied.
Task<Fault> s3_missing_key(const S3Call& call, std::string bucket, Fault missing);

}  // namespace sallyport::api
