#include "app/master_key_check.h"

#include <gtest/gtest.h>

#include "state/database.h"
#include "state/resource_store.h"
#include "state/test_folder.h"

namespace sallyport::app {
namespace {

TEST(MasterKeyCheck, KnowsTheKeyOfItsDatabaseAndRefusesAnother) {
  const state::TestFolder folder;
  const state::MigrationSet sets[] = {state::resource_schema()};
  const SecretString first(std::string(32, 'a')), other(std::string(32, 'b'));
  for (int start = 0; start < 2; ++start) {
    const auto database = std::move(*state::Database::open_sqlite(folder.file("s.db"), {}, sets));
    EXPECT_TRUE(check_master_key(*database, first).ok());
    const auto refused = check_master_key(*database, other);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, Errc::kInvalidArgument);
    EXPECT_EQ(refused.error().message.find(key_check(first)), std::string::npos);
  }
}

TEST(MasterKeyCheck, UsesAKeyOfItsOwn) {
  const SecretString master(std::string(32, 'a'));
  EXPECT_EQ(key_check(master).size(), 64u);
  EXPECT_NE(derived_key(master, "check").reveal(), derived_key(master, "page-tokens").reveal());
}

}  // namespace
}  // namespace sallyport::app
