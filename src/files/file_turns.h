// What the processes of one channel have done, so that one that is started after a death knows what
// the dead one began and answered. Lives in memory that they share; nobody else reads it.
#pragma once

#include <atomic>
#include <cstdint>

#include "files/file_messages.h"

namespace sallyport::files {

struct FileTurns {
  // Numbers of requests; 0: none yet. `begun` is set before anything is done, `answered` when the
  // reply was sent.
  std::atomic<std::uint32_t> begun{0}, answered{0};
};

enum class FileTurn {
  kDo,
  kAnswered,  // it came once more; nobody waits for another answer
  kLost,      // a process died in its middle, and doing it twice could do harm
};
inline FileTurn turn_of(const FileTurns& turns, const NumberedRequest& request) {
  if (request.number == turns.answered) return FileTurn::kAnswered;
  const bool again = request.number == turns.begun;
  return again && !is_harmless_twice(request.request) ? FileTurn::kLost : FileTurn::kDo;
}

}  // namespace sallyport::files
