#include "api/query/service.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "api/query/testing/query_fixture.h"

namespace sallyport::api {
namespace {

using namespace testing;  // NOLINT: the fixture's words

class Query : public QueryTest {};

TEST_F(Query, UnknownActionsAreNamed) {
  refused(call("CreateGroup", {{"GroupName", "x"}}), 400, "InvalidAction",
          "The action CreateGroup is not available in this version of Sallyport.");
  refused(api.query("iam", "Version=2010-05-08"), 400, "MissingParameter");
  refused(api.query("iam", "Action=%zz"), 400, "ValidationError");
  refused(api.query("sts", "Action=GetRole&RoleName=x"), 400, "InvalidAction");
}

TEST_F(Query, EveryRowIsThereOnce) {
  std::set<std::pair<QueryApi, std::string_view>> seen;
  for (const QueryRow& row : query_rows())
    EXPECT_TRUE(seen.emplace(row.api, row.action).second) << row.action;
}

TEST_F(Query, NoActionRunsWithoutItsParameters) {
  for (const QueryRow& row : query_rows()) {
    const Answer answer = call_as(root(), std::string(row.action), {}, row.api);
    EXPECT_TRUE(answer.status == 200 || text(answer, "Code") == "ValidationError")
        << row.action << " " << answer.body;
    if (row.has_result && answer.status == 200)
      EXPECT_NE(answer.body.find("<" + std::string(row.action) + "Result>"), std::string::npos);
  }
}

TEST_F(Query, ConcurrentChangesOfOneRoleAreAllKept) {
  done(create_role("one"));
  constexpr int kChanges = 6;
  std::vector<std::thread> threads;
  std::atomic<int> well{0};
  for (int i = 0; i < kChanges; ++i) {
    threads.emplace_back([&, i] {
      codec::Form form;
      form.add("Action", "TagRole");
      form.add("RoleName", "one");
      form.add("Tags.member.1.Key", "k" + std::to_string(i));
      form.add("Tags.member.1.Value", "v");
      Caller caller;
      caller.identity = root();
      const auto response = net::sync_wait(service.handle(QueryApi::kIam, form.encode(), caller));
      if (response.status == 200) ++well;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(well, kChanges);
  EXPECT_EQ(texts(call("ListRoleTags", {{"RoleName", "one"}}), "Key").size(),
            static_cast<std::size_t>(kChanges));
}

}  // namespace
}  // namespace sallyport::api
