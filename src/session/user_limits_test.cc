#include "session/user_limits.h"

#include <gtest/gtest.h>

namespace sallyport::session {
namespace {

using namespace std::chrono_literals;

struct UserLimitsTest : ::testing::Test {
  std::shared_ptr<UserAccount> account(const std::string& user = "ann",
                                       const std::string& server = "s-1") {
    return limits.account(server, user);
  }
  void allow(UserRules rules) { limits.apply({{"default", {rules, {}}}}); }

  ManualClock clock{from_unix_ms(1767323045000)};
  UserLimits limits{clock};
};

TEST_F(UserLimitsTest, AreNoneUntilTheyAreSaid) {
  UserSeat seats[100];
  for (UserSeat& seat : seats) EXPECT_TRUE(seat.admit().ok());
  UserSeat seat(account());
  EXPECT_TRUE(seat.admit().ok());
  EXPECT_TRUE(seat.take_upload_bytes(UINT64_MAX).ok());
  EXPECT_TRUE(seat.take_upload_file().ok());
  EXPECT_EQ(seat.pace(Flow::kIn, 1 << 30).count(), 0);
  EXPECT_EQ(seat.batch(Flow::kOut), 0u);
}

TEST_F(UserLimitsTest, RefuseTheSessionBeyondAndCountItsEnd) {
  allow({.max_sessions = 2});
  UserSeat first(account());
  auto second = std::make_unique<UserSeat>(account());
  UserSeat third(account());
  EXPECT_TRUE(first.admit().ok());
  EXPECT_TRUE(second->admit().ok());
  EXPECT_TRUE(second->admit().ok()) << "a session counts once";
  const auto refused = third.admit();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Errc::kLimitExceeded);
  EXPECT_EQ(refused.error().message, "Too many sessions: this user may have 2 at a time");
  UserSeat bob(account("bob")), elsewhere(account("ann", "s-2"));
  EXPECT_TRUE(bob.admit().ok());
  EXPECT_TRUE(elsewhere.admit().ok());
  second.reset();
  EXPECT_TRUE(third.admit().ok());
}

TEST_F(UserLimitsTest, PreferTheServersOverTheDefaultAndTheUsersOverTheServers) {
  limits.apply({{"default", {{.max_sessions = 1}, {}}},
                {"s-1", {{.max_sessions = 2}, {{"bob", {.max_sessions = 3}}}}}});
  const auto most = [&](const std::string& user, const std::string& server) {
    int n = 0;
    while (account(user, server)->enter().ok() && n < 10) ++n;
    return n;
  };
  EXPECT_EQ(most("ann", "s-1"), 2);
  EXPECT_EQ(most("bob", "s-1"), 3);
  EXPECT_EQ(most("bob", "s-2"), 1);
}

TEST_F(UserLimitsTest, CountUploadsPerDayOfUtc) {
  allow({.upload_bytes_per_day = 100, .upload_files_per_day = 1});
  const auto ann = account();
  EXPECT_TRUE(ann->take_upload_file().ok());
  EXPECT_EQ(ann->take_upload_file().error().message, "Daily upload limit reached: 1 files a day");
  EXPECT_TRUE(ann->take_upload_bytes(60).ok());
  EXPECT_FALSE(ann->take_upload_bytes(41).ok());
  EXPECT_FALSE(ann->take_upload_bytes(UINT64_MAX).ok());
  EXPECT_TRUE(ann->take_upload_bytes(40).ok());
  EXPECT_EQ(ann->take_upload_bytes(1).error().message,
            "Daily upload limit reached: 100 bytes a day");
  EXPECT_TRUE(account("bob")->take_upload_bytes(100).ok());
  clock.advance(24h);
  EXPECT_TRUE(ann->take_upload_file().ok());
  EXPECT_TRUE(ann->take_upload_bytes(100).ok());
}

TEST_F(UserLimitsTest, FollowNewRulesAndKeepWhatWasCounted) {
  allow({.upload_bytes_per_day = 100});
  const auto ann = account();
  EXPECT_TRUE(ann->take_upload_bytes(90).ok());
  allow({.upload_bytes_per_day = 80});
  EXPECT_FALSE(ann->take_upload_bytes(1).ok());
  allow({.upload_bytes_per_day = 95});
  EXPECT_TRUE(ann->take_upload_bytes(5).ok());
  limits.apply({});
  EXPECT_TRUE(ann->take_upload_bytes(1'000'000).ok());
}

TEST_F(UserLimitsTest, PaceAfterASecondsWorthAndForEachDirection) {
  allow({.bandwidth_in = 1000, .bandwidth_out = 500});
  const auto ann = account();
  EXPECT_EQ(ann->pace(Flow::kIn, 1000), 0ns) << "saved up";
  EXPECT_EQ(ann->pace(Flow::kIn, 500), 500ms);
  EXPECT_EQ(ann->pace(Flow::kIn, 500), 1s) << "another session of the same user waits its turn";
  EXPECT_EQ(ann->pace(Flow::kOut, 500), 0ns);
  EXPECT_EQ(account("bob")->pace(Flow::kIn, 1000), 0ns);
  clock.advance(1s);
  EXPECT_EQ(ann->pace(Flow::kIn, 0), 0ns);
  EXPECT_EQ(ann->pace(Flow::kIn, 100), 100ms);
  clock.advance(1h);
  EXPECT_EQ(ann->pace(Flow::kIn, 1100), 100ms) << "no more than a second's worth is saved up";
}

TEST_F(UserLimitsTest, PaceInBatchesThatTakeTurns) {
  allow({.bandwidth_in = 1, .bandwidth_out = 1'000'000'000});
  EXPECT_EQ(account()->batch(Flow::kIn), 32u * 1024);
  EXPECT_EQ(account()->batch(Flow::kOut), 512u * 1024);
}

TEST_F(UserLimitsTest, ForgetUsersOfWhomNothingWasCounted) {
  allow({.max_sessions = 1});
  const auto kept = account("kept");
  EXPECT_TRUE(kept->enter().ok());
  for (int i = 0; i < 3000; ++i) (void)account("user" + std::to_string(i));
  EXPECT_EQ(account("kept"), kept);
  EXPECT_FALSE(account("kept")->enter().ok());
}

}  // namespace
}  // namespace sallyport::session
