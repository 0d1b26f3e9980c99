#include <gtest/gtest.h>

#include "iam/testing/authorizer_fixture.h"

namespace sallyport::iam {
namespace {

using net::sync_wait;
using testing::CallerTest;
using testing::kHomePolicy;
using testing::kTransferTrust;
using testing::Resources;

// sts:AssumeRole by a caller of the API.
class CallerAssumesTest : public CallerTest {
 protected:
  static std::string trust(const std::string& principal, const std::string& condition = "{}",
                           const std::string& effect = "Allow") {
    return R"({"Version":"2012-10-17","Statement":{"Effect":")" + effect +
           R"(","Principal":{"AWS":")" + principal +
           R"("},"Action":"sts:AssumeRole","Condition":)" + condition + "}}";
  }
  static AssumeRoleRequest request(std::string name) {
    AssumeRoleRequest out;
    out.role_arn = model::Place().role_arn("/", name);
    out.session_name = "tour";
    return out;
  }
  Result<Identity> assume_as(const Identity& caller, AssumeRoleRequest wanted) {
    return sync_wait(authorizer_.assume_role(caller, std::move(wanted)));
  }
  std::string refusal(const Identity& caller, AssumeRoleRequest wanted) {
    const auto assumed = assume_as(caller, std::move(wanted));
    return assumed.ok() ? "" : assumed.error().reason + ": " + assumed.error().message;
  }
  void put_role(std::string name, std::string trust_policy, std::int64_t longest = 3600) {
    model::Role role = Resources::role(std::move(name), std::move(trust_policy), "");
    role.max_session_duration = longest;
    resources_.put(role);
  }
  static constexpr const char* kAlice = "arn:aws:iam::000000000000:user/alice";
  static constexpr const char* kAccount = "arn:aws:iam::000000000000:root";
  static constexpr const char* kUntrusted =
      "AccessDenied: User: arn:aws:iam::000000000000:user/alice is not authorized to perform: "
      "sts:AssumeRole because no role trust policy allows the sts:AssumeRole action";
};

TEST_F(CallerAssumesTest, NamedHimselfNeedsNoPolicyOfHisOwn) {
  resources_.put(Resources::user("alice", ""));
  put_role("job", trust(kAlice));
  const auto session = assume_as(user(), request("job"));
  ASSERT_TRUE(session.ok()) << session.error().message;
  EXPECT_EQ(session->kind(), Identity::Kind::kRole);
  EXPECT_EQ(session->caller_arn(), "arn:aws:sts::000000000000:assumed-role/job/tour");
  EXPECT_EQ(session->session_name(), "tour");
  EXPECT_EQ(session->expires(), clock_.wall() + kRoleSessionLife);
  EXPECT_EQ(session->issued(), clock_.wall());
}

TEST_F(CallerAssumesTest, NamedByAccountNeedsHisOwnPolicyToo) {
  put_role("job", trust(kAccount));
  EXPECT_TRUE(assume_as(user(), request("job")).ok());
  resources_.put(Resources::user("alice", ""));
  EXPECT_EQ(refusal(user(), request("job")),
            "AccessDenied: User: arn:aws:iam::000000000000:user/alice is not authorized to "
            "perform: sts:AssumeRole on resource: arn:aws:iam::000000000000:role/job because no "
            "identity-based policy allows the sts:AssumeRole action");
}

TEST_F(CallerAssumesTest, AnOwnDenyBindsEvenWhoIsNamed) {
  put_role("job", trust(kAlice));
  resources_.put(Resources::user(
      "alice", R"({"Statement":{"Effect":"Deny","Action":"sts:*","Resource":"*"}})"));
  EXPECT_NE(refusal(user(), request("job")).find("with an explicit deny in an identity-based"),
            std::string::npos);
}

TEST_F(CallerAssumesTest, RefusesWhoIsNotTrustedAsIfTheRoleWereNotThere) {
  put_role("job", trust("arn:aws:iam::000000000000:user/bob"));
  put_role("service", std::string(kTransferTrust));
  put_role("broken", "{");
  for (const char* name : {"job", "service", "broken", "missing"})
    EXPECT_EQ(refusal(user(), request(name)), kUntrusted) << name;
  put_role("closed", trust(kAlice, "{}", "Deny"));
  EXPECT_NE(refusal(user(), request("closed")).find("with an explicit deny in the role trust"),
            std::string::npos);
  EXPECT_NE(refusal(Identity::anonymous(), request("job")), "");
}

TEST_F(CallerAssumesTest, RootMayWhereTheAccountIsTrusted) {
  put_role("job", trust(kAccount));
  put_role("alices", trust(kAlice));
  EXPECT_TRUE(assume_as(Identity::root(), request("job")).ok());
  EXPECT_FALSE(assume_as(Identity::root(), request("alices")).ok());
}

TEST_F(CallerAssumesTest, HoldsTheRequestAgainstTheTrustPolicysConditions) {
  put_role("partner", trust(kAlice, R"({"StringEquals":{"sts:ExternalId":"4711"}})"));
  EXPECT_EQ(refusal(user(), request("partner")), kUntrusted);
  AssumeRoleRequest with_id = request("partner");
  with_id.external_id = "4711";
  EXPECT_TRUE(assume_as(user(), with_id).ok());
  with_id.external_id = "4712";
  EXPECT_FALSE(assume_as(user(), with_id).ok());

  put_role("named", trust(kAlice, R"({"StringEquals":{"sts:RoleSessionName":"tour"}})"));
  EXPECT_TRUE(assume_as(user(), request("named")).ok());
  put_role("here", trust(kAlice, R"({"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}})"));
  AssumeRoleRequest from = request("here");
  from.details.context = {{"aws:SourceIp", "10.1.2.3"}};
  EXPECT_TRUE(assume_as(user(), from).ok());
  from.details.context = {{"aws:SourceIp", "192.0.2.1"}};
  EXPECT_FALSE(assume_as(user(), from).ok());
}

TEST_F(CallerAssumesTest, BoundsWhatIsAskedFor) {
  put_role("job", trust(kAlice));
  const auto reason = [this](AssumeRoleRequest wanted) {
    return refusal(user(), std::move(wanted)).substr(0, 15);
  };
  for (const std::string& name :
       {std::string(), std::string("a"), std::string(65, 'a'), std::string("a b"),
        std::string("a/b"), std::string("a\nb"), std::string("\xc3\xa9t\xc3\xa9")}) {
    AssumeRoleRequest wanted = request("job");
    wanted.session_name = name;
    EXPECT_EQ(reason(wanted), "ValidationError") << name;
  }
  AssumeRoleRequest wanted = request("job");
  wanted.external_id = "a";
  EXPECT_EQ(reason(wanted), "ValidationError");
  wanted = request("job");
  wanted.session_policy = "{\"Statement\":1}";
  EXPECT_EQ(reason(wanted), std::string("MalformedPolicyDocument").substr(0, 15));
  wanted.session_policy = std::string(2049, ' ');
  EXPECT_EQ(reason(wanted), "ValidationError");
  for (const int seconds : {0, 899, 43201, 3601}) {
    wanted = request("job");
    wanted.life = std::chrono::seconds(seconds);
    EXPECT_EQ(reason(wanted), "ValidationError") << seconds;
  }
  wanted.life = kMinRoleSessionLife;
  EXPECT_TRUE(assume_as(user(), wanted).ok());
}

TEST_F(CallerAssumesTest, LastsAsLongAsTheRoleAllowsAndAChainOneHour) {
  put_role("long", trust("*"), 43200);
  AssumeRoleRequest wanted = request("long");
  wanted.life = std::chrono::seconds(43200);
  const auto session = assume_as(user(), wanted);
  ASSERT_TRUE(session.ok()) << session.error().message;
  EXPECT_EQ(session->expires(), clock_.wall() + std::chrono::hours(12));
  EXPECT_EQ(refusal(*session, wanted).substr(0, 15), "ValidationError");
  wanted.life = kMaxChainedSessionLife;
  EXPECT_TRUE(assume_as(*session, wanted).ok());
}

TEST_F(CallerAssumesTest, ASessionPolicyNarrowsWhatTheRoleMay) {
  model::Role role = Resources::role("job", trust(kAlice), std::string(kHomePolicy));
  resources_.put(role);
  AssumeRoleRequest wanted = request("job");
  wanted.session_policy =
      R"({"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}})";
  const auto session = assume_as(user(), wanted);
  ASSERT_TRUE(session.ok());
  EXPECT_EQ(session->session_policy_text(), wanted.session_policy);
  EXPECT_TRUE(may(*session, Action::kGetObject, "demo", "home/a"));
  EXPECT_FALSE(may(*session, Action::kPutObject, "demo", "home/a"));
}

}  // namespace
}  // namespace sallyport::iam
