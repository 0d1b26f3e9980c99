#include "s3/renewed_keys.h"

#include <gtest/gtest.h>

#include <future>

namespace sallyport::s3 {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// Gives what the test says, and lets it hold a fetch up.
struct Origin {
  ManualClock clock{from_unix_ms(1'000'000'000'000)};
  std::mutex mutex;
  std::optional<Error> failure;
  std::optional<milliseconds> life = hours(1);
  std::optional<milliseconds> look_again;
  int fetches = 0;
  std::atomic<bool> held{false};

  void fail(std::optional<Error> error) {
    const std::lock_guard lock(mutex);
    failure = std::move(error);
  }
  int count() {
    const std::lock_guard lock(mutex);
    return fetches;
  }
};

class FromOrigin final : public KeyFetcher {
 public:
  explicit FromOrigin(Origin& origin) : origin_(origin) {}
  Task<Result<FetchedKeys>> fetch() override {
    {
      const std::lock_guard lock(origin_.mutex);
      ++origin_.fetches;
    }
    while (origin_.held) co_await net::sleep_for(milliseconds(1));
    const std::lock_guard lock(origin_.mutex);
    if (origin_.failure) co_return *origin_.failure;
    auto keys = std::make_shared<HeldKeys>();
    keys->keys.access_key = "AK" + std::to_string(origin_.fetches);
    if (origin_.life) keys->expires = origin_.clock.wall() + *origin_.life;
    co_return FetchedKeys{std::move(keys), origin_.look_again};
  }

 private:
  Origin& origin_;
};

class RenewedKeysTest : public testing::Test {
 protected:
  std::string get() {
    auto keys = net::sync_wait(kept_.get());
    return keys.ok() ? (*keys)->keys.access_key : keys.error().message;
  }
  Keys held() { return *net::sync_wait(kept_.get()); }

  Origin origin_;
  RenewedKeys kept_{std::make_unique<FromOrigin>(origin_), origin_.clock};
};

TEST_F(RenewedKeysTest, serve_until_five_minutes_before_they_expire) {
  EXPECT_EQ(get(), "AK1");
  origin_.clock.advance(minutes(55) - seconds(1));
  EXPECT_EQ(get(), "AK1");
  origin_.clock.advance(seconds(1));
  EXPECT_EQ(get(), "AK2");
  EXPECT_EQ(origin_.count(), 2);
}

TEST_F(RenewedKeysTest, of_a_short_life_serve_for_four_fifths_of_it) {
  origin_.life = minutes(15);
  EXPECT_EQ(get(), "AK1");
  origin_.clock.advance(minutes(12) - seconds(1));
  EXPECT_EQ(get(), "AK1");
  origin_.clock.advance(seconds(1));
  EXPECT_EQ(get(), "AK2");
}

TEST_F(RenewedKeysTest, that_never_expire_are_fetched_once) {
  origin_.life.reset();
  EXPECT_EQ(get(), "AK1");
  origin_.clock.advance(hours(10'000));
  EXPECT_EQ(get(), "AK1");
}

TEST_F(RenewedKeysTest, are_looked_at_again_when_the_place_wants_it) {
  origin_.life.reset();
  origin_.look_again = seconds(5);
  EXPECT_EQ(get(), "AK1");
  origin_.clock.advance(seconds(4));
  EXPECT_EQ(get(), "AK1");
  origin_.clock.advance(seconds(1));
  EXPECT_EQ(get(), "AK2");
}

TEST_F(RenewedKeysTest, old_ones_serve_while_renewing_fails_and_they_hold) {
  EXPECT_EQ(get(), "AK1");
  origin_.clock.advance(minutes(56));
  origin_.fail(Error(Errc::kUnavailable, "down"));
  EXPECT_EQ(get(), "AK1");
  EXPECT_EQ(get(), "AK1");
  EXPECT_EQ(origin_.count(), 2);  // not hammered
  origin_.clock.advance(minutes(4) - seconds(11));
  EXPECT_EQ(get(), "AK1");
  origin_.clock.advance(seconds(1));
  EXPECT_EQ(get(), "down");  // 10 s before the end they count no more
  origin_.fail(std::nullopt);
  EXPECT_EQ(get(), "down");
  origin_.clock.advance(seconds(10));
  EXPECT_EQ(get(), "AK4");
}

TEST_F(RenewedKeysTest, a_failing_place_is_asked_ever_more_rarely) {
  origin_.fail(Error(Errc::kUnavailable, "down"));
  const auto asked_after = [this](milliseconds time) {
    const int before = origin_.count();
    origin_.clock.advance(time);
    EXPECT_EQ(get(), "down");
    return origin_.count() - before;
  };
  EXPECT_EQ(asked_after(milliseconds(0)), 1);
  for (const int pause : {1000, 2000, 4000, 8000, 10000, 10000}) {
    EXPECT_EQ(asked_after(milliseconds(pause - 1)), 0) << pause;
    EXPECT_EQ(asked_after(milliseconds(1)), 1) << pause;
  }
}

TEST_F(RenewedKeysTest, a_refusal_counts_for_one_call_where_there_are_no_keys) {
  origin_.fail(Error(Errc::kPermissionDenied, "no trust"));
  for (int i = 1; i < 5; ++i) {
    EXPECT_EQ(get(), "no trust");
    EXPECT_EQ(origin_.count(), i);
  }
  origin_.fail(std::nullopt);
  EXPECT_EQ(get(), "AK5");
}

TEST_F(RenewedKeysTest, a_refused_renewal_is_asked_for_once_a_second_while_the_keys_hold) {
  EXPECT_EQ(get(), "AK1");
  origin_.fail(Error(Errc::kPermissionDenied, "no trust any more"));
  origin_.clock.advance(minutes(56));
  for (int i = 2; i < 5; ++i) {
    EXPECT_EQ(get(), "AK1");
    EXPECT_EQ(get(), "AK1");
    EXPECT_EQ(origin_.count(), i);
    origin_.clock.advance(seconds(1));
  }
}

TEST_F(RenewedKeysTest, that_expired_before_they_came_are_none) {
  for (const auto life : {seconds(-3600), seconds(0), seconds(10)}) {
    origin_.life = life;
    auto keys = net::sync_wait(kept_.get());
    ASSERT_FALSE(keys.ok());
    EXPECT_EQ(keys.error().code, Errc::kUnavailable);
    EXPECT_NE(keys.error().message.find("clock"), std::string::npos);
    origin_.clock.advance(minutes(1));
  }
}

TEST_F(RenewedKeysTest, refused_ones_are_replaced_unless_they_are_new) {
  const Keys first = held();
  kept_.refused(first);
  EXPECT_EQ(get(), "AK1");
  origin_.clock.advance(seconds(5));
  kept_.refused(first);
  EXPECT_EQ(get(), "AK2");
  origin_.clock.advance(seconds(5));
  kept_.refused(first);  // of keys that are gone already
  kept_.refused(nullptr);
  EXPECT_EQ(get(), "AK2");
}

TEST_F(RenewedKeysTest, refused_ones_do_not_come_back_when_there_are_no_others) {
  const Keys first = held();
  origin_.clock.advance(seconds(5));
  origin_.fail(Error(Errc::kPermissionDenied, "role gone"));
  kept_.refused(first);
  EXPECT_EQ(get(), "role gone");
}

Task<void> get_on(RenewedKeys& kept, net::Loop& loop, std::atomic<int>& same,
                  std::atomic<int>& ended, std::promise<void>& all, int of) {
  auto keys = co_await kept.get();
  if (keys.ok() && (*keys)->keys.access_key == "AK1" && net::Loop::current() == &loop) ++same;
  if (++ended == of) all.set_value();
}

TEST_F(RenewedKeysTest, many_on_several_loops_wait_for_one_and_resume_at_home) {
  constexpr int kMany = 400;
  origin_.held = true;
  net::LoopGroup loops(3);
  loops.start();
  std::atomic<int> same{0}, ended{0}, begun{0};
  std::promise<void> all;
  for (int i = 0; i < kMany; ++i) {
    net::Loop& loop = loops.at(static_cast<std::size_t>(i) % loops.size());
    net::start_on(loop, get_on(kept_, loop, same, ended, all, kMany));
    loop.post([&begun] { ++begun; });
  }
  while (begun < kMany) std::this_thread::yield();
  EXPECT_EQ(ended, 0);
  origin_.held = false;
  all.get_future().wait();
  EXPECT_EQ(same, kMany);
  EXPECT_EQ(origin_.count(), 1);
  loops.stop();
}

Task<void> get_text(RenewedKeys& kept, std::string& out) {
  auto keys = co_await kept.get();
  out = keys.ok() ? (*keys)->keys.access_key : keys.error().message;
}

Task<void> renew_meanwhile(RenewedKeys& kept, Origin& origin, std::string& renewing,
                           std::string& other) {
  net::TaskScope scope;
  scope.spawn(get_text(kept, renewing));
  scope.spawn(get_text(kept, other));
  EXPECT_EQ(other, "AK1");  // at once, though one waits
  EXPECT_EQ(renewing, "");
  origin.held = false;
  co_await scope.join();
}

TEST_F(RenewedKeysTest, only_who_renews_them_waits) {
  EXPECT_EQ(get(), "AK1");
  origin_.clock.advance(minutes(56));
  origin_.held = true;
  std::string renewing, other;
  net::sync_wait(renew_meanwhile(kept_, origin_, renewing, other));
  EXPECT_EQ(renewing, "AK2");
}

Task<void> cancel_first(RenewedKeys& kept, Origin& origin, std::string& first,
                        std::string& second) {
  net::TaskScope scope;
  scope.spawn(get_text(kept, first));
  scope.spawn(get_text(kept, second));
  origin.fail(Error(Errc::kCancelled, "stopped"));
  origin.held = false;
  while (first.empty()) co_await net::sleep_for(milliseconds(1));
  co_await scope.join();
}

TEST_F(RenewedKeysTest, who_was_stopped_does_not_stop_who_waited) {
  origin_.held = true;
  std::string first, second;
  net::sync_wait(cancel_first(kept_, origin_, first, second));
  EXPECT_EQ(first, "stopped");
  EXPECT_EQ(origin_.count(), 2);  // the second asked itself, and was stopped as well
  origin_.fail(std::nullopt);
  EXPECT_EQ(get(), "AK3");  // at once
}

}  // namespace
}  // namespace sallyport::s3
