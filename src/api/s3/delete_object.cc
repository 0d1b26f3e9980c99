#include "api/s3/access.h"
#include "api/s3/object_headers.h"
#include "api/s3/operations.h"

namespace sallyport::api {

S3Answer delete_object(const S3Call& call) {
  for (const std::string_view name :
       {"If-Match", "x-amz-if-match-last-modified-time", "x-amz-if-match-size"})
    if (call.headers().contains(name))
      co_return s3_not_implemented(std::string(name) + " on DELETE");
  if (call.headers().contains("x-amz-mfa")) co_return s3_not_implemented("MFA delete");
  CO_TRY_ASSIGN(const auto version, read_version_id(call.query()));
  const auto action =
      version.empty() ? iam::Action::kDeleteObject : iam::Action::kDeleteObjectVersion;
  CO_TRY_ASSIGN(auto permit, co_await s3_permit(call, action, call.request.key));
  storage::VersionRef object{call.request.bucket, call.request.key, version};
  CO_TRY_ASSIGN(const auto removal,
                co_await call.objects().remove_version(permit, std::move(object)));
  http::HttpResponse response;
  response.status = 204;
  if (removal.delete_marker) response.headers.add("x-amz-delete-marker", "true");
  add_version_header(response.headers, removal.version_id);
  co_return response;
}

}  // namespace sallyport::api
