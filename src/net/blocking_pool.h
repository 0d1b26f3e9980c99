// Threads for calls that block (disk, database, directory, heavy crypto): one pool a kind, so that
// a slow provider of one kind never delays another.
#pragma once

#include <chrono>
#include <coroutine>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "net/loop.h"

namespace sallyport::net {

// Thread-safe. The destructor finishes what was submitted and joins the threads.
class BlockingPool {
 public:
  // `name` shows in thread lists (15 characters at most are kept).
  BlockingPool(std::string name, unsigned threads);
  ~BlockingPool();

  // co_await pool.run(f): calls f() on a thread of the pool, resumes on the caller's loop with its
  // result. f must not throw. REQUIRES: Loop::current() != null.
  template <class F>
  auto run(F f) {
    return RunAwaiter<F>(*this, std::move(f));
  }

  // Fire-and-forget without a loop; `work` must not throw.
  void submit(std::function<void()> work);

  // What is queued or being done.
  std::size_t unfinished() const;
  // Blocks until that is nothing; false when `limit` has passed first.
  bool wait_idle(std::chrono::milliseconds limit);

 private:
  struct Work {
    virtual ~Work() = default;
    virtual void execute() = 0;
  };

  template <class F>
  struct RunAwaiter final : Work {
    using R = std::invoke_result_t<F>;
    RunAwaiter(BlockingPool& p, F fn) : pool(p), f(std::move(fn)) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> h) {
      handle = h;
      loop = Loop::current();
      pool.enqueue(*this);
    }
    void execute() override {
      if constexpr (std::is_void_v<R>) {
        f();
      } else {
        result.emplace(f());
      }
      // The frame that holds this object may be gone as soon as it is posted.
      loop->post(handle);
    }
    R await_resume() {
      if constexpr (!std::is_void_v<R>) return std::move(*result);
    }
    BlockingPool& pool;
    F f;
    std::coroutine_handle<> handle;
    Loop* loop = nullptr;
    std::optional<std::conditional_t<std::is_void_v<R>, int, R>> result;
  };

  void enqueue(Work& work);

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::net
