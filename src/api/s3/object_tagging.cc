#include "api/s3/tags.h"

#include "api/s3/access.h"
#include "api/s3/object_headers.h"
#include "api/s3/operations.h"
#include "api/s3/xml_body.h"

namespace sallyport::api {

namespace {

using iam::Action;

Task<Outcome<std::string>> set_tags(const S3Call& call, iam::Permit permit, std::string version,
                                    storage::Tags tags) {
  storage::VersionRef object{call.request.bucket, call.request.key, std::move(version)};
  CO_TRY_ASSIGN(auto meant,
                co_await call.objects().set_tags(permit, std::move(object), std::move(tags)));
  co_return std::move(meant);
}

}  // namespace

S3Answer get_object_tagging(const S3Call& call) {
  CO_TRY_ASSIGN(const auto version, read_version_id(call.query()));
  const auto action =
      version.empty() ? Action::kGetObjectTagging : Action::kGetObjectVersionTagging;
  CO_TRY_ASSIGN(auto permit, co_await s3_permit(call, action, call.request.key));
  storage::VersionRef object{call.request.bucket, call.request.key, version};
  CO_TRY_ASSIGN(const auto found, co_await call.objects().tags(permit, std::move(object)));
  auto response = s3_xml_response(tagging_xml(found.first));
  add_version_header(response.headers, found.second);
  co_return response;
}

S3Answer put_object_tagging(const S3Call& call) {
  CO_TRY_ASSIGN(const auto version, read_version_id(call.query()));
  CO_TRY_ASSIGN(const auto body, co_await read_small_body(call, kMaxConfigurationBody));
  if (body.empty()) co_return s3_fault("MissingRequestBodyError", "");
  CO_TRY_ASSIGN(auto tags, parse_tagging_xml(body, kMaxObjectTags));
  const auto action =
      version.empty() ? Action::kPutObjectTagging : Action::kPutObjectVersionTagging;
  auto tag_keys = request_tag_context(tags);
  CO_TRY_ASSIGN(auto permit, co_await s3_permit(call, action, call.request.key, tag_keys));
  CO_TRY_ASSIGN(const auto meant, co_await set_tags(call, permit, version, std::move(tags)));
  http::HttpResponse response;
  add_version_header(response.headers, meant);
  co_return response;
}

S3Answer delete_object_tagging(const S3Call& call) {
  CO_TRY_ASSIGN(const auto version, read_version_id(call.query()));
  const auto action =
      version.empty() ? Action::kDeleteObjectTagging : Action::kDeleteObjectVersionTagging;
  CO_TRY_ASSIGN(auto permit, co_await s3_permit(call, action, call.request.key));
  CO_TRY_ASSIGN(const auto meant, co_await set_tags(call, permit, version, {}));
  http::HttpResponse response;
  response.status = 204;
  add_version_header(response.headers, meant);
  co_return response;
}

}  // namespace sallyport::api
