// What a remote store does about uploads that nobody goes on with.
#include <gtest/gtest.h>

#include "s3/testing/answered_instance.h"
#include "s3/testing/scripted_store.h"

namespace sallyport::s3 {
namespace {

using http::testing_support::answer_of;
using std::chrono::hours;
using storage::testing::on_loop;
using testing_support::AnsweredInstance;
using testing_support::error_xml;

// A store with uploads in its ledger.
struct LeftAtStore : AnsweredInstance {
  using AnsweredInstance::AnsweredInstance;
  Task<UploadLedger::Entry> begin(std::string id, std::string store = "remote") {
    UploadName upload({"bucket", "k"}, std::move(id));
    auto begun = instance->ledger().begun(std::move(store), std::move(upload), nullptr);
    auto entry = co_await on_loop(instance->loop(), std::move(begun));
    co_return std::move(entry).value();
  }
  Task<Swept> sweep() { return on_loop(instance->loop(), instance->remote().sweep()); }
  // Ends before the abort that is one too many.
  Task<Swept> sweep_at_most(int aborts) {
    RemoteObjectStore::GoOn go_on = [aborts]() mutable { return aborts-- > 0; };
    return on_loop(instance->loop(), instance->remote().sweep(std::move(go_on)));
  }
};

const std::string kGone = answer_of(204, "");

Task<void> stop_a_sweep() {
  LeftAtStore s({kGone});
  for (const char* id : {"one", "two", "three"}) (void)co_await s.begin(id);
  const Swept first = co_await s.sweep_at_most(1);
  EXPECT_EQ(first.aborted, 1u);
  EXPECT_EQ(first.left, 2u);
  EXPECT_FALSE(first.error);
  EXPECT_EQ(s.script.requests.size(), 1u);
  EXPECT_EQ((co_await s.sweep()).aborted, 2u);
  co_await s.end();
}

TEST(SweepTest, asks_before_each_abort_whether_to_go_on) {
  net::sync_wait(stop_a_sweep());
}

Task<void> sweep_what_nobody_owns() {
  LeftAtStore s({kGone, answer_of(404, error_xml("NoSuchUpload")),
                 answer_of(404, error_xml("NoSuchBucket"))});
  for (const char* id : {"one", "two", "three"}) (void)co_await s.begin(id);
  (void)co_await s.begin("elsewhere", "another");
  auto mine = std::make_optional(co_await s.begin("mine"));
  const Swept first = co_await s.sweep();
  EXPECT_EQ(first.aborted, 3u);
  EXPECT_EQ(first.left, 0u);
  EXPECT_FALSE(first.error);
  EXPECT_EQ(s.script.requests.size(), 3u);
  EXPECT_EQ((co_await s.sweep()).aborted, 0u);
  // What its owner leaves is next.
  mine.reset();
  const Swept second = co_await s.sweep();
  EXPECT_EQ(second.aborted, 1u);
  EXPECT_EQ(s.script.requests.back().find("DELETE /bucket/k?uploadId=mine "), 0u)
      << s.script.requests.back();
  co_await s.end();
}

TEST(SweepTest, aborts_what_nobody_owns_and_nothing_else) {
  net::sync_wait(sweep_what_nobody_owns());
}

// None of these is tried again.
Task<void> sweep_what_is_refused(int status, std::string code, Errc errc) {
  const std::string refused = answer_of(status, error_xml(code));
  LeftAtStore s({refused, kGone, refused, refused});
  for (const char* id : {"one", "two"}) (void)co_await s.begin(id);
  const Swept first = co_await s.sweep();
  EXPECT_EQ(first.aborted, 1u);
  EXPECT_EQ(first.left, 1u);
  EXPECT_EQ(first.error ? first.error->code : Errc::kInternal, errc) << code;
  s.clock.advance(hours(7 * 24) - std::chrono::milliseconds(1));
  const Swept second = co_await s.sweep();
  EXPECT_EQ(second.left, 1u);
  EXPECT_TRUE(second.error && second.given_up.empty());
  s.clock.advance(std::chrono::milliseconds(1));
  const Swept third = co_await s.sweep();
  EXPECT_EQ(third.left, 0u);
  EXPECT_FALSE(third.error);
  EXPECT_EQ(third.given_up.size(), 1u);
  if (third.given_up.size() == 1) {
    EXPECT_EQ(third.given_up[0].upload.id, "one");
  }
  // It is forgotten.
  const std::size_t asked = s.script.requests.size();
  (void)co_await s.sweep();
  EXPECT_EQ(s.script.requests.size(), asked);
  co_await s.end();
}

TEST(SweepTest, gives_up_what_is_refused_for_a_week) {
  net::sync_wait(sweep_what_is_refused(403, "AccessDenied", Errc::kPermissionDenied));
}

// What an upload may meet while the store does well.
TEST(SweepTest, an_answer_of_any_kind_is_a_refusal_and_keeps_no_other_upload) {
  net::sync_wait(sweep_what_is_refused(301, "PermanentRedirect", Errc::kUnavailable));
  net::sync_wait(sweep_what_is_refused(403, "QuotaExceeded", Errc::kUnavailable));
  net::sync_wait(sweep_what_is_refused(505, "VersionNotSupported", Errc::kUnavailable));
}

// What is no answer by HTTP is not asked for again.
Task<void> sweep_a_store_that_is_away() {
  LeftAtStore s({"SSH-2.0-OpenSSH\r\n\r\n", kGone});
  for (const char* id : {"one", "two"}) (void)co_await s.begin(id);
  s.clock.advance(hours(30 * 24));
  const Swept first = co_await s.sweep();
  EXPECT_EQ(first.aborted, 0u);
  EXPECT_EQ(first.left, 2u);
  EXPECT_TRUE(first.given_up.empty());
  EXPECT_EQ(s.script.requests.size(), 1u);
  EXPECT_EQ((co_await s.sweep()).aborted, 2u);
  co_await s.end();
}

TEST(SweepTest, ends_early_at_a_store_that_is_away_and_gives_nothing_up) {
  net::sync_wait(sweep_a_store_that_is_away());
}

}  // namespace
}  // namespace sallyport::s3
