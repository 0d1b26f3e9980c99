#include "s3/upload_ledger.h"

#include <gtest/gtest.h>

#include <deque>

#include "iam/authorizer.h"
#include "net/loop.h"
#include "state/test_folder.h"

namespace sallyport::s3 {
namespace {

class UploadLedgerTest : public ::testing::Test {
 protected:
  UploadLedgerTest() { open(); }
  // As the next run of the program finds it.
  void open() {
    entries_.clear();
    ledger_.reset();
    database_.reset();
    const state::MigrationSet sets[] = {UploadLedger::migrations()};
    database_ = state::Database::open_sqlite(folder_.file("state.db"), {}, sets).value();
    ledger_.emplace(*database_, clock_);
  }
  // Under way until its entry goes.
  UploadLedger::Entry& begin(std::string store, std::string key, std::string id,
                             std::shared_ptr<const iam::AssumeRoleRequest> session = nullptr) {
    UploadName upload({"b", std::move(key)}, std::move(id));
    auto begun =
        net::sync_wait(ledger_->begun(std::move(store), std::move(upload), std::move(session)));
    entries_.push_back(std::move(begun).value());
    return entries_.back();
  }
  std::vector<LeftUpload> left(std::string store = "one") {
    return net::sync_wait(ledger_->left(std::move(store))).value();
  }

  state::TestFolder folder_;
  std::unique_ptr<state::Database> database_;
  ManualClock clock_{from_unix_ms(1795290000000)};
  std::optional<UploadLedger> ledger_;
  std::deque<UploadLedger::Entry> entries_;
};

TEST_F(UploadLedgerTest, knows_after_a_restart_what_was_begun) {
  auto session = std::make_shared<iam::AssumeRoleRequest>();
  session->role_arn = "arn:aws:iam::1:role/r";
  session->session_name = "ann.1@s-1";
  session->session_policy = "{}";
  const std::string odd = "a\n\xc3\xa9'\"";
  begin("one", odd, "2~x", session);
  begin("two", "k", "id");
  open();
  const auto all = left();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].store, "one");
  EXPECT_EQ(all[0].upload.object.bucket, "b");
  EXPECT_EQ(all[0].upload.object.key, odd);
  EXPECT_EQ(all[0].upload.id, "2~x");
  ASSERT_NE(all[0].session, nullptr);
  EXPECT_EQ(all[0].session->role_arn, "arn:aws:iam::1:role/r");
  EXPECT_EQ(all[0].session->session_name, "ann.1@s-1");
  EXPECT_EQ(all[0].session->session_policy, "{}");
  EXPECT_EQ(all[0].begun, from_unix_ms(1795290000000));
  ASSERT_EQ(left("two").size(), 1u);
  EXPECT_EQ(left("two")[0].session, nullptr);
}

Task<Result<void>> undate(state::Database& database) {
  auto all = [](state::Connection& db) -> Result<void> {
    TRY(db.execute("UPDATE remote_upload SET begun = 0", {}));
    return ok();
  };
  co_return co_await database.write(std::move(all));
}

TEST_F(UploadLedgerTest, what_an_earlier_version_began_counts_from_its_first_sight) {
  begin("one", "k", "old");
  begin("two", "k", "old");
  open();
  ASSERT_TRUE(net::sync_wait(undate(*database_)).ok());
  const WallTime seen = clock_.wall();
  ASSERT_EQ(left("one").size(), 1u);
  EXPECT_EQ(left("one")[0].begun, seen);
  clock_.advance(std::chrono::hours(1));
  begin("one", "k", "new");
  open();
  ASSERT_EQ(left("one").size(), 2u);
  EXPECT_EQ(left("one")[0].begun, seen);
  EXPECT_EQ(left("one")[1].begun, clock_.wall());
  // Another store's, when that is looked at.
  EXPECT_EQ(left("two")[0].begun, clock_.wall());
}

TEST_F(UploadLedgerTest, what_is_under_way_is_left_when_its_owner_is_gone) {
  begin("one", "k", "1");
  // Another store may give the same name.
  begin("two", "k", "1");
  EXPECT_TRUE(left("one").empty());
  EXPECT_TRUE(left("two").empty());
  UploadLedger::Entry moved = std::move(entries_.front());
  entries_.pop_front();
  EXPECT_TRUE(left("one").empty());
  { const UploadLedger::Entry last = std::move(moved); }
  ASSERT_EQ(left("one").size(), 1u);
  EXPECT_EQ(left("one")[0].upload.id, "1");
  EXPECT_TRUE(left("two").empty());
}

TEST_F(UploadLedgerTest, forgets_what_has_ended) {
  const auto first = begin("one", "k", "1").id();
  begin("one", "k", "2");
  entries_.clear();
  ASSERT_TRUE(net::sync_wait(ledger_->ended(first)).ok());
  ASSERT_EQ(left().size(), 1u);
  EXPECT_EQ(left()[0].upload.id, "2");
  // Twice is as good as once.
  EXPECT_TRUE(net::sync_wait(ledger_->ended(first)).ok());
  EXPECT_EQ(left().size(), 1u);
}

TEST_F(UploadLedgerTest, one_that_cannot_be_written_is_an_error) {
  const auto gone = database_->write_blocking(
      [](state::Connection& db) { return db.execute("DROP TABLE remote_upload"); });
  ASSERT_TRUE(gone.ok());
  UploadName upload({"b", "k"}, "id");
  EXPECT_FALSE(net::sync_wait(ledger_->begun("one", std::move(upload), nullptr)).ok());
  EXPECT_FALSE(net::sync_wait(ledger_->left("one")).ok());
  EXPECT_FALSE(net::sync_wait(ledger_->ended(1)).ok());
}

}  // namespace
}  // namespace sallyport::s3
