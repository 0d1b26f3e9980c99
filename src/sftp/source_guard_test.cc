#include "sftp/source_guard.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace sallyport::sftp {
namespace {

using namespace std::chrono_literals;

net::IpAddress address(const std::string& text) {
  return net::IpAddress::parse(text).value();
}

class SourceGuardTest : public ::testing::Test {
 protected:
  static SourceGuardSettings settings() {
    SourceGuardSettings out;
    out.slow = 3;
    out.refuse = 6;
    out.window = 100s;
    out.delay = 2s;
    out.most_sources = 4;
    return out;
  }
  void fail(const std::string& source, int times) {
    for (int i = 0; i < times; ++i) guard_.failed(address(source));
  }
  bool refuses(const std::string& source) { return guard_.refuses(address(source)); }
  bool slows(const std::string& source) { return guard_.delay(address(source)) == 2s; }

  ManualClock clock_;
  SourceGuard guard_{settings(), clock_};
};

TEST_F(SourceGuardTest, SlowsThenRefusesOneSourceAndNoOther) {
  fail("192.0.2.1", 2);
  EXPECT_FALSE(slows("192.0.2.1"));
  EXPECT_EQ(guard_.delay(address("192.0.2.1")), 0ms);
  fail("192.0.2.1", 1);
  EXPECT_TRUE(slows("192.0.2.1"));
  fail("192.0.2.1", 2);
  EXPECT_FALSE(refuses("192.0.2.1"));
  fail("192.0.2.1", 1);
  EXPECT_TRUE(refuses("192.0.2.1"));
  EXPECT_EQ(guard_.refused(), 1u);
  EXPECT_FALSE(slows("192.0.2.2"));
  EXPECT_FALSE(refuses("192.0.2.2"));
  EXPECT_FALSE(refuses("::192.0.2.1"));
}

TEST_F(SourceGuardTest, TheCountHalvesInEveryWindow) {
  fail("192.0.2.1", 5);
  clock_.advance(99s);
  EXPECT_TRUE(slows("192.0.2.1"));
  clock_.advance(2s);  // less than 2.5 is left
  EXPECT_FALSE(slows("192.0.2.1"));
  fail("192.0.2.1", 3);
  EXPECT_FALSE(refuses("192.0.2.1"));
  clock_.advance(2000s);
  EXPECT_FALSE(slows("192.0.2.1"));
  EXPECT_EQ(guard_.size(), 0u);
}

TEST_F(SourceGuardTest, RefusesForOneWindowHoweverManyMoreFailAndIsSlowAfterwards) {
  fail("192.0.2.1", 6);
  clock_.advance(99s);
  fail("192.0.2.1", 50);
  EXPECT_TRUE(refuses("192.0.2.1"));
  clock_.advance(1s);
  EXPECT_FALSE(refuses("192.0.2.1"));
  EXPECT_EQ(guard_.refused(), 0u);
  EXPECT_TRUE(slows("192.0.2.1"));
  fail("192.0.2.1", 1);
  EXPECT_TRUE(refuses("192.0.2.1"));
}

TEST_F(SourceGuardTest, ForgivenFailuresDoNotCount) {
  for (int i = 0; i < 50; ++i) {
    guard_.failed(address("192.0.2.1"));
    guard_.forgive(address("192.0.2.1"));
  }
  guard_.forgive(address("192.0.2.1"));
  guard_.forgive(address("192.0.2.9"));
  fail("192.0.2.1", 2);
  EXPECT_FALSE(slows("192.0.2.1"));
}

TEST_F(SourceGuardTest, CountsIpv6ByNetworkOf64Bits) {
  for (int i = 0; i < 6; ++i) fail("2001:db8:1:2::" + std::to_string(i + 1), 1);
  EXPECT_TRUE(refuses("2001:db8:1:2:ffff::1"));
  EXPECT_FALSE(refuses("2001:db8:1:3::1"));
  EXPECT_EQ(guard_.size(), 1u);
  fail("::ffff:192.0.2.1", 6);
  EXPECT_TRUE(refuses("192.0.2.1"));
}

TEST_F(SourceGuardTest, RemembersNoMoreSourcesThanAllowedAndForgetsTheOldest) {
  fail("192.0.2.1", 6);
  fail("192.0.2.2", 6);
  fail("192.0.2.3", 1);
  fail("192.0.2.4", 1);
  fail("192.0.2.1", 1);  // now the youngest
  for (int i = 0; i < 3; ++i) fail("203.0.113." + std::to_string(i), 1);
  EXPECT_EQ(guard_.size(), 4u);
  EXPECT_TRUE(refuses("192.0.2.1"));
  EXPECT_FALSE(refuses("192.0.2.2"));
  EXPECT_EQ(guard_.refused(), 1u);
  for (int i = 0; i < 1000; ++i)
    fail("198.51." + std::to_string(i / 250) + "." + std::to_string(i % 250), 1);
  EXPECT_EQ(guard_.size(), 4u);
  EXPECT_EQ(guard_.refused(), 0u);
}

TEST_F(SourceGuardTest, TrustedSourcesAndNoLimitsNeverCount) {
  SourceGuardSettings trusting = settings();
  trusting.trusted = {net::Cidr::parse("192.0.2.0/24").value()};
  SourceGuard guard(trusting, clock_);
  SourceGuardSettings off = settings();
  off.slow = off.refuse = 0;
  SourceGuard unlimited(off, clock_);
  for (int i = 0; i < 100; ++i) {
    guard.failed(address("192.0.2.1"));
    unlimited.failed(address("192.0.2.1"));
  }
  EXPECT_FALSE(guard.refuses(address("192.0.2.1")));
  EXPECT_EQ(guard.size(), 0u);
  EXPECT_FALSE(unlimited.refuses(address("192.0.2.1")));
  EXPECT_EQ(unlimited.delay(address("192.0.2.1")), 0ms);
}

TEST_F(SourceGuardTest, CanBeUsedByManyThreads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 500; ++i) {
        const auto source = address("192.0.2." + std::to_string((t + i) % 9));
        guard_.failed(source);
        (void)guard_.refuses(source);
        (void)guard_.delay(source);
        guard_.forgive(source);
        (void)guard_.refused();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_LE(guard_.size(), 4u);
}

}  // namespace
}  // namespace sallyport::sftp
