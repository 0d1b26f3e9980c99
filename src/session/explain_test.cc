// Explanations of single cases; explain_agreement_test.cc compares them with what sessions do.
#include "session/explain.h"

#include <gmock/gmock.h>

#include "session/testing/explain_fixture.h"

namespace sallyport::session {
namespace {

using ::testing::Contains;
using testing::ExplainTest;
using ::testing::HasSubstr;

constexpr std::string_view kListOnly =
    R"({"Version":"2012-10-17","Statement":[{"Sid":"Look","Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::demo"}]})";

TEST_F(ExplainTest, NamesTheStatementThatAllows) {
  allow(kListOnly);
  const VerbResult ls = explain_one("/demo/ann", Verb::kLs);
  EXPECT_EQ(outcome_name(ls.outcome), "allowed");
  ASSERT_EQ(ls.needs.size(), 1u);
  const AskResult& ask = ls.needs[0].any_of.at(0);
  EXPECT_EQ(iam::action_name(ask.ask.action), "s3:ListBucket");
  EXPECT_EQ(ask.ask.key, "ann/");
  EXPECT_EQ(ask.decision.policy, "inline");
  EXPECT_EQ(ask.decision.sid, "Look");
  EXPECT_TRUE(ls.steps.empty());
}

TEST_F(ExplainTest, ImplicitDenyComesWithTheNarrowestPolicyThatAllows) {
  allow(kListOnly);
  const VerbResult mkdir = explain_one("new", Verb::kMkdir);
  EXPECT_EQ(outcome_name(mkdir.outcome), "implicit deny");
  EXPECT_EQ(mkdir.why, "no statement allows s3:PutObject");
  ASSERT_EQ(mkdir.steps.size(), 1u);
  const std::string policy =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::demo/ann/new/"}]})";
  EXPECT_EQ(mkdir.steps[0].policy, policy);
  EXPECT_EQ(mkdir.steps[0].command,
            "aws iam put-role-policy --role-name demo --policy-name allow-mkdir "
            "--policy-document '" +
                policy + "'");
}

TEST_F(ExplainTest, FollowingItsStepsAllows) {
  allow(kListOnly);
  for (const Verb verb : {Verb::kGet, Verb::kPut, Verb::kMkdir, Verb::kRmdir, Verb::kRm}) {
    const VerbResult before = explain_one("/demo/ann/a", verb);
    ASSERT_EQ(before.steps.size(), 1u) << verb_name(verb);
    allow(before.steps[0].policy);
    EXPECT_EQ(outcome_name(explain_one("/demo/ann/a", verb).outcome),
              verb == Verb::kRmdir ? "implicit deny" : "allowed")
        << verb_name(verb);
    allow(kListOnly);
  }
}

TEST_F(ExplainTest, ExistingPolicyNamesAreNotOverwritten) {
  auto role = iam::testing::Resources::role("demo", std::string(iam::testing::kTransferTrust), "");
  role.inline_policies["allow-put"] = kListOnly;
  resources.put(role);
  const VerbResult put = explain_one("a", Verb::kPut);
  ASSERT_EQ(put.steps.size(), 1u);
  EXPECT_THAT(put.steps[0].command, HasSubstr("--policy-name allow-put-2 "));
}

TEST_F(ExplainTest, ExplicitDenyNamesItsStatementAndTakesItOut) {
  allow(
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Sid":"NoWrites","Effect":"Deny","Action":"s3:PutObject","Resource":"*"}]})");
  const VerbResult put = explain_one("a", Verb::kPut);
  EXPECT_EQ(outcome_name(put.outcome), "explicit deny");
  EXPECT_EQ(put.why, "a statement denies s3:PutObject");
  ASSERT_EQ(put.steps.size(), 1u);
  EXPECT_THAT(put.steps[0].text, HasSubstr("statement 1 (\"NoWrites\") out of the role's policy"));
  EXPECT_THAT(
      put.steps[0].command,
      HasSubstr(
          R"('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}')"));
}

TEST_F(ExplainTest, PolicyOfOneDenyIsDeleted) {
  allow(R"({"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}})");
  const VerbResult ls = explain_one("/demo/ann", Verb::kLs);
  ASSERT_EQ(ls.steps.size(), 1u);
  EXPECT_EQ(ls.steps[0].command,
            "aws iam delete-role-policy --role-name demo --policy-name inline");
}

TEST_F(ExplainTest, SessionPolicyThatLimitsIsToBeWidened) {
  user.policy =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::${transfer:HomeBucket}"}]})";
  const Explanation all = explain_all("/demo/ann/a", {Verb::kPut, Verb::kLs});
  EXPECT_TRUE(all.session_policy);
  const VerbResult& put = all.verbs.at(0);
  EXPECT_EQ(outcome_name(put.outcome), "implicit deny");
  EXPECT_THAT(put.why, HasSubstr("the user's session policy does not"));
  ASSERT_EQ(put.steps.size(), 1u);
  EXPECT_THAT(put.steps[0].command, HasSubstr("aws transfer update-user --server-id " +
                                              server.id.str() + " --user-name ann --policy "));
  EXPECT_THAT(put.steps[0].command, HasSubstr("${transfer:HomeBucket}"));
  EXPECT_EQ(outcome_name(all.verbs.at(1).outcome), "allowed");
}

TEST_F(ExplainTest, RoleAndSessionPolicyThatBothLackTheRightAreBothNamed) {
  allow(kListOnly);
  user.policy = kListOnly;
  const VerbResult put = explain_one("a", Verb::kPut);
  ASSERT_EQ(put.steps.size(), 2u);
  EXPECT_THAT(put.steps[0].command, HasSubstr("put-role-policy"));
  EXPECT_THAT(put.steps[1].command, HasSubstr("update-user"));
}

TEST_F(ExplainTest, UnreadableSessionPolicyKeepsTheRoleFromBeingAssumed) {
  user.policy = R"({"Statement":[{"Effect":"Maybe"}]})";
  const Explanation all = explain_all("a", {Verb::kPut});
  EXPECT_FALSE(all.assumed);
  EXPECT_EQ(outcome_name(all.verbs.at(0).outcome), "role not assumed");
  EXPECT_THAT(all.assume_problem, HasSubstr("session policy"));
  EXPECT_THAT(all.verbs.at(0).steps.at(0).command, HasSubstr("--policy ''"));
}

TEST_F(ExplainTest, MissingTrustGivesTheTrustPolicyToPut) {
  resources.put(iam::testing::Resources::role(
      "demo",
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]})",
      std::string(kListOnly)));
  const Explanation all = explain_all("/demo/ann", {Verb::kLs});
  EXPECT_FALSE(all.assumed);
  const VerbResult& ls = all.verbs.at(0);
  EXPECT_EQ(outcome_name(ls.outcome), "role not assumed");
  EXPECT_THAT(ls.why, HasSubstr("does not let transfer.amazonaws.com do sts:AssumeRole"));
  ASSERT_EQ(ls.steps.size(), 1u);
  EXPECT_THAT(ls.steps[0].policy, HasSubstr(R"({"Service":"transfer.amazonaws.com"})"));
  EXPECT_THAT(ls.steps[0].command, HasSubstr("ec2.amazonaws.com")) << "others stay trusted";
}

TEST_F(ExplainTest, TrustWithAConditionThatFailsSaysSo) {
  resources.put(iam::testing::Resources::role(
      "demo",
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"transfer.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceArn":"arn:aws:transfer:us-east-1:000000000000:server/s-other"}}}]})",
      std::string(kListOnly)));
  EXPECT_THAT(explain_one("/demo/ann", Verb::kLs).why, HasSubstr("a condition does not hold"));
}

TEST_F(ExplainTest, DeletedRoleIsToBeMadeAgain) {
  resources.remove_role("demo");
  const VerbResult ls = explain_one("/demo/ann", Verb::kLs);
  EXPECT_EQ(ls.why, "there is no such role");
  EXPECT_THAT(ls.steps.at(0).command, HasSubstr("aws iam create-role --role-name demo"));
}

TEST_F(ExplainTest, RoleUnderAnotherArnIsNamed) {
  user.role = model::Place().role_arn("/teams/", "demo");
  const VerbResult ls = explain_one("/demo/ann", Verb::kLs);
  EXPECT_EQ(outcome_name(ls.outcome), "role not assumed");
  EXPECT_THAT(ls.steps.at(0).command, HasSubstr("--role " + model::Place().role_arn("/", "demo")));
}

TEST_F(ExplainTest, PolicyThatCannotBeReadIsNamed) {
  allow(R"({"Statement":[{"Effect":"Allow"}]})");
  const VerbResult put = explain_one("a", Verb::kPut);
  EXPECT_EQ(outcome_name(put.outcome), "implicit deny");
  EXPECT_THAT(put.why, HasSubstr("its policy inline cannot be read"));
  EXPECT_THAT(put.steps.at(0).command, HasSubstr("aws iam delete-role-policy"));
}

TEST_F(ExplainTest, AttachedPolicyThatIsNotThereIsNamed) {
  auto role = iam::testing::Resources::role("demo", std::string(iam::testing::kTransferTrust),
                                            std::string(testing::kAllowAll));
  role.attached_policy_arns = {"arn:aws:iam::000000000000:policy/gone"};
  resources.put(role);
  const VerbResult put = explain_one("a", Verb::kPut);
  EXPECT_THAT(put.why, HasSubstr("arn:aws:iam::000000000000:policy/gone is not there"));
  EXPECT_THAT(put.steps.at(0).command, HasSubstr("aws iam detach-role-policy"));
}

TEST_F(ExplainTest, MissingBucketIsToldWhenTheRightsSuffice) {
  const Explanation all = explain_all("/nowhere/a", {Verb::kPut});
  EXPECT_EQ(all.bucket_exists, false);
  EXPECT_EQ(outcome_name(all.verbs.at(0).outcome), "bucket missing");
  EXPECT_EQ(all.verbs.at(0).steps.at(0).command, "aws s3api create-bucket --bucket nowhere");
}

TEST_F(ExplainTest, MissingBucketIsToBeMadeAlsoWhenRightsAreMissing) {
  allow(kListOnly);
  const VerbResult put = explain_one("/nowhere/a", Verb::kPut);
  EXPECT_EQ(outcome_name(put.outcome), "implicit deny");
  ASSERT_EQ(put.steps.size(), 2u);
  EXPECT_EQ(put.steps[1].command, "aws s3api create-bucket --bucket nowhere");
}

TEST_F(ExplainTest, BucketPolicyThatDeniesIsTakenOut) {
  model::BucketSettings settings;
  settings.bucket = "demo";
  settings.policy =
      R"({"Version":"2012-10-17","Statement":[{"Sid":"Frozen","Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::demo/*"}]})";
  resources.put(state::kind::kBucketSettings, "", "demo", model::to_document(settings));
  const VerbResult put = explain_one("a", Verb::kPut);
  EXPECT_EQ(outcome_name(put.outcome), "explicit deny");
  EXPECT_EQ(put.needs.at(0).any_of.at(0).decision.sid, "Frozen");
  EXPECT_THAT(put.steps.at(0).text, HasSubstr("out of the policy of the bucket demo"));
  EXPECT_EQ(put.steps.at(0).command, "aws s3api delete-bucket-policy --bucket demo");
}

TEST_F(ExplainTest, BucketPolicyThatAllowsIsNamed) {
  allow(kListOnly);
  model::BucketSettings settings;
  settings.bucket = "demo";
  settings.policy =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":")" + ann.role +
      R"("},"Action":"s3:PutObject","Resource":"arn:aws:s3:::demo/*"}]})";
  resources.put(state::kind::kBucketSettings, "", "demo", model::to_document(settings));
  const VerbResult put = explain_one("a", Verb::kPut);
  EXPECT_EQ(outcome_name(put.outcome), "allowed");
  EXPECT_EQ(put.needs.at(0).any_of.at(0).decision.source, iam::PolicySource::kResource);
}

TEST_F(ExplainTest, SessionPolicyThatDeniesLosesItsStatement) {
  user.policy =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Effect":"Deny","Action":"s3:PutObject","Resource":"*"}]})";
  const VerbResult put = explain_one("a", Verb::kPut);
  EXPECT_EQ(outcome_name(put.outcome), "explicit deny");
  EXPECT_THAT(
      put.steps.at(0).command,
      HasSubstr(
          R"(--policy '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}')"));
}

TEST_F(ExplainTest, PathOutsideAllMappingsListsThem) {
  make_logical({{"/in", "/demo/in/${transfer:UserName}"}, {"/out", "/demo/out"}});
  const Explanation all = explain_all("/secret", {Verb::kGet});
  EXPECT_FALSE(all.location.has_value());
  EXPECT_EQ(all.mappings.at(0), (std::pair<std::string, std::string>("/in", "/demo/in/ann")));
  EXPECT_EQ(outcome_name(all.verbs.at(0).outcome), "outside all mappings");
  EXPECT_THAT(all.verbs.at(0).steps.at(0).command, HasSubstr(R"("Entry":"/secret")"));
}

TEST_F(ExplainTest, LogicalPathLeadsThroughItsMapping) {
  make_logical({{"/in", "/demo/in/${transfer:UserName}"}});
  const Explanation all = explain_all("/in/a.txt", {Verb::kGet});
  EXPECT_EQ(all.mapping_entry, "/in");
  EXPECT_EQ(all.location->storage_path(), "/demo/in/ann/a.txt");
}

TEST_F(ExplainTest, MarkersThatTheRoleMayNotReadDenyAListing) {
  objects.put("demo", "ann/", "");
  objects.put("demo", "ann/sub/", "");
  allow(
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:ListBucket","s3:PutObject"],"Resource":"*"}]})");
  const VerbResult ls = explain_one("/demo/ann", Verb::kLs);
  EXPECT_EQ(ls.why, "no statement allows s3:GetObject");
  EXPECT_THAT(ls.steps.at(0).policy,
              HasSubstr(R"(["arn:aws:s3:::demo/ann/","arn:aws:s3:::demo/ann/sub/"])"));
  server.directory_listing_optimization = "ENABLED";
  EXPECT_EQ(outcome_name(explain_one("/demo/ann", Verb::kLs).outcome), "allowed");
}

TEST_F(ExplainTest, NamedActionIsAskedForByItself) {
  allow(kListOnly);
  request.action = iam::Action::kGetObjectTagging;
  const Explanation all = explain_all("/demo/ann/a", {});
  ASSERT_EQ(all.verbs.size(), 1u);
  EXPECT_EQ(all.verbs[0].name, "s3:GetObjectTagging");
  EXPECT_EQ(outcome_name(all.verbs[0].outcome), "implicit deny");
  EXPECT_THAT(all.verbs[0].steps.at(0).command,
              HasSubstr("--policy-name allow-s3-GetObjectTagging "));
}

TEST_F(ExplainTest, ObjectActionOfAWholeBucketIsNotPossible) {
  request.action = iam::Action::kGetObject;
  EXPECT_EQ(outcome_name(explain_all("/demo", {}).verbs.at(0).outcome), "not possible");
}

TEST_F(ExplainTest, WhoAsksSeesOnlyWhatHeMay) {
  objects.put("demo", "ann/a", "text");
  EXPECT_EQ(explain_all("/demo/ann/a", {}).content, Content::kFile);
  request.asker = iam::Identity::anonymous();
  const Explanation all = explain_all("/demo/ann/a", {Verb::kGet});
  EXPECT_EQ(all.content, Content::kUnknown);
  EXPECT_FALSE(all.bucket_exists.has_value());
  EXPECT_EQ(outcome_name(all.verbs.at(0).outcome), "allowed");
  EXPECT_THAT(all.notes, Contains(HasSubstr("you may not list the bucket demo")));
}

TEST_F(ExplainTest, TellsWhatKeepsTheUserFromLoggingIn) {
  server.state = model::ServerState::kStartFailed;
  server.state_reason = "no port is free";
  const Explanation all = explain_all("/demo/ann", {});
  EXPECT_THAT(all.notes, Contains(HasSubstr("START_FAILED (no port is free)")));
  EXPECT_THAT(all.notes, Contains(HasSubstr("no SSH public key")));
}

TEST_F(ExplainTest, PathThatCannotBeIsRefused) {
  request.path = std::string("a\0b", 3);
  EXPECT_EQ(run().error().code, Errc::kInvalidArgument);
  request.path = "/demo/" + std::string(1100, 'a');
  EXPECT_EQ(run().error().code, Errc::kInvalidArgument);
}

TEST(ShellWord, KeepsQuotesInside) {
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_word("a b;$c"), "'a b;$c'");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("/demo/a-1.txt"), "/demo/a-1.txt");
}

}  // namespace
}  // namespace sallyport::session
