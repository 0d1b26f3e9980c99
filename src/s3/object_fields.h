// What an object is, as headers say it (GetObject, HeadObject, PutObject in the Amazon S3 API
// reference).
#pragma once

#include <string>
#include <string_view>

#include "http/headers.h"
#include "s3/body_proof.h"
#include "storage/object_store.h"

namespace sallyport::s3 {

// Server-side encryption and access, as the store's settings want it of everything that is written;
// empty: not said, so that the bucket's defaults count.
struct WriteDefaults {
  std::string encryption;  // x-amz-server-side-encryption: "AES256", "aws:kms"
  std::string kms_key_id;
  std::string acl;                     // x-amz-acl, e.g. "bucket-owner-full-control"
  BodyCheck check = BodyCheck::kNone;  // of bodies; of no header here
};

void add_write_defaults(const WriteDefaults& defaults, http::Headers& headers);
// kInvalidArgument for what cannot be said in headers: metadata whose names are no tokens, values
// with control characters or that are not UTF-8.
Result<void> check_put_options(const storage::PutOptions& options);
// Type, metadata, content headers and tags.
void add_put_options(const storage::PutOptions& options, http::Headers& headers);

// Of an answer to GetObject, HeadObject, or a range of it. kCorrupt when the size is missing or
// contradicts itself.
Result<storage::ObjectInfo> object_info(std::string key, const http::Headers& headers);

// Without quotes.
std::string unquoted_etag(std::string_view etag);
// kCorrupt. Every store names the ETag of what it stores and gives; what answers a 200 without one
// is none, as a page of a proxy that says that there is nobody behind it.
Error no_etag(std::string_view what);
}  // namespace sallyport::s3
