#include "session/variables.h"

#include <gtest/gtest.h>

#include "iam/evaluate.h"
#include "iam/testing/identity_for_test.h"

namespace sallyport::session {
namespace {

identity::Principal user_with(std::string home, std::string policy) {
  identity::Principal p;
  p.user_name = "ann";
  p.home_directory = std::move(home);
  p.policy = std::move(policy);
  return p;
}

std::string resource_policy(std::string_view resource, std::string_view version = "2012-10-17") {
  return R"({"Version":")" + std::string(version) +
         R"(","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::)" +
         std::string(resource) + R"("}]})";
}

// What the expanded policy says of an object.
bool allows(const identity::Principal& principal, std::string_view object) {
  const std::string text = expand_session_policy(principal);
  const auto policy = iam::PolicyDocument::parse(text, iam::PolicyKind::kIdentity);
  EXPECT_TRUE(policy.ok()) << text << (policy.ok() ? "" : policy.error().message);
  if (!policy.ok()) return false;
  const iam::NamedPolicy named{"session", *policy};
  const iam::AccessRequest request{
      "s3:GetObject", "arn:aws:s3:::" + std::string(object), {{"aws:userid", "AROA:ann"}}};
  return iam::evaluate({{&named, 1}}, iam::IdentityForTest::role(), request).allowed();
}

// AWS Transfer Family user guide, "Creating a session policy for an Amazon S3 bucket".
TEST(SessionPolicyVariables, ReachTheHomeAndNothingElse) {
  for (const char* resource :
       {"${transfer:HomeBucket}/${transfer:HomeFolder}/*", "${transfer:HomeDirectory}/*",
        "${TRANSFER:HOMEDIRECTORY}/*", "${Transfer:homebucket}/home/${transfer:USERNAME}/*",
        "demo/home/${transfer:UserName}/*"}) {
    const auto user = user_with("/demo/home/ann", resource_policy(resource));
    EXPECT_TRUE(allows(user, "demo/home/ann/a.csv")) << resource;
    EXPECT_FALSE(allows(user, "demo/home/bob/a.csv")) << resource;
    EXPECT_FALSE(allows(user, "demo2/home/ann/a.csv")) << resource;
  }
}

TEST(SessionPolicyVariables, AreTextAndNoPatterns) {
  const std::string policy = resource_policy("${transfer:HomeDirectory}/x");
  const auto star = user_with("/demo/a*", policy);
  EXPECT_TRUE(allows(star, "demo/a*/x"));
  EXPECT_FALSE(allows(star, "demo/ab/x"));
  const auto any = user_with("/demo/a?", policy);
  EXPECT_TRUE(allows(any, "demo/a?/x"));
  EXPECT_FALSE(allows(any, "demo/ab/x"));
  const auto variable = user_with("/demo/${aws:userid}", policy);
  EXPECT_TRUE(allows(variable, "demo/${aws:userid}/x"));
  EXPECT_FALSE(allows(variable, "demo/AROA:ann/x"));
  const auto nested = user_with("/demo/${transfer:UserName}", policy);
  EXPECT_TRUE(allows(nested, "demo/${transfer:UserName}/x"));
  EXPECT_FALSE(allows(nested, "demo/ann/x"));
  const auto dollar = user_with("/demo/a$b", policy);
  EXPECT_TRUE(allows(dollar, "demo/a$b/x"));
}

TEST(SessionPolicyVariables, AreEscapedForTheirText) {
  const auto user = user_with("/demo/a\"b\\c\n", resource_policy("${transfer:HomeDirectory}/*"));
  EXPECT_TRUE(allows(user, "demo/a\"b\\c\n/x"));
  EXPECT_FALSE(allows(user, "demo/x"));
}

TEST(SessionPolicyVariables, WorkInPoliciesOf2008Too) {
  const auto user =
      user_with("/demo/home/ann", resource_policy("${transfer:HomeDirectory}/*", "2008-10-17"));
  EXPECT_TRUE(allows(user, "demo/home/ann/x"));
  EXPECT_FALSE(allows(user, "demo/home/bob/x"));
}

TEST(SessionPolicyVariables, GiveALogicalUserNothingOfTheHome) {
  auto user = user_with("", resource_policy("${transfer:HomeBucket}/${transfer:HomeFolder}*"));
  user.home_directory_type = model::HomeDirectoryType::kLogical;
  EXPECT_FALSE(allows(user, "/"));
  EXPECT_FALSE(allows(user, "${transfer:HomeBucket}/${transfer:HomeFolder}"));
  user.policy = resource_policy("demo/${transfer:UserName}/*");
  EXPECT_TRUE(allows(user, "demo/ann/x"));
  EXPECT_FALSE(allows(user, "demo/bob/x"));
}

TEST(SessionPolicyVariables, StayWhenTheyAreUnknownOrNotClosed) {
  for (const char* text : {"${transfer:Home}", "${transfer:HomeBucket", "${transfer:}",
                           "${ transfer:UserName}", "{transfer:UserName}", "$transfer:UserName",
                           "${transfer.UserName}", "${transfer:UserName ", ""})
    EXPECT_EQ(expand_session_policy(user_with("/demo/home", text)), text);
}

TEST(SessionPolicyVariables, AreEmptyWithoutAHome) {
  EXPECT_EQ(expand_session_policy(user_with(
                "", "[${transfer:HomeBucket}|${transfer:HomeFolder}|${transfer:HomeDirectory}]")),
            "[||]");
  EXPECT_EQ(expand_session_policy(user_with("/demo", "[${transfer:HomeFolder}]")), "[]");
}

TEST(TargetVariables, KnowTheUserNameInAnyLetterCase) {
  EXPECT_EQ(expand_target("${TRANSFER:USERNAME}/${transfer:username}${transfer:UserName}", "ann"),
            "ann/annann");
  EXPECT_EQ(expand_target("/b/${transfer:HomeFolder}/${aws:username}", "ann"),
            "/b/${transfer:HomeFolder}/${aws:username}");
  EXPECT_EQ(expand_target("", "ann"), "");
}

}  // namespace
}  // namespace sallyport::session
