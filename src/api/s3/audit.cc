#include "api/s3/audit.h"

#include <nlohmann/json.hpp>

#include "codec/json.h"

namespace sallyport::api {

namespace {

constexpr std::size_t kMaxValue = 2048;

constexpr std::string_view kHeaders[] = {
    "x-amz-acl",           "x-amz-copy-source",       "x-amz-metadata-directive",
    "x-amz-storage-class", "x-amz-tagging-directive",
};

std::string resources_of(const S3Request& request, const model::Place& place) {
  if (request.bucket.empty()) return {};
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  const std::string bucket = "arn:aws:s3:::" + request.bucket;
  if (!request.key.empty())
    out.push_back({{"type", "AWS::S3::Object"}, {"ARN", bucket + "/" + request.key}});
  out.push_back({{"accountId", place.account}, {"type", "AWS::S3::Bucket"}, {"ARN", bucket}});
  return codec::write_json(out);
}

}  // namespace

void begin_s3_audit(AuditNote* note, const S3Request& request, const S3Route& route,
                    const model::Place& place) {
  if (note == nullptr) return;
  note->event_source = "s3.amazonaws.com";
  note->event_name = route.name;
  note->read_only = route.method == "GET" || route.method == "HEAD" || route.method == "OPTIONS";
  note->data_event = route.scope == S3Scope::kObject || route.name == "DeleteObjects";
  nlohmann::ordered_json parameters = nlohmann::ordered_json::object();
  if (!request.bucket.empty()) parameters["bucketName"] = request.bucket;
  if (!request.key.empty()) parameters["key"] = request.key;
  parameters["Host"] = request.headers.get("Host").substr(0, kMaxValue);
  // Presigned URLs have key, token and signature there.
  for (const auto& [name, value] : request.query.fields())
    if (!http::to_lower(name).starts_with("x-amz-"))
      parameters[name.substr(0, kMaxValue)] = value.substr(0, kMaxValue);
  for (const std::string_view name : kHeaders)
    if (const auto value = request.headers.find(name))
      parameters[std::string(name)] = value->substr(0, kMaxValue);
  note->request_parameters = codec::write_json(parameters);
  note->resources = resources_of(request, place);
}

void fail_s3_audit(AuditNote* note, const WireError& error) {
  if (note == nullptr) return;
  note->error_code = error.code;
  note->error_message = error.message;
}

}  // namespace sallyport::api
