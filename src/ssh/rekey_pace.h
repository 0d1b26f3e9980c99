// How long a connection's next key exchange may wait for, so that a client that asks for new keys
// again and again costs little and others are served.
//
// An exchange is paid for by what went through since the last one or by time; some are free. It is
// only made later, never refused. Thread-safety: none.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace sallyport::ssh {

class RekeyPace {
 public:
  static constexpr double kFree = 16;
  static constexpr double kPerSecond = 1;
  static constexpr std::uint64_t kBytes = std::uint64_t{256} << 10;

  explicit RekeyPace(SteadyTime now) : last_(now) {}

  // An exchange is asked for now, after `bytes` under the keys before it: what to wait until it is
  // computed.
  std::chrono::milliseconds next(SteadyTime now, std::uint64_t bytes) {
    const std::chrono::duration<double> passed = now - last_;
    last_ = now;
    credit_ += passed.count() * kPerSecond + static_cast<double>(bytes) / kBytes;
    credit_ = std::min(credit_, kFree) - 1;
    if (credit_ >= 0) return std::chrono::milliseconds(0);
    return std::chrono::milliseconds(static_cast<int>(-credit_ / kPerSecond * 1000));
  }

 private:
  double credit_ = kFree;
  SteadyTime last_;
};

}  // namespace sallyport::ssh
