#include "base/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace sallyport {
namespace {

// Starts a task at once and keeps its value; resumption is by hand.
struct Root {
  struct promise_type {
    Root get_return_object() { return {}; }
    std::suspend_never initial_suspend() { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    [[noreturn]] void unhandled_exception() { std::terminate(); }
  };
};

template <class T>
Root run(Task<T> task, std::optional<T>& out) {
  out.emplace(co_await std::move(task));
}

struct Gate {
  std::coroutine_handle<> waiter;
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> h) { waiter = h; }
  void await_resume() const {}
};

Task<int> leaf(int n) { co_return n; }

Task<int> sum(int n) {
  int total = 0;
  for (int i = 0; i < n; ++i) total += co_await leaf(1);
  co_return total;
}

Task<std::string> wait_at(Gate& gate, bool& started) {
  started = true;
  co_await gate;
  co_return "through";
}

TEST(Task, ReturnsWithoutUsingUpTheStack) {
  std::optional<int> out;
  run(sum(1'000'000), out);
  EXPECT_EQ(out, 1'000'000);
}

TEST(Task, StartsWhenAwaitedAndResumesWhereItSuspended) {
  Gate gate;
  bool started = false;
  std::optional<std::string> out;
  {
    Task<std::string> task = wait_at(gate, started);
    EXPECT_FALSE(started);
    run(std::move(task), out);
  }
  EXPECT_TRUE(started);
  EXPECT_FALSE(out);
  gate.waiter.resume();
  EXPECT_EQ(out, "through");
}

Task<int> holds(std::shared_ptr<int> held) { co_return *held; }

TEST(Task, FreesItsFrameWhenItIsNeverAwaited) {
  auto value = std::make_shared<int>(3);
  {
    const Task<int> task = holds(value);
    EXPECT_EQ(value.use_count(), 2);
  }
  EXPECT_EQ(value.use_count(), 1);
}

}  // namespace
}  // namespace sallyport
