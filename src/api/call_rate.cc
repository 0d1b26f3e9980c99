#include "api/call_rate.h"

#include <algorithm>

namespace sallyport::api {

namespace {

// With fewer buckets it is not worth looking for those that are full again.
constexpr std::size_t kManyBuckets = 1024;

}  // namespace

CallRate::CallRate(double per_second, double burst, const Clock& clock)
    : per_second_(per_second), burst_(std::max(burst, 1.0)), clock_(clock) {}

double CallRate::left_at(const Bucket& bucket, SteadyTime now) const {
  const std::chrono::duration<double> passed = now - bucket.at;
  return std::min(burst_, bucket.left + passed.count() * per_second_);
}

bool CallRate::take(const std::string& access_key) {
  if (per_second_ <= 0) return true;
  const SteadyTime now = clock_.steady();
  const std::lock_guard lock(mutex_);
  if (buckets_.size() >= kManyBuckets) forget_full(now);
  const auto [entry, is_new] = buckets_.try_emplace(access_key, Bucket{burst_, now});
  Bucket& bucket = entry->second;
  const double left = left_at(bucket, now);
  if (left < 1) return false;
  bucket = {left - 1, now};
  return true;
}

void CallRate::forget_full(SteadyTime now) {
  std::erase_if(buckets_, [&](const auto& entry) { return left_at(entry.second, now) >= burst_; });
}

}  // namespace sallyport::api
