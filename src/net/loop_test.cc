#include "net/loop.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "net/blocking_pool.h"

namespace sallyport::net {
namespace {

Task<int> add_on_pool(BlockingPool& pool, int a, int b) {
  const auto thread = co_await pool.run([] { return std::this_thread::get_id(); });
  EXPECT_NE(thread, std::this_thread::get_id());
  co_return co_await pool.run([a, b] { return a + b; });
}

TEST(BlockingPool, RunsElsewhereAndResumesOnTheCallersLoop) {
  BlockingPool pool("test", 2);
  const auto check = [](BlockingPool& p) -> Task<int> {
    Loop* const before = Loop::current();
    const int sum = co_await add_on_pool(p, 20, 22);
    EXPECT_EQ(Loop::current(), before);
    co_return sum;
  };
  EXPECT_EQ(sync_wait(check(pool)), 42);
}

TEST(BlockingPool, FinishesWhatWasSubmittedBeforeItEnds) {
  std::atomic<int> done{0};
  {
    BlockingPool pool("test", 1);
    for (int i = 0; i < 100; ++i) pool.submit([&done] { ++done; });
  }
  EXPECT_EQ(done, 100);
}

Task<void> count_after_sleep(int& counter) {
  co_await sleep_for(std::chrono::milliseconds(1));
  ++counter;
}

Task<void> sleep_and_count(CancellableSleep& sleep, std::chrono::milliseconds time, int& counter) {
  co_await sleep.wait(time);
  ++counter;
}

Task<int> cut_sleeps_short() {
  int counter = 0;
  CancellableSleep sleep;
  TaskScope scope;
  scope.spawn(sleep_and_count(sleep, std::chrono::milliseconds(1), counter));
  co_await scope.join();
  scope.spawn(sleep_and_count(sleep, std::chrono::hours(1), counter));
  EXPECT_EQ(counter, 1);
  sleep.cancel();
  EXPECT_EQ(counter, 1);
  co_await scope.join();
  co_await sleep.wait(std::chrono::hours(1));
  co_return counter;
}

TEST(CancellableSleep, EndsByItselfOrWhenItIsCutShortAndThenDoesNotSleepAgain) {
  EXPECT_EQ(sync_wait(cut_sleeps_short()), 2);
}

Task<int> spawn_many() {
  int counter = 0;
  TaskScope scope;
  for (int i = 0; i < 50; ++i) scope.spawn(count_after_sleep(counter));
  EXPECT_EQ(scope.children(), 50u);
  co_await scope.join();
  co_await scope.join();
  co_return counter;
}

TEST(TaskScope, EndsWhenItsLastChildHasEnded) { EXPECT_EQ(sync_wait(spawn_many()), 50); }

Task<void> hop(Loop& a, Loop& b, std::atomic<bool>& right) {
  co_await switch_to(b);
  right = Loop::current() == &b;
  co_await switch_to(a);
  right = right && Loop::current() == &a;
}

TEST(LoopGroup, MovesACoroutineBetweenLoops) {
  LoopGroup group(2);
  group.start();
  std::atomic<bool> right{false}, done{false};
  start_on(group.at(0), hop(group.at(0), group.at(1), right), [&done] {
    done = true;
    done.notify_all();
  });
  done.wait(false);
  group.stop();
  EXPECT_TRUE(right);
}

}  // namespace
}  // namespace sallyport::net
