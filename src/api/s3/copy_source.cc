#include "api/s3/copy_source.h"

#include <chrono>

#include "api/s3/access.h"
#include "api/s3/body.h"
#include "api/s3/conditions.h"

namespace sallyport::api {

namespace {

Outcome<std::optional<WallTime>> read_time(const http::Headers& headers, std::string_view name) {
  const auto text = headers.find(name);
  if (!text) return std::optional<WallTime>();
  const auto time = parse_http_date(*text);
  if (!time) return s3_invalid_argument("The date is not an HTTP date.", name, *text);
  return time;
}

}  // namespace

Task<Outcome<PermittedSource>> find_copy_source(const S3Call& call) {
  CO_TRY_ASSIGN(const auto source, parse_copy_source(call.headers().get("x-amz-copy-source")));
  const auto action =
      source.version.empty() ? iam::Action::kGetObject : iam::Action::kGetObjectVersion;
  iam::Context extra;
  if (!source.version.empty()) extra.push_back({"s3:VersionId", source.version});
  CO_TRY_ASSIGN(auto permit,
                co_await s3_permit_in(call, action, source.bucket, source.key, std::move(extra)));
  const storage::VersionRef object{source.bucket, source.key, source.version};
  auto found = co_await call.objects().head_version(permit, object);
  if (!found.ok()) {
    if (found.error().reason == "MethodNotAllowed")
      co_return s3_invalid_request(
          "The source of a copy request may not specifically refer to a delete marker by version "
          "id.");
    co_return co_await s3_missing_key(call, source.bucket, std::move(found).error());
  }
  co_return PermittedSource{object, std::move(*found), std::move(permit)};
}

Outcome<Done> read_source_conditions(const http::Headers& headers, storage::CopyOptions& options) {
  const auto match = headers.find("x-amz-copy-source-if-match");
  const auto none_match = headers.find("x-amz-copy-source-if-none-match");
  TRY_ASSIGN(const auto unmodified, read_time(headers, "x-amz-copy-source-if-unmodified-since"));
  TRY_ASSIGN(const auto modified, read_time(headers, "x-amz-copy-source-if-modified-since"));
  if (none_match && *none_match == "*")
    return s3_precondition_failed("x-amz-copy-source-If-None-Match");
  if (match && *match != "*") options.source_if_match = unquoted_etag(*match);
  if (none_match) options.source_if_none_match = unquoted_etag(*none_match);
  // An entity tag says more than a time, which then does not count.
  if (unmodified && !match) options.source_unmodified_since = *unmodified;
  if (modified && !none_match) options.source_modified_since = *modified;
  return done();
}

Outcome<Done> check_source_conditions(const storage::CopyOptions& options,
                                      const storage::ObjectInfo& source) {
  const auto modified = std::chrono::floor<std::chrono::seconds>(source.modified);
  if (!options.source_if_match.empty() && options.source_if_match != source.etag)
    return s3_precondition_failed("x-amz-copy-source-If-Match");
  if (!options.source_if_none_match.empty() && options.source_if_none_match == source.etag)
    return s3_precondition_failed("x-amz-copy-source-If-None-Match");
  if (modified <= options.source_modified_since)
    return s3_precondition_failed("x-amz-copy-source-If-Modified-Since");
  if (modified > options.source_unmodified_since)
    return s3_precondition_failed("x-amz-copy-source-If-Unmodified-Since");
  return done();
}

}  // namespace sallyport::api
