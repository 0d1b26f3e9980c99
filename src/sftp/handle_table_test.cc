#include "sftp/handle_table.h"

#include <gtest/gtest.h>

#include <set>

namespace sallyport::sftp {
namespace {

OpenHandle directory(std::string path) {
  return {std::move(path), OpenDirectory{}};
}

TEST(HandleTable, FindsWhatWasAdded) {
  HandleTable table(10);
  const HandleId a = table.add(directory("/a"));
  const HandleId b = table.add(directory("/b"));
  ASSERT_NE(table.find(a), nullptr);
  EXPECT_EQ(table.find(a)->path, "/a");
  EXPECT_EQ(table.find(b)->path, "/b");
  EXPECT_EQ(table.size(), 2u);
}

TEST(HandleTable, IsFullWhenItsUserHoldsHalfOfTheQuotaInAllTables) {
  const auto quota = std::make_shared<session::SharedQuota>(6);
  HandleTable one(10, quota, "ann"), others(10, quota, "ben");
  const HandleId a = one.add(directory("/a"));
  {
    HandleTable second(10, quota, "ann");
    second.add(directory("/b"));
    EXPECT_FALSE(one.full());
    second.add(directory("/c"));
    EXPECT_TRUE(one.full());
    EXPECT_TRUE(second.full());
    EXPECT_FALSE(others.full());
  }
  EXPECT_FALSE(one.full());
  one.add(directory("/d"));
  one.add(directory("/e"));
  EXPECT_TRUE(one.full());
  EXPECT_TRUE(one.remove(a));
  EXPECT_FALSE(one.full());
  EXPECT_EQ(quota->used(), 2u);
}

TEST(HandleTable, IsFullWhenAllUsersTogetherHoldTheQuota) {
  const auto quota = std::make_shared<session::SharedQuota>(4);
  HandleTable one(10, quota, "ann"), other(10, quota, "ben");
  const HandleId a = one.add(directory("/a"));
  one.add(directory("/b"));
  other.add(directory("/c"));
  other.add(directory("/d"));
  HandleTable third(10, quota, "eve");
  EXPECT_TRUE(third.full());
  one.remove(a);
  EXPECT_FALSE(third.full());
}

TEST(HandleTable, RefusesWhatItNeverGave) {
  HandleTable table(10);
  const HandleId a = table.add(directory("/a"));
  for (const HandleId id : {kNoHandle, a + 1, a + (HandleId{1} << 32), ~HandleId{0}}) {
    EXPECT_EQ(table.find(id), nullptr);
    EXPECT_FALSE(table.remove(id));
  }
  EXPECT_EQ(table.size(), 1u);
}

TEST(HandleTable, AClosedHandleStaysInvalidWhenItsSlotIsUsedAgain) {
  HandleTable table(10);
  std::set<HandleId> seen;
  for (int i = 0; i < 100; ++i) {
    const HandleId id = table.add(directory("/a"));
    EXPECT_NE(id, kNoHandle);
    EXPECT_TRUE(seen.insert(id).second);
    ASSERT_TRUE(table.remove(id));
    EXPECT_EQ(table.find(id), nullptr);
  }
}

TEST(HandleTable, IsFullAtItsLimitAndAgainNotAfterARemoval) {
  HandleTable table(2);
  const HandleId a = table.add(directory("/a"));
  EXPECT_FALSE(table.full());
  table.add(directory("/b"));
  EXPECT_TRUE(table.full());
  table.remove(a);
  EXPECT_FALSE(table.full());
}

TEST(HandleTable, AnyEmptiesIt) {
  HandleTable table(5);
  for (int i = 0; i < 5; ++i) table.add(directory("/x"));
  int removed = 0;
  for (HandleId id = table.any(); id != kNoHandle; id = table.any())
    removed += table.remove(id) ? 1 : 0;
  EXPECT_EQ(removed, 5);
  EXPECT_EQ(table.size(), 0u);
}

}  // namespace
}  // namespace sallyport::sftp
