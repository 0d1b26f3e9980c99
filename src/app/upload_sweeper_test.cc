#include "app/upload_sweeper.h"

#include <gtest/gtest.h>

#include <vector>

namespace sallyport::app {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

// Goes on when the loop has done what was posted to it before.
struct AfterWhatWasPosted {
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> h) const { net::Loop::current()->post(h); }
  void await_resume() const {}
};

// Its sweeps are counted, and each may do something.
struct Swept {
  explicit Swept(UploadSweeper::Pauses pauses)
      : sweeper(
            "s", [this](auto go_on) { return sweep(go_on); }, pauses, *net::Loop::current()) {}
  Task<s3::Swept> sweep(s3::RemoteObjectStore::GoOn go_on) {
    ++sweeps;
    if (during) during();
    co_await AfterWhatWasPosted{};
    goes_on.push_back(go_on());
    co_return s3::Swept{};
  }
  int sweeps = 0;
  std::vector<bool> goes_on;  // what each was told
  std::function<void()> during;
  UploadSweeper sweeper;
};

Task<void> sweep_again_and_again() {
  Swept s({milliseconds(1), milliseconds(0)});
  s.during = [&s] {
    if (s.sweeps == 3) s.sweeper.stop();
  };
  co_await s.sweeper.run();
  EXPECT_EQ(s.sweeps, 3);
}

TEST(UploadSweeperTest, sweeps_at_once_and_after_each_interval_until_it_is_stopped) {
  net::sync_wait(sweep_again_and_again());
}

Task<void> wake_and_stop() {
  Swept s({hours(1), milliseconds(0)});
  net::TaskScope scope;
  scope.spawn(s.sweeper.run());
  EXPECT_EQ(s.sweeps, 1);
  s.during = [&s] { s.sweeper.stop(); };
  s.sweeper.wake();
  co_await scope.join();
  EXPECT_EQ(s.sweeps, 2);
}

TEST(UploadSweeperTest, a_store_that_answers_again_is_swept_without_waiting_for_the_interval) {
  net::sync_wait(wake_and_stop());
}

Task<void> wake_while_sweeping() {
  Swept s({hours(1), milliseconds(0)});
  s.during = [&s] { s.sweeps == 1 ? s.sweeper.wake() : s.sweeper.stop(); };
  co_await s.sweeper.run();
  EXPECT_EQ(s.sweeps, 2);
}

TEST(UploadSweeperTest, a_store_that_answers_again_during_a_sweep_is_swept_once_more) {
  net::sync_wait(wake_while_sweeping());
}

Task<void> stop_at_rest() {
  Swept s({hours(2), hours(1)});
  net::TaskScope scope;
  scope.spawn(s.sweeper.run());
  s.sweeper.wake();  // comes too soon
  s.sweeper.stop();
  co_await scope.join();
  EXPECT_EQ(s.sweeps, 1);
}

Task<void> stop_while_sweeping() {
  Swept s({milliseconds(1), milliseconds(0)});
  s.during = [&s] {
    if (s.sweeps == 2) s.sweeper.stop();
  };
  co_await s.sweeper.run();
  EXPECT_EQ(s.goes_on, (std::vector<bool>{true, false}));
}

TEST(UploadSweeperTest, a_sweep_under_way_is_told_to_end) {
  net::sync_wait(stop_while_sweeping());
}

TEST(UploadSweeperTest, is_woken_ever_later_while_what_wakes_it_does_not_help) {
  const UploadSweeper::Pauses pauses{milliseconds(12), milliseconds(5)};
  const auto after = [&pauses](int last, bool woken, bool failed) {
    return UploadSweeper::pause_after(pauses, milliseconds(last), woken, failed).count();
  };
  EXPECT_EQ(after(0, false, false), 5);
  EXPECT_EQ(after(5, true, true), 10);
  EXPECT_EQ(after(10, true, true), 12);
  EXPECT_EQ(after(12, true, true), 12);
  // A store that stays away has woken nobody: when it answers, that is to be heard soon.
  EXPECT_EQ(after(5, false, true), 5);
  EXPECT_EQ(after(12, false, true), 12);
  EXPECT_EQ(after(12, true, false), 5);
  EXPECT_EQ(
      UploadSweeper::pause_after({milliseconds(3), milliseconds(5)}, {}, false, false).count(), 3);
}

TEST(UploadSweeperTest, ends_while_it_rests) {
  net::sync_wait(stop_at_rest());
}

}  // namespace
}  // namespace sallyport::app
