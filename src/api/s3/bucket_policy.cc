// Bucket policies: kept as they were given, once they can be read and speak of this bucket alone.
#include "api/s3/access.h"
#include "api/s3/bucket_settings.h"
#include "api/s3/operations.h"
#include "api/s3/xml_body.h"
#include "iam/policy.h"

namespace sallyport::api {

namespace {

Fault malformed_policy(std::string message) {
  return s3_fault("MalformedPolicy", std::move(message));
}

bool is_of_bucket(std::string_view resource, const std::string& bucket) {
  const std::string arn = "arn:aws:s3:::" + bucket;
  return resource == arn || (resource.starts_with(arn) && resource[arn.size()] == '/');
}

bool is_s3_action(std::string_view action) {
  return action == "*" || iam::ascii_lower(action).starts_with("s3:");
}

Outcome<Done> check_policy(std::string_view text, const std::string& bucket) {
  const auto policy = iam::PolicyDocument::parse(text, iam::PolicyKind::kBucket);
  if (!policy.ok()) return malformed_policy(policy.error().message);
  for (const iam::Statement& statement : (*policy)->statements()) {
    for (const iam::Pattern& action : statement.actions)
      if (!is_s3_action(action.text()))
        return malformed_policy("Policy has invalid action: " + action.text());
    for (const iam::Pattern& resource : statement.resources)
      if (!is_of_bucket(resource.text(), bucket))
        return malformed_policy("Policy has invalid resource: " + resource.text());
  }
  return done();
}

}  // namespace

S3Answer get_bucket_policy(const S3Call& call) {
  CO_TRY(co_await s3_bucket(call, iam::Action::kGetBucketPolicy));
  CO_TRY_ASSIGN(auto settings, co_await read_bucket_settings(call));
  if (settings.policy.empty()) co_return s3_fault("NoSuchBucketPolicy", "");
  http::HttpResponse response;
  response.headers.add("Content-Type", "application/json");
  response.body = std::move(settings.policy);
  co_return response;
}

S3Answer put_bucket_policy(const S3Call& call) {
  CO_TRY(co_await s3_bucket(call, iam::Action::kPutBucketPolicy));
  CO_TRY_ASSIGN(auto text, co_await read_small_body(call, iam::kMaxPolicyText));
  if (text.empty()) co_return s3_fault("MissingRequestBodyError", "");
  CO_TRY(check_policy(text, call.request.bucket));
  BucketSettingsChange change;
  change.policy = std::move(text);
  CO_TRY(co_await change_bucket_settings(call, std::move(change)));
  co_return s3_empty_response(204);
}

S3Answer delete_bucket_policy(const S3Call& call) {
  CO_TRY(co_await s3_bucket(call, iam::Action::kDeleteBucketPolicy));
  BucketSettingsChange change;
  change.policy.emplace();
  CO_TRY(co_await change_bucket_settings(call, std::move(change)));
  co_return s3_empty_response(204);
}

// Public: a statement allows everyone, and no condition holds it to somebody (Amazon S3 user guide,
// "The meaning of public"). Conditions are taken to do so.
S3Answer get_bucket_policy_status(const S3Call& call) {
  CO_TRY(co_await s3_bucket(call, iam::Action::kGetBucketPolicyStatus));
  CO_TRY_ASSIGN(const auto settings, co_await read_bucket_settings(call));
  if (settings.policy.empty()) co_return s3_fault("NoSuchBucketPolicy", "");
  const auto policy = iam::PolicyDocument::parse(settings.policy, iam::PolicyKind::kBucket);
  if (!policy.ok()) co_return policy.error();
  bool is_public = false;
  for (const iam::Statement& statement : (*policy)->statements())
    is_public |= statement.effect == iam::Effect::kAllow && statement.principals.everyone() &&
                 statement.conditions.empty();
  codec::XmlWriter xml;
  xml.open("PolicyStatus", kS3Xmlns).element_bool("IsPublic", is_public);
  co_return s3_xml_response(xml.take());
}

}  // namespace sallyport::api
