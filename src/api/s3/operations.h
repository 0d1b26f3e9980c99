// The operations, by family; each in its own source file.
#pragma once

#include "api/s3/call.h"

namespace sallyport::api {

// Buckets.
S3Answer list_buckets(const S3Call& call);
S3Answer create_bucket(const S3Call& call);
S3Answer head_bucket(const S3Call& call);
S3Answer delete_bucket(const S3Call& call);
S3Answer get_bucket_location(const S3Call& call);
S3Answer get_bucket_versioning(const S3Call& call);
S3Answer put_bucket_versioning(const S3Call& call);
S3Answer get_bucket_policy(const S3Call& call);
S3Answer put_bucket_policy(const S3Call& call);
S3Answer delete_bucket_policy(const S3Call& call);
S3Answer get_bucket_policy_status(const S3Call& call);
S3Answer get_bucket_tagging(const S3Call& call);
S3Answer put_bucket_tagging(const S3Call& call);
S3Answer delete_bucket_tagging(const S3Call& call);
S3Answer get_bucket_acl(const S3Call& call);
S3Answer put_bucket_acl(const S3Call& call);
// What a bucket here never has; by the route's parameter.
S3Answer get_bucket_configuration(const S3Call& call);
S3Answer put_bucket_configuration(const S3Call& call);
S3Answer delete_bucket_configuration(const S3Call& call);
S3Answer answer_preflight(const S3Call& call);

// Listings.
S3Answer list_objects_v1(const S3Call& call);
S3Answer list_objects_v2(const S3Call& call);
S3Answer list_object_versions(const S3Call& call);
S3Answer list_multipart_uploads(const S3Call& call);

// Objects.
S3Answer get_object(const S3Call& call);  // HEAD too
S3Answer get_object_attributes(const S3Call& call);
S3Answer get_object_acl(const S3Call& call);
S3Answer put_object_acl(const S3Call& call);
S3Answer put_object(const S3Call& call);
S3Answer copy_object(const S3Call& call);
S3Answer delete_object(const S3Call& call);
S3Answer delete_objects(const S3Call& call);
S3Answer get_object_tagging(const S3Call& call);
S3Answer put_object_tagging(const S3Call& call);
S3Answer delete_object_tagging(const S3Call& call);

// Uploads in parts.
S3Answer create_multipart_upload(const S3Call& call);
S3Answer upload_part(const S3Call& call);
S3Answer upload_part_copy(const S3Call& call);
S3Answer complete_multipart_upload(const S3Call& call);
S3Answer abort_multipart_upload(const S3Call& call);
S3Answer list_parts(const S3Call& call);

// Understood, and not offered; by the route's name.
S3Answer not_offered(const S3Call& call);

}  // namespace sallyport::api
