#include "state/resource_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "net/loop.h"
#include "state/database.h"
#include "state/repository.h"
#include "state/test_backends.h"

namespace sallyport::state {
namespace {

using net::sync_wait;
using Op = ResourceChange::Op;

class ResourceStoreTest : public OnEachBackend {
 protected:
  void SetUp() override {
    OnEachBackend::SetUp();
    if (place_ == nullptr) return;
    const MigrationSet sets[] = {resource_schema()};
    database_ = place_->open(sets);
    ASSERT_NE(database_, nullptr);
    store_ = std::make_unique<ResourceStore>(*database_);
  }

  Result<std::vector<std::int64_t>> apply(std::vector<ResourceChange> changes) {
    return sync_wait(store_->apply(std::move(changes)));
  }
  static ResourceChange change(Op op, std::string id, std::int64_t version = 0,
                               std::string document = "{}", std::string parent = "p") {
    return {op, {"user", std::move(parent), std::move(id)}, version, std::move(document)};
  }
  std::optional<Errc> code_of(std::vector<ResourceChange> changes) {
    auto r = apply(std::move(changes));
    return r.ok() ? std::nullopt : std::optional(r.error().code);
  }

  std::unique_ptr<Database> database_;
  std::unique_ptr<ResourceStore> store_;
};

SALLYPORT_ON_EACH_BACKEND(ResourceStoreTest);

TEST_P(ResourceStoreTest, CountsVersionsFromOne) {
  EXPECT_EQ(*apply({change(Op::kInsert, "a", 0, "one")}), std::vector<std::int64_t>{1});
  EXPECT_EQ(*apply({change(Op::kUpdate, "a", 1, "two")}), std::vector<std::int64_t>{2});
  const auto found = sync_wait(store_->get({"user", "p", "a"}));
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->version, 2);
  EXPECT_EQ(found->document, "two");
  EXPECT_EQ(found->key.id, "a");
}

TEST_P(ResourceStoreTest, RefusesWhatDoesNotFit) {
  ASSERT_EQ(code_of({change(Op::kInsert, "a")}), std::nullopt);
  EXPECT_EQ(code_of({change(Op::kInsert, "a")}), Errc::kAlreadyExists);
  EXPECT_EQ(code_of({change(Op::kUpdate, "a", 2)}), Errc::kConflict);
  EXPECT_EQ(code_of({change(Op::kUpdate, "a", 0)}), Errc::kConflict);
  EXPECT_EQ(code_of({change(Op::kUpdate, "b", 1)}), Errc::kNotFound);
  EXPECT_EQ(code_of({change(Op::kRemove, "b")}), Errc::kNotFound);
  EXPECT_EQ(sync_wait(store_->get({"user", "p", "b"})).error().code, Errc::kNotFound);
  EXPECT_EQ(sync_wait(store_->get({"user", "q", "a"})).error().code, Errc::kNotFound);
  EXPECT_EQ(sync_wait(store_->get({"server", "p", "a"})).error().code, Errc::kNotFound);
}

TEST_P(ResourceStoreTest, AppliesAllStepsOrNone) {
  ASSERT_EQ(code_of({change(Op::kInsert, "old")}), std::nullopt);
  EXPECT_EQ(code_of({change(Op::kInsert, "new"), change(Op::kRemove, "old"),
                     change(Op::kUpdate, "gone", 1)}),
            Errc::kNotFound);
  EXPECT_TRUE(sync_wait(store_->get({"user", "p", "old"})).ok());
  EXPECT_FALSE(sync_wait(store_->get({"user", "p", "new"})).ok());
  EXPECT_EQ(*apply({change(Op::kInsert, "new"), change(Op::kUpdate, "new", 1),
                    change(Op::kRemove, "old")}),
            (std::vector<std::int64_t>{1, 2, 0}));
}

TEST_P(ResourceStoreTest, TellsAllThereIsInOrder) {
  EXPECT_TRUE(sync_wait(store_->all())->empty());
  ASSERT_EQ(code_of({change(Op::kInsert, "b", 0, "two"), change(Op::kInsert, "a"),
                     change(Op::kInsert, "c", 0, "{}", "o"), change(Op::kUpdate, "b", 1, "three")}),
            std::nullopt);
  const auto all = sync_wait(store_->all());
  ASSERT_TRUE(all.ok());
  ASSERT_EQ(all->size(), 3u);
  EXPECT_EQ((*all)[0].key.parent, "o");
  EXPECT_EQ((*all)[1].key.id, "a");
  EXPECT_EQ((*all)[2].version, 2);
  EXPECT_EQ((*all)[2].document, "three");
}

TEST_P(ResourceStoreTest, RemovesChildrenOfOneParentOnly) {
  ASSERT_EQ(code_of({change(Op::kInsert, "a"), change(Op::kInsert, "b"),
                     change(Op::kInsert, "c", 0, "{}", "q")}),
            std::nullopt);
  EXPECT_EQ(code_of({change(Op::kRemoveChildren, "")}), std::nullopt);
  EXPECT_EQ(code_of({change(Op::kRemoveChildren, "")}), std::nullopt);
  EXPECT_EQ(*sync_wait(store_->count("user", "p")), 0u);
  EXPECT_EQ(*sync_wait(store_->count("user", "q")), 1u);
}

TEST_P(ResourceStoreTest, PagesThroughTwentyThousandInByteOrder) {
  constexpr int kCount = 20000;
  std::vector<ResourceChange> changes;
  for (int i = 0; i < kCount; ++i) changes.push_back(change(Op::kInsert, std::to_string(i)));
  ASSERT_TRUE(apply(std::move(changes)).ok());
  EXPECT_EQ(*sync_wait(store_->count("user", "p")), static_cast<std::uint64_t>(kCount));

  std::vector<std::string> ids;
  std::string after;
  bool more = true;
  while (more) {
    const auto page = sync_wait(store_->list("user", "p", after, 999));
    ASSERT_TRUE(page.ok());
    ASSERT_FALSE(page->resources.empty());
    EXPECT_LE(page->resources.size(), 999u);
    for (const auto& resource : page->resources) ids.push_back(resource.key.id);
    after = ids.back();
    more = page->more;
  }
  EXPECT_EQ(ids.size(), static_cast<std::size_t>(kCount));
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
}

TEST_P(ResourceStoreTest, SaysThereIsNoMoreOnAFullLastPage) {
  ASSERT_EQ(code_of({change(Op::kInsert, "a"), change(Op::kInsert, "b")}), std::nullopt);
  const auto page = sync_wait(store_->list("user", "p", "", 2));
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->resources.size(), 2u);
  EXPECT_FALSE(page->more);
  EXPECT_TRUE(sync_wait(store_->list("user", "p", "b", 2))->resources.empty());
}

TEST_P(ResourceStoreTest, TellsSubscribersInOrderOfCommits) {
  std::vector<std::string> told;
  auto handle = store_->subscribe([&](const ResourceEvent& e) {
    told.push_back(e.key.parent + "/" + e.key.id + " " + std::to_string(e.version) +
                   (e.removed ? " gone" : ""));
  });
  ASSERT_EQ(code_of({change(Op::kInsert, "a b 1 2"), change(Op::kInsert, "c")}), std::nullopt);
  ASSERT_EQ(code_of({change(Op::kUpdate, "c", 1)}), std::nullopt);
  ASSERT_EQ(code_of({change(Op::kUpdate, "c", 1)}), Errc::kConflict);
  ASSERT_EQ(code_of({change(Op::kRemove, "a b 1 2")}), std::nullopt);
  ASSERT_EQ(code_of({change(Op::kRemoveChildren, "")}), std::nullopt);
  EXPECT_THAT(told, testing::ElementsAre("p/a b 1 2 1", "p/c 1", "p/c 2", "p/a b 1 2 1 gone",
                                         "p/c 2 gone"));
  handle.reset();
  ASSERT_EQ(code_of({change(Op::kInsert, "d")}), std::nullopt);
  EXPECT_EQ(told.size(), 5u);
}

TEST_P(ResourceStoreTest, LetsOneOfManyConcurrentUpdatesOfAVersionWin) {
  ASSERT_EQ(code_of({change(Op::kInsert, "a")}), std::nullopt);
  std::atomic<int> won{0}, conflicts{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto code = code_of({change(Op::kUpdate, "a", 1)});
      if (!code) ++won;
      if (code == Errc::kConflict) ++conflicts;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(conflicts, 7);
}

ResourceChange at_most(std::uint32_t most, std::string parent = "p") {
  return {Op::kAtMost, {"user", std::move(parent), ""}, 0, "", {most, "too many"}};
}

TEST_P(ResourceStoreTest, CountsWhatTheStepsBeforeABoundHaveLeft) {
  EXPECT_EQ(code_of({at_most(0)}), std::nullopt);
  EXPECT_EQ(*apply({change(Op::kInsert, "a"), at_most(1), change(Op::kInsert, "b"), at_most(2)}),
            (std::vector<std::int64_t>{1, 0, 1, 0}));
  EXPECT_EQ(code_of({change(Op::kRemove, "a"), change(Op::kInsert, "c"), at_most(2)}),
            std::nullopt);
  EXPECT_EQ(code_of({at_most(2), change(Op::kInsert, "d")}), std::nullopt);
  EXPECT_EQ(code_of({change(Op::kRemoveChildren, ""), at_most(0)}), std::nullopt);
}

TEST_P(ResourceStoreTest, UndoesAChangeThatPassesABound) {
  ASSERT_EQ(code_of({change(Op::kInsert, "a")}), std::nullopt);
  const auto refused = apply({change(Op::kInsert, "b"), at_most(1), change(Op::kRemove, "a")});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Errc::kLimitExceeded);
  EXPECT_EQ(refused.error().message, "too many");
  EXPECT_FALSE(sync_wait(store_->get({"user", "p", "b"})).ok());
  EXPECT_TRUE(sync_wait(store_->get({"user", "p", "a"})).ok());
  EXPECT_EQ(code_of({at_most(0)}), Errc::kLimitExceeded);
}

TEST_P(ResourceStoreTest, BoundsOneKindUnderOneParent) {
  ASSERT_EQ(code_of({change(Op::kInsert, "a"),
                     change(Op::kInsert, "b", 0, "{}", "q"),
                     {Op::kInsert, {"role", "p", "a"}, 0, "{}"}}),
            std::nullopt);
  EXPECT_EQ(code_of({at_most(1), at_most(1, "q"), at_most(0, "r")}), std::nullopt);
  EXPECT_EQ(code_of({at_most(0, "q")}), Errc::kLimitExceeded);
}

TEST_P(ResourceStoreTest, CountsOnlyWhatABoundIsAbout) {
  for (const char* id : {"a", "b", "c"})
    ASSERT_EQ(code_of({change(Op::kInsert, id, 0, id)}), std::nullopt);
  ResourceChange some = at_most(1);
  some.bound.counts = [](const std::string& document) { return document == "b"; };
  EXPECT_EQ(code_of({some}), std::nullopt);
  EXPECT_EQ(code_of({change(Op::kUpdate, "c", 1, "b"), some}), Errc::kLimitExceeded);
  EXPECT_EQ(code_of({change(Op::kUpdate, "b", 1, "x"), change(Op::kUpdate, "c", 1, "b"), some}),
            std::nullopt);
}

TEST_P(ResourceStoreTest, RequiresWhatIsThereAndLeavesItAlone) {
  ASSERT_EQ(code_of({change(Op::kInsert, "a")}), std::nullopt);
  EXPECT_EQ(*apply({change(Op::kRequire, "a"), change(Op::kInsert, "b")}),
            (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(sync_wait(store_->get({"user", "p", "a"}))->version, 1);
  EXPECT_EQ(code_of({change(Op::kInsert, "c"), change(Op::kRequire, "gone")}), Errc::kNotFound);
  EXPECT_EQ(code_of({change(Op::kRemove, "a"), change(Op::kRequire, "a")}), Errc::kNotFound);
  EXPECT_FALSE(sync_wait(store_->get({"user", "p", "c"})).ok());
  EXPECT_TRUE(sync_wait(store_->get({"user", "p", "a"})).ok());
}

// Two programs on one database.
TEST_P(ResourceStoreTest, KeepsABoundThroughConcurrentWritersOfTwoNodes) {
  const MigrationSet sets[] = {resource_schema()};
  const auto second = place_->open(sets);
  ASSERT_NE(second, nullptr);
  ResourceStore other(*second);
  std::atomic<int> made{0}, refused{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&, i] {
      ResourceStore& store = i % 2 == 0 ? *store_ : other;
      const auto done =
          sync_wait(store.apply({change(Op::kInsert, std::to_string(i)), at_most(5)}));
      if (done.ok()) ++made;
      if (!done.ok() && done.error().code == Errc::kLimitExceeded) ++refused;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(made, 5);
  EXPECT_EQ(refused, 11);
  EXPECT_EQ(*sync_wait(store_->count("user", "p")), 5u);
}

TEST_P(ResourceStoreTest, RefusesAKeyTooLongToTellOf) {
  EXPECT_EQ(code_of({change(Op::kInsert, std::string(8000, 'x'))}), Errc::kLimitExceeded);
}

Task<std::size_t> total_of_documents(ResourceStore& store, int count) {
  std::size_t total = 0;
  for (int i = 0; i < count; ++i) {
    const auto found = co_await store.get({"user", "p", std::to_string(i)});
    if (found.ok()) total += found->document.size();
  }
  co_return total;
}

TEST_P(ResourceStoreTest, TakesAKeyThatIsATemporaryOfACoroutine) {
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(code_of({change(Op::kInsert, std::to_string(i))}), std::nullopt);
  }
  EXPECT_EQ(sync_wait(total_of_documents(*store_, 101)), 200u);
}

TEST_P(ResourceStoreTest, GivesTypedResourcesBack) {
  Repository<model::Server> servers(*store_);
  Repository<model::User> users(*store_);
  model::Server server;
  server.id = model::ServerId("s-0123456789abcdef0");
  server.tags = {{"Name", "first"}};
  EXPECT_EQ(*sync_wait(servers.insert(server)), 1);
  EXPECT_EQ(sync_wait(servers.insert(server)).error().code, Errc::kAlreadyExists);
  server.state = model::ServerState::kOnline;
  EXPECT_EQ(*sync_wait(servers.update(server, 1)), 2);
  EXPECT_EQ(sync_wait(servers.update(server, 1)).error().code, Errc::kConflict);
  const auto found = sync_wait(servers.get("", server.id.str()));
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_EQ(found->version, 2);
  EXPECT_EQ(found->value.state, model::ServerState::kOnline);
  EXPECT_EQ(*found->value.tag("Name"), "first");

  for (const char* name : {"bob", "ann"}) {
    model::User user;
    user.server_id = server.id;
    user.user_name = name;
    ASSERT_TRUE(sync_wait(users.insert(user)).ok());
  }
  const auto is_ann = [](const model::User& user) { return user.user_name == "ann"; };
  using Users = Repository<model::User>;
  EXPECT_EQ(code_of({Users::required(server.id.str(), "ann"),
                     Users::at_most(1, server.id.str(), "too many", is_ann)}),
            std::nullopt);
  EXPECT_EQ(code_of({Users::at_most(0, server.id.str(), "too many", is_ann)}),
            Errc::kLimitExceeded);

  const auto page = sync_wait(users.list(server.id.str(), "", 10));
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->items.size(), 2u);
  EXPECT_EQ(page->items[0].value.user_name, "ann");
  EXPECT_EQ(*sync_wait(users.count(server.id.str())), 2u);
  EXPECT_TRUE(sync_wait(users.remove(server.id.str(), "ann")).ok());
  EXPECT_EQ(sync_wait(users.remove(server.id.str(), "ann")).error().code, Errc::kNotFound);

  ASSERT_TRUE(apply({Repository<model::User>::removal_of_all(server.id.str()),
                     Repository<model::Server>::removal("", server.id.str())})
                  .ok());
  EXPECT_EQ(*sync_wait(users.count(server.id.str())), 0u);
}

TEST_P(ResourceStoreTest, AnswersCorruptForADocumentThatDoesNotReadBack) {
  ASSERT_EQ(code_of({change(Op::kInsert, "ann", 0, "{\"UserName\":7}")}), std::nullopt);
  Repository<model::User> users(*store_);
  EXPECT_EQ(sync_wait(users.get("p", "ann")).error().code, Errc::kCorrupt);
  EXPECT_EQ(sync_wait(users.list("p", "", 10)).error().code, Errc::kCorrupt);
  // It takes its place all the same.
  EXPECT_EQ(code_of({Repository<model::User>::at_most(0, "p", "too many",
                                                      [](const model::User&) { return false; })}),
            Errc::kLimitExceeded);
}

}  // namespace
}  // namespace sallyport::state
