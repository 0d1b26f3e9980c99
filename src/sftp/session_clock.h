// When a session has been idle too long, or its client gone: pure arithmetic on times that it is
// told. Not thread-safe.
#pragma once

#include <chrono>
#include <string_view>

#include "base/clock.h"

namespace sallyport::sftp {

class SessionClock {
 public:
  // Ends a session that had no request for `idle`, and one that gave no sign of life for `dead`; it
  // is asked for one after half of that.
  SessionClock(std::chrono::milliseconds idle, std::chrono::milliseconds dead, SteadyTime now)
      : idle_(idle), dead_(dead), last_request_(now), last_life_(now) {}

  // A request came, or one that runs long is still at work.
  void request(SteadyTime now) { last_request_ = now; }
  // Bytes came. They say nothing while the client takes none of ours (`stuck`): who only talks
  // would otherwise hold what waits for him for ever.
  void received(SteadyTime now, bool stuck);
  // The client took bytes that it had left waiting.
  void taken(SteadyTime now) { alive(now); }

  struct Look {
    // Why the session is to end; empty: it goes on.
    std::string_view over;
    // Ask for a sign of life now.
    bool ask = false;
    SteadyTime again;
  };
  Look look(SteadyTime now);

 private:
  void alive(SteadyTime now) {
    last_life_ = now;
    asked_ = false;
  }

  std::chrono::milliseconds idle_, dead_;
  SteadyTime last_request_, last_life_;
  bool asked_ = false;
};

}  // namespace sallyport::sftp
