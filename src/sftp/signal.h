// Wakes one waiting coroutine on its own loop. Nothing is remembered: look at the state, then wait,
// with no suspension in between; after waking look again. Not thread-safe.
#pragma once

#include <coroutine>
#include <utility>

#include "net/loop.h"

namespace sallyport::sftp {

class Signal {
 public:
  Signal() = default;
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  // Resumes who waits, within this call.
  void raise() {
    if (waiter_) std::exchange(waiter_, {}).resume();
  }
  // Resumes who waits from the loop, so that he may end what the caller still stands on.
  void raise_later() {
    if (waiter_) net::Loop::current()->post(std::exchange(waiter_, {}));
  }

  // At most one waiter.
  auto wait() {
    struct Awaiter {
      Signal& signal;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> h) const { signal.waiter_ = h; }
      void await_resume() const noexcept {}
    };
    return Awaiter{*this};
  }

 private:
  std::coroutine_handle<> waiter_;
};

}  // namespace sallyport::sftp
