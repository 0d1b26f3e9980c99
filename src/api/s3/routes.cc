#include "api/s3/routes.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/s3/operations.h"

namespace sallyport::api {

namespace {

constexpr auto kService = S3Scope::kService;
constexpr auto kBucket = S3Scope::kBucket;
constexpr auto kObject = S3Scope::kObject;
constexpr std::string_view kCopySource = "x-amz-copy-source";

constexpr S3Route kRoutes[] = {
    {"GET", kService, "", "", "ListBuckets", &list_buckets},

    {"GET", kBucket, "acl", "", "GetBucketAcl", &get_bucket_acl},
    {"PUT", kBucket, "acl", "", "PutBucketAcl", &put_bucket_acl},
    {"GET", kBucket, "location", "", "GetBucketLocation", &get_bucket_location},
    {"GET", kBucket, "policy", "", "GetBucketPolicy", &get_bucket_policy},
    {"PUT", kBucket, "policy", "", "PutBucketPolicy", &put_bucket_policy},
    {"DELETE", kBucket, "policy", "", "DeleteBucketPolicy", &delete_bucket_policy},
    {"GET", kBucket, "policyStatus", "", "GetBucketPolicyStatus", &get_bucket_policy_status},
    {"GET", kBucket, "tagging", "", "GetBucketTagging", &get_bucket_tagging},
    {"PUT", kBucket, "tagging", "", "PutBucketTagging", &put_bucket_tagging},
    {"DELETE", kBucket, "tagging", "", "DeleteBucketTagging", &delete_bucket_tagging},
    {"GET", kBucket, "versioning", "", "GetBucketVersioning", &get_bucket_versioning},
    {"PUT", kBucket, "versioning", "", "PutBucketVersioning", &put_bucket_versioning},
    {"GET", kBucket, "versions", "", "ListObjectVersions", &list_object_versions},
    {"GET", kBucket, "uploads", "", "ListMultipartUploads", &list_multipart_uploads},
    {"POST", kBucket, "delete", "", "DeleteObjects", &delete_objects},

    {"GET", kBucket, "accelerate", "", "GetAccelerateConfiguration", &get_bucket_configuration},
    {"PUT", kBucket, "accelerate", "", "PutAccelerateConfiguration", &put_bucket_configuration},
    {"GET", kBucket, "cors", "", "GetBucketCors", &get_bucket_configuration},
    {"PUT", kBucket, "cors", "", "PutBucketCors", &put_bucket_configuration},
    {"DELETE", kBucket, "cors", "", "DeleteBucketCors", &delete_bucket_configuration},
    {"GET", kBucket, "encryption", "", "GetBucketEncryption", &get_bucket_configuration},
    {"PUT", kBucket, "encryption", "", "PutBucketEncryption", &put_bucket_configuration},
    {"DELETE", kBucket, "encryption", "", "DeleteBucketEncryption", &delete_bucket_configuration},
    {"GET", kBucket, "lifecycle", "", "GetBucketLifecycle", &get_bucket_configuration},
    {"PUT", kBucket, "lifecycle", "", "PutBucketLifecycle", &put_bucket_configuration},
    {"DELETE", kBucket, "lifecycle", "", "DeleteBucketLifecycle", &delete_bucket_configuration},
    {"GET", kBucket, "logging", "", "GetBucketLogging", &get_bucket_configuration},
    {"PUT", kBucket, "logging", "", "PutBucketLogging", &put_bucket_configuration},
    {"GET", kBucket, "notification", "", "GetBucketNotification", &get_bucket_configuration},
    {"PUT", kBucket, "notification", "", "PutBucketNotification", &put_bucket_configuration},
    {"GET", kBucket, "object-lock", "", "GetObjectLockConfiguration", &get_bucket_configuration},
    {"PUT", kBucket, "object-lock", "", "PutObjectLockConfiguration", &put_bucket_configuration},
    {"GET", kBucket, "ownershipControls", "", "GetBucketOwnershipControls",
     &get_bucket_configuration},
    {"PUT", kBucket, "ownershipControls", "", "PutBucketOwnershipControls",
     &put_bucket_configuration},
    {"GET", kBucket, "publicAccessBlock", "", "GetBucketPublicAccessBlock",
     &get_bucket_configuration},
    {"PUT", kBucket, "publicAccessBlock", "", "PutBucketPublicAccessBlock",
     &put_bucket_configuration},
    {"DELETE", kBucket, "publicAccessBlock", "", "DeleteBucketPublicAccessBlock",
     &delete_bucket_configuration},
    {"GET", kBucket, "replication", "", "GetBucketReplication", &get_bucket_configuration},
    {"PUT", kBucket, "replication", "", "PutBucketReplication", &put_bucket_configuration},
    {"DELETE", kBucket, "replication", "", "DeleteBucketReplication", &delete_bucket_configuration},
    {"GET", kBucket, "requestPayment", "", "GetBucketRequestPayment", &get_bucket_configuration},
    {"PUT", kBucket, "requestPayment", "", "PutBucketRequestPayment", &put_bucket_configuration},
    {"GET", kBucket, "website", "", "GetBucketWebsite", &get_bucket_configuration},
    {"PUT", kBucket, "website", "", "PutBucketWebsite", &put_bucket_configuration},
    {"DELETE", kBucket, "website", "", "DeleteBucketWebsite", &delete_bucket_configuration},

    {"GET", kBucket, "list-type=2", "", "ListObjects", &list_objects_v2},
    {"GET", kBucket, "", "", "ListObjects", &list_objects_v1},
    {"HEAD", kBucket, "", "", "HeadBucket", &head_bucket},
    {"PUT", kBucket, "", "", "CreateBucket", &create_bucket},
    {"DELETE", kBucket, "", "", "DeleteBucket", &delete_bucket},
    {"POST", kBucket, "", "", "PostObject", &not_offered},
    {"OPTIONS", kBucket, "", "", "PreflightRequest", &answer_preflight},

    {"GET", kObject, "uploadId", "", "ListParts", &list_parts},
    {"PUT", kObject, "uploadId", kCopySource, "UploadPartCopy", &upload_part_copy},
    {"PUT", kObject, "uploadId", "", "UploadPart", &upload_part},
    {"POST", kObject, "uploadId", "", "CompleteMultipartUpload", &complete_multipart_upload},
    {"DELETE", kObject, "uploadId", "", "AbortMultipartUpload", &abort_multipart_upload},
    {"POST", kObject, "uploads", "", "CreateMultipartUpload", &create_multipart_upload},
    {"GET", kObject, "tagging", "", "GetObjectTagging", &get_object_tagging},
    {"PUT", kObject, "tagging", "", "PutObjectTagging", &put_object_tagging},
    {"DELETE", kObject, "tagging", "", "DeleteObjectTagging", &delete_object_tagging},
    {"GET", kObject, "acl", "", "GetObjectAcl", &get_object_acl},
    {"PUT", kObject, "acl", "", "PutObjectAcl", &put_object_acl},
    {"GET", kObject, "attributes", "", "GetObjectAttributes", &get_object_attributes},
    {"GET", kObject, "torrent", "", "GetObjectTorrent", &not_offered},
    {"GET", kObject, "retention", "", "GetObjectRetention", &not_offered},
    {"PUT", kObject, "retention", "", "PutObjectRetention", &not_offered},
    {"GET", kObject, "legal-hold", "", "GetObjectLegalHold", &not_offered},
    {"PUT", kObject, "legal-hold", "", "PutObjectLegalHold", &not_offered},
    {"POST", kObject, "restore", "", "RestoreObject", &not_offered},
    {"POST", kObject, "select", "", "SelectObjectContent", &not_offered},
    {"PUT", kObject, "renameObject", "", "RenameObject", &not_offered},
    {"GET", kObject, "", "", "GetObject", &get_object},
    {"HEAD", kObject, "", "", "HeadObject", &get_object},
    {"PUT", kObject, "", kCopySource, "CopyObject", &copy_object},
    {"PUT", kObject, "", "", "PutObject", &put_object},
    {"DELETE", kObject, "", "", "DeleteObject", &delete_object},
    {"POST", kObject, "", "", "PostObject", &not_offered},
    {"OPTIONS", kObject, "", "", "PreflightRequest", &answer_preflight},
};

// Parameters that say more of an operation and choose none.
constexpr std::string_view kOptions[] = {
    "bucket-region",
    "continuation-token",
    "delimiter",
    "encoding-type",
    "fetch-owner",
    "key-marker",
    "list-type",
    "marker",
    "max-buckets",
    "max-keys",
    "max-parts",
    "max-uploads",
    "part-number-marker",
    "partNumber",
    "prefix",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "select-type",
    "start-after",
    "upload-id-marker",
    "version-id-marker",
    "versionId",
};

// Sub-resources of S3 that are in no row.
constexpr std::string_view kUnknown[] = {
    "abac",
    "analytics",
    "intelligent-tiering",
    "inventory",
    "metadataConfiguration",
    "metadataInventoryTable",
    "metadataJournalTable",
    "metadataTable",
    "metrics",
    "object-lock-configuration",
    "session",
};

template <std::size_t N>
bool lists(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

bool selects(std::string_view parameter) {
  return !parameter.empty() &&
         std::any_of(std::begin(kRoutes), std::end(kRoutes),
                     [&](const S3Route& row) { return row.parameter == parameter; });
}

bool has_parameter(const codec::Form& query, std::string_view parameter) {
  const auto equals = parameter.find('=');
  if (equals == std::string_view::npos) return query.contains(parameter);
  return query.get(parameter.substr(0, equals)) == parameter.substr(equals + 1);
}

// Two sub-resources, or one that is not known. Like S3, a read passes over what it does not know,
// save names of sub-resources; everything else would do something that was not asked for.
Outcome<Done> check_parameters(const S3Request& request) {
  const bool reads = request.http->method == "GET" || request.http->method == "HEAD";
  std::string_view chosen;
  for (const auto& [name, value] : request.query.fields()) {
    if (selects(name)) {
      if (!chosen.empty() && chosen != name)
        return s3_invalid_argument(
            fmt::format("Conflicting query string parameters: {}, {}", chosen, name),
            "ResourceType", name);
      chosen = name;
      continue;
    }
    if (http::to_lower(name).starts_with("x-") || lists(kOptions, name)) continue;
    if (!reads || value.empty() || lists(kUnknown, name))
      return s3_not_implemented(fmt::format("The parameter {}", name.substr(0, 64)));
  }
  return done();
}

}  // namespace

std::span<const S3Route> s3_routes() {
  return kRoutes;
}

Outcome<const S3Route*> find_s3_route(const S3Request& request) {
  TRY(check_parameters(request));
  const S3Scope scope = request.bucket.empty() ? kService : request.key.empty() ? kBucket : kObject;
  bool selected = false;
  for (const auto& [name, value] : request.query.fields()) selected |= selects(name);
  for (const S3Route& row : kRoutes) {
    if (row.method != request.http->method || row.scope != scope) continue;
    if (!row.parameter.empty() && !has_parameter(request.query, row.parameter)) continue;
    if (!row.header.empty() && !request.headers.contains(row.header)) continue;
    // A sub-resource that is known, but not to this method.
    if (selected && row.parameter.empty()) continue;
    return &row;
  }
  return s3_fault("MethodNotAllowed", "");
}

}  // namespace sallyport::api
