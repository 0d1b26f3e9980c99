// Whether and when a request is tried again: full jitter over an exponential bound, as AWS's SDKs
// do it ("Exponential Backoff And Jitter"), with limits on attempts and time.
#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"
#include "base/random.h"
#include "http/headers.h"

namespace sallyport::http {

struct RetryOptions {
  int attempts = 4;                            // the first one included; at least 1
  std::chrono::milliseconds base_delay{100};   // bound of the first wait; it doubles each time
  std::chrono::milliseconds max_delay{5'000};  // bound of all waits, except as the server asks
  std::chrono::milliseconds total{60'000};     // no attempt begins later than this after the first
};

// Of one request; it begins with the first attempt. What is given outlives it.
class RetryPlan {
 public:
  RetryPlan(const RetryOptions& options, const Clock& clock, Random& random);

  // How long to wait before the next attempt, at least `asked`; nullopt when it was the last.
  std::optional<std::chrono::milliseconds> next(
      std::optional<std::chrono::milliseconds> asked = std::nullopt);

 private:
  const RetryOptions options_;
  const Clock& clock_;
  Random& random_;
  const SteadyTime begun_;
  int made_ = 1;
};

// 500, 502, 503 (S3's SlowDown), 504, and 429, which other stores say for SlowDown.
bool is_passing_status(int status);

// Retry-After (RFC 9110 section 10.2.3), in seconds or as a date; nullopt without one that can be
// read. Never negative.
std::optional<std::chrono::milliseconds> retry_after(const Headers& headers, WallTime now);

}  // namespace sallyport::http
