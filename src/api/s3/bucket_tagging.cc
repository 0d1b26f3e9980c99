#include "api/s3/access.h"
#include "api/s3/bucket_settings.h"
#include "api/s3/operations.h"
#include "api/s3/tags.h"
#include "api/s3/xml_body.h"

namespace sallyport::api {

S3Answer get_bucket_tagging(const S3Call& call) {
  CO_TRY(co_await s3_bucket(call, iam::Action::kGetBucketTagging));
  CO_TRY_ASSIGN(const auto settings, co_await read_bucket_settings(call));
  if (settings.tags.empty()) co_return s3_fault("NoSuchTagSet", "");
  storage::Tags tags;
  for (const auto& tag : settings.tags) tags[tag.key] = tag.value;
  co_return s3_xml_response(tagging_xml(tags));
}

S3Answer put_bucket_tagging(const S3Call& call) {
  CO_TRY(co_await s3_bucket(call, iam::Action::kPutBucketTagging));
  CO_TRY_ASSIGN(const auto body, co_await read_small_body(call, kMaxConfigurationBody));
  if (body.empty()) co_return s3_fault("MissingRequestBodyError", "");
  CO_TRY_ASSIGN(const auto tags, parse_tagging_xml(body, kMaxBucketTags));
  BucketSettingsChange change;
  change.tags.emplace();
  for (const auto& [key, value] : tags) change.tags->push_back({key, value});
  CO_TRY(co_await change_bucket_settings(call, std::move(change)));
  co_return s3_empty_response(204);
}

S3Answer delete_bucket_tagging(const S3Call& call) {
  CO_TRY(co_await s3_bucket(call, iam::Action::kPutBucketTagging));
  BucketSettingsChange change;
  change.tags.emplace();
  CO_TRY(co_await change_bucket_settings(call, std::move(change)));
  co_return s3_empty_response(204);
}

}  // namespace sallyport::api
