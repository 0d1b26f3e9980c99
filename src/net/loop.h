// Event loops. One thread runs one Loop; a session lives on one Loop from birth to end.
// Asio is behind this folder's sources only.
#pragma once

#include <atomic>
#include <chrono>
#include <coroutine>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/task.h"

namespace boost::asio {
class io_context;
}

namespace sallyport::net {

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs until stop(). Call from the one thread that owns the loop.
  void run();
  // Makes run() return soon. Thread-safe.
  void stop();

  // Resumes a suspended coroutine, or calls a function, on this loop. Thread-safe.
  void post(std::coroutine_handle<> handle);
  void post(std::function<void()> function);

  // The loop that the calling thread is running, or null.
  static Loop* current();

  boost::asio::io_context& native() { return *context_; }

 private:
  std::unique_ptr<boost::asio::io_context> context_;
  // Other threads inside post(): what they woke may end the loop before they have left it.
  std::atomic<int> posting_{0};
};

// A fixed set of loops with a thread each. start() and stop() from one thread.
class LoopGroup {
 public:
  // count 0: one a core.
  explicit LoopGroup(unsigned count);
  ~LoopGroup();
  void start();
  // Stops the loops and joins the threads. What still waits on them is never resumed.
  void stop();

  std::size_t size() const;
  Loop& at(std::size_t i);
  // Round robin. Thread-safe.
  Loop& next();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Suspends the caller for a time on the loop it runs on. REQUIRES: Loop::current() != null.
Task<void> sleep_for(std::chrono::milliseconds duration);

// A sleep that somebody else on the same loop can cut short. Not thread-safe.
class CancellableSleep {
 public:
  CancellableSleep();
  // REQUIRES: nobody waits.
  ~CancellableSleep();
  // As sleep_for(); at most one waiter. Returns at once after cancel().
  Task<void> wait(std::chrono::milliseconds duration);
  // Wakes the waiter, from the loop, and those to come.
  void cancel();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Moves the caller to `loop`.
inline auto switch_to(Loop& loop) {
  struct Awaiter {
    Loop& loop;
    bool await_ready() const noexcept { return Loop::current() == &loop; }
    void await_suspend(std::coroutine_handle<> h) const { loop.post(h); }
    void await_resume() const noexcept {}
  };
  return Awaiter{loop};
}

// Owns the tasks it was given and can be waited for: it ends when its last child has ended.
// All calls on one loop. The destructor REQUIRES that no child is left (join() first).
class TaskScope {
 public:
  TaskScope() = default;
  ~TaskScope();
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;

  // Starts the task at once on the calling loop, and keeps it until its end.
  void spawn(Task<void> task);
  std::size_t children() const { return children_; }

  // Resumes when no child is left. At most one waiter.
  auto join() {
    struct Awaiter {
      TaskScope& scope;
      bool await_ready() const noexcept { return scope.children_ == 0; }
      void await_suspend(std::coroutine_handle<> h) const { scope.joiner_ = h; }
      void await_resume() const noexcept {}
    };
    return Awaiter{*this};
  }

 private:
  void child_ended();
  std::size_t children_ = 0;
  std::coroutine_handle<> joiner_;
};

// Starts a task on `loop` from any thread; `done` is called on that loop at its end.
void start_on(Loop& loop, Task<void> task, std::function<void()> done = {});

namespace detail {
void run_until_done(Task<void> task);

template <class T>
Task<void> store_result(Task<T> task, std::optional<T>& out) {
  out.emplace(co_await std::move(task));
}
}  // namespace detail

// Runs a task to its end on a private loop in the calling thread. For tests and command-line tools.
template <class T>
T sync_wait(Task<T> task) {
  if constexpr (std::is_void_v<T>) {
    detail::run_until_done(std::move(task));
  } else {
    std::optional<T> out;
    detail::run_until_done(detail::store_result(std::move(task), out));
    return std::move(*out);
  }
}

}  // namespace sallyport::net
