#include "sftp/session_clock.h"

#include <algorithm>
#include <utility>

namespace sallyport::sftp {

void SessionClock::received(SteadyTime now, bool stuck) {
  if (!stuck) alive(now);
}

SessionClock::Look SessionClock::look(SteadyTime now) {
  const SteadyTime idle_at = last_request_ + idle_, dead_at = last_life_ + dead_;
  const SteadyTime ask_at = last_life_ + dead_ / 2;
  if (now >= idle_at) return {"Idle timeout", false, now};
  if (now >= dead_at) return {"The client does not respond", false, now};
  const bool ask = now >= ask_at && !std::exchange(asked_, true);
  return {"", ask, std::min(idle_at, asked_ ? dead_at : ask_at)};
}

}  // namespace sallyport::sftp
