#include "storage/testing/faulty_object_store.h"

#include <gtest/gtest.h>

#include "storage/testing/embedded_fixture.h"

namespace sallyport::storage::testing {
namespace {

class FaultyStore : public ::testing::Test {
 protected:
  FaultyStore() { EXPECT_TRUE(driver_.make_bucket().ok()); }

  TemporaryFolder folder_;
  EmbeddedInstance instance_{folder_.path(), {.sync_on_close = false}};
  FaultyObjectStore store_{instance_.store()};
  Driver driver_{store_, "bucket"};
};

const Error kDown(Errc::kUnavailable, "The store is down", "ServiceUnavailable");

TEST_F(FaultyStore, FailsTheChosenCallsOnly) {
  store_.faults().fail(Call::kCommit, kDown);
  EXPECT_EQ(driver_.put("a", "x").error().code, Errc::kUnavailable);
  EXPECT_TRUE(driver_.keys().empty());
  EXPECT_TRUE(driver_.put("a", "x").ok());
  EXPECT_EQ(store_.faults().count(Call::kCommit), 2u);
}

TEST_F(FaultyStore, LetsCallsPassBeforeItFails) {
  store_.faults().fail(Call::kHead, kDown, 2, 1);
  ASSERT_TRUE(driver_.put("a", "x").ok());
  EXPECT_TRUE(driver_.head("a").ok());
  EXPECT_FALSE(driver_.head("a").ok());
  EXPECT_FALSE(driver_.head("a").ok());
  EXPECT_TRUE(driver_.head("a").ok());
}

TEST_F(FaultyStore, ReadsFailInTheMiddleOfAnObject) {
  ASSERT_TRUE(driver_.put("a", std::string(100'000, 'x')).ok());
  store_.faults().fail(Call::kRead, Error(Errc::kIo, "bad sector"), 1, 1);
  auto reader = driver_.open("a");
  const auto body = net::sync_wait(read_object(**reader, 10'000));
  EXPECT_EQ(body.error().code, Errc::kIo);
}

Task<void> commit_into(std::unique_ptr<ObjectWriter> writer, bool& done) {
  const auto info = co_await writer->commit();
  done = info.ok();
}

Task<void> hold_and_release(FaultyObjectStore& store, std::unique_ptr<ObjectWriter> writer,
                            bool& early, bool& late) {
  net::TaskScope scope;
  store.faults().hold(Call::kCommit);
  scope.spawn(commit_into(std::move(writer), late));
  early = late || store.faults().waiting(Call::kCommit) != 1;
  store.faults().release(Call::kCommit);
  co_await scope.join();
}

TEST_F(FaultyStore, HoldsCallsUntilTheyAreReleased) {
  auto writer = driver_.create("a");
  bool early = true;
  bool late = false;
  net::sync_wait(hold_and_release(store_, std::move(*writer), early, late));
  EXPECT_FALSE(early);
  EXPECT_TRUE(late);
}

}  // namespace
}  // namespace sallyport::storage::testing
