#include "api/s3/bucket_settings.h"

#include "state/repository.h"

namespace sallyport::api {

namespace {

using Settings = state::Repository<model::BucketSettings>;

constexpr int kAttempts = 8;

void apply(BucketSettingsChange change, model::BucketSettings& to) {
  if (change.policy) to.policy = std::move(*change.policy);
  if (change.tags) to.tags = std::move(*change.tags);
}

// One attempt; kConflict, kAlreadyExists and kNotFound mean that somebody was faster.
Task<Result<void>> try_change(Settings& settings, std::string bucket, BucketSettingsChange change) {
  auto stored = co_await settings.get("", bucket);
  if (!stored.ok() && stored.error().code != Errc::kNotFound) co_return std::move(stored).error();
  model::BucketSettings value;
  if (stored.ok()) value = stored->value;
  value.bucket = bucket;
  apply(std::move(change), value);
  if (value.policy.empty() && value.tags.empty()) {
    if (!stored.ok()) co_return ok();
    co_return co_await settings.remove("", std::move(bucket));
  }
  if (!stored.ok()) {
    CO_TRY(co_await settings.insert(std::move(value)));
  } else {
    CO_TRY(co_await settings.update(std::move(value), stored->version));
  }
  co_return ok();
}

}  // namespace

Task<Outcome<model::BucketSettings>> read_bucket_settings(const S3Call& call) {
  Settings settings(call.context.resources);
  auto stored = co_await settings.get("", call.request.bucket);
  if (stored.ok()) co_return std::move(stored->value);
  if (stored.error().code != Errc::kNotFound) co_return std::move(stored).error();
  model::BucketSettings none;
  none.bucket = call.request.bucket;
  co_return none;
}

Task<Outcome<Done>> change_bucket_settings(const S3Call& call, BucketSettingsChange change) {
  Settings settings(call.context.resources);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto changed = co_await try_change(settings, call.request.bucket, change);
    if (changed.ok()) co_return done();
    const Errc code = changed.error().code;
    if (code != Errc::kConflict && code != Errc::kAlreadyExists && code != Errc::kNotFound)
      co_return changed.error();
  }
  co_return Fault(Errc::kConflict,
                  "A conflicting conditional operation is currently in progress against this "
                  "resource. Please try again.",
                  "OperationAborted");
}

Task<Outcome<Done>> forget_bucket_settings(const S3Call& call, std::string bucket) {
  Settings settings(call.context.resources);
  auto removed = co_await settings.remove("", std::move(bucket));
  if (!removed.ok() && removed.error().code != Errc::kNotFound)
    co_return std::move(removed).error();
  co_return done();
}

}  // namespace sallyport::api
