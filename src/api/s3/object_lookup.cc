#include "api/s3/object_lookup.h"

#include "api/s3/access.h"
#include "api/s3/object_headers.h"

namespace sallyport::api {

namespace {

iam::Action read_action(const std::string& version) {
  return version.empty() ? iam::Action::kGetObject : iam::Action::kGetObjectVersion;
}

// What S3 tells beside the error: that a delete marker is meant, or hides the key.
Task<Fault> explain(const S3Call& call, iam::Permit permit, std::string version, Fault fault) {
  http::Headers& headers = call.error_headers;
  if (!version.empty()) {
    if (fault.reason == "MethodNotAllowed") {
      headers.set("x-amz-delete-marker", "true");
      headers.set("x-amz-version-id", version);
      headers.set("Allow", "DELETE");
    }
    co_return fault;
  }
  if (fault.reason != "NoSuchKey") co_return fault;
  fault = co_await s3_missing_key(call, call.request.bucket, std::move(fault));
  if (fault.reason != "NoSuchKey") co_return fault;
  storage::ObjectRef object{call.request.bucket, call.request.key};
  auto marker = co_await call.objects().current_marker(permit, std::move(object));
  if (marker.ok() && !marker->empty()) {
    headers.set("x-amz-delete-marker", "true");
    headers.set("x-amz-version-id", *marker);
  }
  co_return fault;
}

}  // namespace

Task<Outcome<storage::ObjectInfo>> s3_head_object(const S3Call& call, std::string version) {
  CO_TRY_ASSIGN(auto permit, co_await s3_permit(call, read_action(version), call.request.key));
  storage::VersionRef object{call.request.bucket, call.request.key, version};
  auto found = co_await call.objects().head_version(permit, std::move(object));
  if (!found.ok())
    co_return co_await explain(call, permit, std::move(version), std::move(found).error());
  co_return std::move(found).value();
}

Task<Outcome<std::unique_ptr<storage::ObjectReader>>> s3_open_object(const S3Call& call,
                                                                     std::string version) {
  CO_TRY_ASSIGN(auto permit, co_await s3_permit(call, read_action(version), call.request.key));
  storage::VersionRef object{call.request.bucket, call.request.key, version};
  auto found = co_await call.objects().open_version(permit, std::move(object));
  if (!found.ok())
    co_return co_await explain(call, permit, std::move(version), std::move(found).error());
  co_return std::move(found).value();
}

}  // namespace sallyport::api
