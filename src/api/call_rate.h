// How often one caller may call the control plane: a token bucket an access key.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "base/clock.h"

namespace sallyport::api {

// Thread-safe; the clock outlives it.
class CallRate {
 public:
  // `per_second` calls are let through on average, `burst` (at least 1) at once after a pause. 0 a
  // second: there is no limit.
  CallRate(double per_second, double burst, const Clock& clock);

  // Counts the call and lets it through, or does neither.
  bool take(const std::string& access_key);

 private:
  struct Bucket {
    double left = 0;
    SteadyTime at{};
  };
  double left_at(const Bucket& bucket, SteadyTime now) const;
  void forget_full(SteadyTime now);

  const double per_second_, burst_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Bucket> buckets_;  // those that are not full, and some that are
};

}  // namespace sallyport::api
