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

// What a user types first: a user with a key, a role assumed with it, and what the session may do.
TEST_F(Query, KeysAndSessionsMadeHereSignRequests) {
  user("ann", allow("sts:AssumeRole", "*"));
  const Answer key = call("CreateAccessKey", {{"UserName", "ann"}});
  done(call(
      "CreateRole",
      {{"RoleName", "lister"},
       {"AssumeRolePolicyDocument",
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":"sts:AssumeRole"}]})"}}));
  done(call("PutRolePolicy", {{"RoleName", "lister"},
                              {"PolicyName", "p"},
                              {"PolicyDocument", allow("iam:ListRoles", "*")}}));

  api.signer = {text(key, "AccessKeyId"), SecretString(text(key, "SecretAccessKey")), ""};
  EXPECT_EQ(text(api.query("sts", "Action=GetCallerIdentity"), "Arn"),
            "arn:aws:iam::000000000000:user/ann");
  refused(call("ListRoles"), 403, "AccessDenied");
  const Answer assumed = api.query("sts",
                                   "Action=AssumeRole&RoleSessionName=work&RoleArn="
                                   "arn%3Aaws%3Aiam%3A%3A000000000000%3Arole%2Flister");
  done(assumed);
  api.signer = {text(assumed, "AccessKeyId"), SecretString(text(assumed, "SecretAccessKey")),
                text(assumed, "SessionToken")};
  EXPECT_EQ(text(call("ListRoles"), "RoleName"), "lister");
  refused(call("ListUsers"), 403, "AccessDenied",
          "User: arn:aws:sts::000000000000:assumed-role/lister/work is not authorized to perform: "
          "iam:ListUsers on resource: arn:aws:iam::000000000000:user/ because no identity-based "
          "policy allows the iam:ListUsers action");
}

TEST_F(Query, CallsComeIntoTheAuditLogWithoutSecrets) {
  user("ann");
  const Answer key = call("CreateAccessKey", {{"UserName", "ann"}});
  refused(call("GetRole", {{"RoleName", "none"}}), 404, "NoSuchEntity");
  const auto events = api.audit_events();
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[1]["eventName"], "CreateAccessKey");
  EXPECT_EQ(events[1]["eventSource"], "iam.amazonaws.com");
  EXPECT_EQ(events[1]["requestParameters"], (json{{"userName", "ann"}}));
  EXPECT_EQ(events[1]["responseElements"]["accessKey"]["accessKeyId"], text(key, "AccessKeyId"));
  EXPECT_EQ(events[1].dump().find(text(key, "SecretAccessKey")), std::string::npos);
  EXPECT_EQ(events[2]["errorCode"], "NoSuchEntity");
  EXPECT_EQ(events[2]["readOnly"], true);
}

}  // namespace
}  // namespace sallyport::api
