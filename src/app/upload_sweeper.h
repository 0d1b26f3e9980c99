// Aborts what uploads have left at one store, while the program runs: what an earlier run of it
// left, and what could not be aborted at once.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "base/task.h"
#include "net/loop.h"
#include "s3/object_store.h"

namespace sallyport::app {

// Logs what was aborted, what is given up, and how many are still there when that has changed.
class UploadSweeper {
 public:
  using Sweep = std::function<Task<s3::Swept>(s3::RemoteObjectStore::GoOn)>;
  struct Pauses {
    std::chrono::milliseconds interval;        // at most from one sweep to the next
    std::chrono::milliseconds shortest{5000};  // at least, whatever wakes it; see pause_after()
  };

  // `loop` outlives it, and does not run any more at its end.
  UploadSweeper(std::string store, Sweep sweep, Pauses pauses, net::Loop& loop);

  // Sweeps at once, then again and again until stop(). Once, on the loop.
  Task<void> run();
  // The next sweep is due: the store answers again. Thread-safe.
  void wake();
  // Ends run(), at the latest after the abort under way. Thread-safe.
  void stop();

  // The least time from a sweep to the next when it was `last` before it. It doubles up to the
  // interval while sweeps for which the store had woken it fail all the same: what fails may be
  // what makes it look like a store that was away and answers again.
  static std::chrono::milliseconds pause_after(const Pauses& pauses, std::chrono::milliseconds last,
                                               bool woken, bool failed);

 private:
  Task<void> rest(std::chrono::milliseconds time, bool wakes);
  void report(const s3::Swept& swept);

  const std::string store_;
  const Sweep sweep_;
  const Pauses pauses_;
  net::Loop& loop_;
  // On the loop only.
  bool woken_ = false, stopping_ = false;
  bool wakes_ = false;  // wake() ends the rest
  std::optional<net::CancellableSleep> sleep_;
  std::size_t told_left_ = 0;
};

}  // namespace sallyport::app
