#include "state/installation_facts.h"

#include <gtest/gtest.h>

#include "net/loop.h"
#include "state/resource_store.h"
#include "state/test_backends.h"

namespace sallyport::state {
namespace {

class InstallationFacts : public OnEachBackend {};
SALLYPORT_ON_EACH_BACKEND(InstallationFacts);

TEST_P(InstallationFacts, BelongToWhoCameFirst) {
  const MigrationSet sets[] = {resource_schema()};
  const auto one = place_->open(sets), other = place_->open(sets);
  EXPECT_EQ(*settle_fact(*one, "key", "first"), "first");
  EXPECT_EQ(*settle_fact(*other, "key", "second"), "first");
  EXPECT_EQ(*settle_fact(*other, "another", "second"), "second");
}

TEST_P(InstallationFacts, ComeToAnInstallationOfThePreviousSchema) {
  MigrationSet previous = resource_schema();
  previous.migrations = previous.migrations.first(1);
  {
    const MigrationSet sets[] = {previous};
    const auto database = place_->open(sets);
    ResourceStore store(*database);
    ResourceChange insert{ResourceChange::Op::kInsert, {"role", "", "r"}, 0, "kept"};
    std::vector<ResourceChange> changes{insert};
    ASSERT_TRUE(net::sync_wait(store.apply(std::move(changes))).ok());
    EXPECT_FALSE(settle_fact(*database, "key", "v").ok());
  }
  const MigrationSet sets[] = {resource_schema()};
  const auto database = place_->open(sets);
  EXPECT_EQ(*settle_fact(*database, "key", "v"), "v");
  ResourceStore store(*database);
  const auto kept = net::sync_wait(store.get({"role", "", "r"}));
  ASSERT_TRUE(kept.ok());
  EXPECT_EQ(kept->document, "kept");
  // The release before it keeps its hands off.
  const MigrationSet older[] = {previous};
  EXPECT_EQ(place_->try_open(older).error().code, Errc::kUnsupported);
}

}  // namespace
}  // namespace sallyport::state
