// What the headers of a request say about an object to be stored, and the headers that tell of a
// stored one (S3 API reference, PutObject, GetObject, HeadObject). Pure.
#pragma once

#include "api/fault.h"
#include "codec/form.h"
#include "http/headers.h"
#include "storage/object_store.h"

namespace sallyport::api {

// Headers that ask for what no object here has (encryption, locks, other storage classes, foreign
// ACLs) are refused in S3's words rather than ignored.
Outcome<Done> check_object_headers(const http::Headers& headers);

// The same of requests that name a stored object or upload: keys of the client's.
Outcome<Done> check_read_headers(const http::Headers& headers);

// Type, metadata, content headers and tags.
Outcome<storage::PutOptions> read_put_options(const http::Headers& headers);
// If-None-Match: * and If-Match: "<etag>".
Outcome<Done> read_put_conditions(const http::Headers& headers, storage::PutOptions& options);

// The checksum that a multipart upload was begun with travels in PutOptions::headers under these
// names, which are in no answer.
inline constexpr std::string_view kUploadChecksumAlgorithm = "x-amz-checksum-algorithm";
inline constexpr std::string_view kUploadChecksumType = "x-amz-checksum-type";

// ETag, Last-Modified, type, metadata, version, … `query` holds the response-… overrides.
void add_object_headers(http::Headers& headers, const storage::ObjectInfo& info,
                        const codec::Form& query);
// The few of an answer 304.
void add_validators(http::Headers& headers, const storage::ObjectInfo& info);
// x-amz-version-id, when there is one.
void add_version_header(http::Headers& headers, std::string_view version_id);

}  // namespace sallyport::api
