// Time as an injected interface, so that tests own it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace sallyport {

using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall() const = 0;
  virtual SteadyTime steady() const = 0;
};

class SystemClock final : public Clock {
 public:
  WallTime wall() const override;
  SteadyTime steady() const override;
};

// Stands still until told to move. Thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(WallTime start = WallTime{}) : wall_ms_(start.time_since_epoch().count()) {}
  WallTime wall() const override { return WallTime(std::chrono::milliseconds(wall_ms_.load())); }
  SteadyTime steady() const override {
    return SteadyTime(std::chrono::milliseconds(steady_ms_.load()));
  }
  void advance(std::chrono::milliseconds by) {
    wall_ms_ += by.count();
    steady_ms_ += by.count();
  }
  void set_wall(WallTime t) { wall_ms_ = t.time_since_epoch().count(); }

 private:
  std::atomic<std::int64_t> wall_ms_;
  std::atomic<std::int64_t> steady_ms_{0};
};

inline std::int64_t to_unix_ms(WallTime t) { return t.time_since_epoch().count(); }
inline WallTime from_unix_ms(std::int64_t ms) { return WallTime(std::chrono::milliseconds(ms)); }

// "2026-01-02T03:04:05.678Z"
std::string to_iso8601_ms(WallTime t);
// "20260102T030405Z", the basic form that SigV4 uses.
std::string to_iso8601_basic(WallTime t);
// "Fri, 02 Jan 2026 03:04:05 GMT" (RFC 9110 section 5.6.7).
std::string to_http_date(WallTime t);

}  // namespace sallyport
