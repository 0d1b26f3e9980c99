#include "sftp/session_clock.h"

#include <gtest/gtest.h>

namespace sallyport::sftp {
namespace {

using namespace std::chrono_literals;
const SteadyTime kStart{};

SessionClock documented_clock() {
  return {1800s, 300s, kStart};
}

enum class Verdict : std::uint8_t { kWait, kAsk, kIdle, kDead };

void expect(SessionClock& clock, std::chrono::seconds at, Verdict verdict,
            std::chrono::seconds again = 0s) {
  const auto look = clock.look(kStart + at);
  const char* over = verdict == Verdict::kIdle   ? "Idle timeout"
                     : verdict == Verdict::kDead ? "The client does not respond"
                                                 : "";
  EXPECT_EQ(look.over, over) << at.count();
  EXPECT_EQ(look.ask, verdict == Verdict::kAsk) << at.count();
  if (look.over.empty()) EXPECT_EQ(look.again, kStart + again) << at.count();
}

TEST(SessionClock, AsksOnceAndGivesUpAtTheDeadPeerTime) {
  auto clock = documented_clock();
  expect(clock, 0s, Verdict::kWait, 150s);
  expect(clock, 149s, Verdict::kWait, 150s);
  expect(clock, 150s, Verdict::kAsk, 300s);
  expect(clock, 200s, Verdict::kWait, 300s);
  expect(clock, 299s, Verdict::kWait, 300s);
  expect(clock, 300s, Verdict::kDead);
}

TEST(SessionClock, AnAnswerStartsTheDeadPeerTimeAnew) {
  auto clock = documented_clock();
  expect(clock, 150s, Verdict::kAsk, 300s);
  clock.received(kStart + 160s, false);
  expect(clock, 300s, Verdict::kWait, 310s);
  expect(clock, 310s, Verdict::kAsk, 460s);
}

TEST(SessionClock, WhoOnlyTalksAndTakesNothingIsDeadAllTheSame) {
  auto clock = documented_clock();
  clock.received(kStart + 299s, true);
  expect(clock, 300s, Verdict::kDead);
}

TEST(SessionClock, WhoTakesWhatWaitedIsAlive) {
  auto clock = documented_clock();
  clock.taken(kStart + 299s);
  expect(clock, 300s, Verdict::kWait, 449s);
}

TEST(SessionClock, SignsOfLifeAreNoRequests) {
  auto clock = documented_clock();
  for (auto at = 100s; at < 1800s; at += 100s) clock.received(kStart + at, false);
  expect(clock, 1799s, Verdict::kWait, 1800s);
  expect(clock, 1800s, Verdict::kIdle);
}

TEST(SessionClock, ARequestStartsTheIdleTimeAnew) {
  auto clock = documented_clock();
  clock.request(kStart + 1000s);
  clock.received(kStart + 1799s, false);
  expect(clock, 1800s, Verdict::kWait, 1949s);
  clock.received(kStart + 2799s, false);
  expect(clock, 2800s, Verdict::kIdle);
}

TEST(SessionClock, AnIdleTimeShorterThanTheOtherComesFirst) {
  SessionClock clock(100s, 300s, kStart);
  expect(clock, 0s, Verdict::kWait, 100s);
  expect(clock, 100s, Verdict::kIdle);
}

}  // namespace
}  // namespace sallyport::sftp
