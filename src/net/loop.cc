#include "net/loop.h"

#include <pthread.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cassert>
#include <thread>

namespace sallyport::net {
namespace {

thread_local Loop* current_loop = nullptr;

// A coroutine that starts at once and frees itself at its end; the root of every task chain.
struct Detached {
  struct promise_type {
    Detached get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };
};

Detached run_root(Task<void> task, std::function<void()> done) {
  co_await std::move(task);
  if (done) done();
}

}  // namespace

Loop::Loop() : context_(std::make_unique<boost::asio::io_context>(1)) {}

Loop::~Loop() {
  while (posting_.load(std::memory_order_acquire) != 0) std::this_thread::yield();
}

void Loop::run() {
  Loop* const outer = std::exchange(current_loop, this);
  auto guard = boost::asio::make_work_guard(*context_);
  context_->run();
  context_->restart();
  current_loop = outer;
}

void Loop::stop() { context_->stop(); }

void Loop::post(std::coroutine_handle<> handle) {
  posting_.fetch_add(1, std::memory_order_relaxed);
  boost::asio::post(*context_, [handle] { handle.resume(); });
  posting_.fetch_sub(1, std::memory_order_release);
}

void Loop::post(std::function<void()> function) {
  posting_.fetch_add(1, std::memory_order_relaxed);
  boost::asio::post(*context_, std::move(function));
  posting_.fetch_sub(1, std::memory_order_release);
}

Loop* Loop::current() { return current_loop; }

struct LoopGroup::Impl {
  std::vector<std::unique_ptr<Loop>> loops;
  std::vector<std::thread> threads;
  std::atomic<std::size_t> turn{0};
};

LoopGroup::LoopGroup(unsigned count) : impl_(std::make_unique<Impl>()) {
  if (count == 0) count = std::max(1u, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < count; ++i) impl_->loops.push_back(std::make_unique<Loop>());
}

LoopGroup::~LoopGroup() { stop(); }

void LoopGroup::start() {
  for (std::size_t i = 0; i < impl_->loops.size(); ++i) {
    Loop& loop = *impl_->loops[i];
    impl_->threads.emplace_back([&loop] {
      pthread_setname_np(pthread_self(), "loop");
      loop.run();
    });
  }
}

void LoopGroup::stop() {
  for (auto& loop : impl_->loops) loop->stop();
  for (auto& thread : impl_->threads) thread.join();
  impl_->threads.clear();
}

std::size_t LoopGroup::size() const { return impl_->loops.size(); }
Loop& LoopGroup::at(std::size_t i) { return *impl_->loops.at(i); }
Loop& LoopGroup::next() { return *impl_->loops[impl_->turn++ % impl_->loops.size()]; }

namespace {

struct SleepAwaiter {
  boost::asio::steady_timer timer;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> h) {
    timer.async_wait([h](const boost::system::error_code&) { h.resume(); });
  }
  void await_resume() const noexcept {}
};

}  // namespace

Task<void> sleep_for(std::chrono::milliseconds duration) {
  co_await SleepAwaiter{boost::asio::steady_timer(Loop::current()->native(), duration)};
}

struct CancellableSleep::Impl {
  std::optional<SleepAwaiter> sleep;
  bool cancelled = false;
};

CancellableSleep::CancellableSleep() : impl_(std::make_unique<Impl>()) {}
CancellableSleep::~CancellableSleep() = default;

Task<void> CancellableSleep::wait(std::chrono::milliseconds duration) {
  if (impl_->cancelled) co_return;
  SleepAwaiter& sleep =
      impl_->sleep.emplace(
      SleepAwaiter{boost::asio::steady_timer(Loop::current()->native(), duration)});
  co_await sleep;
  impl_->sleep.reset();
}

void CancellableSleep::cancel() {
  impl_->cancelled = true;
  if (impl_->sleep) impl_->sleep->timer.cancel();
}

TaskScope::~TaskScope() { assert(children_ == 0); }

void TaskScope::spawn(Task<void> task) {
  ++children_;
  run_root(std::move(task), [this] { child_ended(); });
}

void TaskScope::child_ended() {
  if (--children_ != 0 || !joiner_) return;
  // The child's frame is still unwinding: the joiner resumes from the loop.
  Loop::current()->post(std::exchange(joiner_, {}));
}

void start_on(Loop& loop, Task<void> task, std::function<void()> done) {
  auto shared = std::make_shared<Task<void>>(std::move(task));
  loop.post(std::function<void()>([shared, done = std::move(done)]() mutable {
    run_root(std::move(*shared), std::move(done));
  }));
}

namespace detail {

void run_until_done(Task<void> task) {
  Loop loop;
  start_on(loop, std::move(task), [&loop] { loop.stop(); });
  loop.run();
}

}  // namespace detail

}  // namespace sallyport::net
