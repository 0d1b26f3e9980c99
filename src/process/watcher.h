// What the helper processes of this program have in common: how they begin, and the watcher that
// starts one again when it has died. Inside src/process only.
#pragma once

#include <sys/types.h>

#include <functional>
#include <vector>

#include "base/bytes.h"

namespace sallyport::process {

inline constexpr int kCannotStart = 3;

// Only the standard streams and these stay open.
void close_all_but(std::vector<int> keep);
// Neither another process nor a core file gets at the memory, and it does not outlive its parent.
void begin_child(const char* name, pid_t parent);
void close_all(const std::vector<int>& fds);
// While the other end is there it waits for an answer: then the watcher has to start another.
[[noreturn]] void end_serving(bool orderly);

// One child for each socket.
struct WatchedChildren {
  std::vector<int> sockets;
  // What a child does; given its index and its parent. Never returns.
  std::function<void(std::size_t index, pid_t watcher)> serve;
  // Sent through the socket of one that died, before another is started.
  Bytes restarted;
  const char* what;  // "a signing process"
};
// Starts them, and each again when it was killed, until the last has ended by itself.
[[noreturn]] void watch_children(WatchedChildren children);

}  // namespace sallyport::process
