#include "iam/managed_policies.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "iam/condition_values.h"
#include "iam/evaluate.h"
#include "iam/testing/identity_for_test.h"

namespace sallyport::iam {
namespace {

TEST(ManagedPolicies, AreWholeAndReadable) {
  const auto all = managed_policies();
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end(),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));
  for (const ManagedPolicy& policy : all) {
    const auto parsed = PolicyDocument::parse(policy.document, PolicyKind::kIdentity);
    EXPECT_TRUE(parsed.ok()) << policy.name;
    EXPECT_EQ(policy.arn,
              "arn:aws:iam::aws:policy" + std::string(policy.path) + std::string(policy.name));
    EXPECT_FALSE(policy.description.empty()) << policy.name;
    EXPECT_TRUE(policy.version.starts_with("v")) << policy.name;
    ASSERT_TRUE(parse_condition_date(policy.created)) << policy.name;
    ASSERT_TRUE(parse_condition_date(policy.updated)) << policy.name;
    EXPECT_LE(*parse_condition_date(policy.created), *parse_condition_date(policy.updated));
    EXPECT_EQ(find_managed_policy(policy.arn), &policy);
  }
}

TEST(ManagedPolicies, AreFoundByTheirWholeArnOnly) {
  for (const char* arn : {"", "AmazonS3FullAccess", "arn:aws:iam::aws:policy/Nothing",
                          "arn:aws:iam::aws:policy/amazons3fullaccess",
                          "arn:aws:iam::aws:policy/AWSTransferLoggingAccess",
                          "arn:aws:iam::000000000000:policy/AmazonS3FullAccess"})
    EXPECT_EQ(find_managed_policy(arn), nullptr) << arn;
}

struct ManagedCase {
  const char* arn;
  const char* action;
  const char* resource;
  Verdict verdict;
};

TEST(ManagedPolicies, AllowWhatTheirNamesSay) {
  using enum Verdict;
  constexpr ManagedCase kCases[] = {
      {"arn:aws:iam::aws:policy/AmazonS3FullAccess", "s3:DeleteBucket", "arn:aws:s3:::b", kAllowed},
      {"arn:aws:iam::aws:policy/AmazonS3FullAccess", "iam:ListRoles", "*", kImplicitDeny},
      {"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", "s3:GetObject", "arn:aws:s3:::b/k",
       kAllowed},
      {"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", "s3:PutObject", "arn:aws:s3:::b/k",
       kImplicitDeny},
      {"arn:aws:iam::aws:policy/AmazonElasticFileSystemClientFullAccess",
       "elasticfilesystem:ClientWrite",
       "arn:aws:elasticfilesystem:us-east-1:000000000000:file-system/fs-1", kAllowed},
      {"arn:aws:iam::aws:policy/AmazonElasticFileSystemClientFullAccess",
       "elasticfilesystem:DeleteFileSystem",
       "arn:aws:elasticfilesystem:us-east-1:000000000000:file-system/fs-1", kImplicitDeny},
      {"arn:aws:iam::aws:policy/AmazonAPIGatewayAdministrator", "apigateway:GET",
       "arn:aws:apigateway:us-east-1::/restapis/a", kAllowed},
      {"arn:aws:iam::aws:policy/AmazonAPIGatewayAdministrator", "execute-api:Invoke",
       "arn:aws:execute-api:us-east-1:000000000000:a/prod/GET/", kImplicitDeny},
      {"arn:aws:iam::aws:policy/service-role/AWSTransferLoggingAccess", "logs:PutLogEvents",
       "arn:aws:logs:us-east-1:000000000000:log-group:/aws/transfer/s-1:log-stream:x", kAllowed},
      {"arn:aws:iam::aws:policy/service-role/AWSTransferLoggingAccess", "logs:DeleteLogGroup",
       "arn:aws:logs:us-east-1:000000000000:log-group:/aws/transfer/s-1", kImplicitDeny},
      {"arn:aws:iam::aws:policy/AWSTransferFullAccess", "transfer:CreateServer",
       "arn:aws:transfer:us-east-1:000000000000:server/*", kAllowed},
      {"arn:aws:iam::aws:policy/AWSTransferFullAccess", "iam:PassRole",
       "arn:aws:iam::000000000000:role/r", kAllowed},
      {"arn:aws:iam::aws:policy/AWSTransferReadOnlyAccess", "transfer:DescribeServer",
       "arn:aws:transfer:us-east-1:000000000000:server/s-1", kAllowed},
      {"arn:aws:iam::aws:policy/AWSTransferReadOnlyAccess", "transfer:DeleteServer",
       "arn:aws:transfer:us-east-1:000000000000:server/s-1", kImplicitDeny},
      {"arn:aws:iam::aws:policy/AWSTransferConsoleFullAccess", "s3:ListAllMyBuckets", "*",
       kAllowed},
      {"arn:aws:iam::aws:policy/IAMFullAccess", "iam:CreateRole",
       "arn:aws:iam::000000000000:role/r", kAllowed},
      {"arn:aws:iam::aws:policy/IAMReadOnlyAccess", "iam:GetRole",
       "arn:aws:iam::000000000000:role/r", kAllowed},
      {"arn:aws:iam::aws:policy/IAMReadOnlyAccess", "iam:CreateRole",
       "arn:aws:iam::000000000000:role/r", kImplicitDeny},
      {"arn:aws:iam::aws:policy/AdministratorAccess", "anything:AtAll", "*", kAllowed},
      {"arn:aws:iam::aws:policy/AWSDenyAll", "s3:GetObject", "arn:aws:s3:::b/k", kExplicitDeny},
  };
  for (const ManagedCase& c : kCases) {
    const ManagedPolicy* policy = find_managed_policy(c.arn);
    ASSERT_NE(policy, nullptr) << c.arn;
    const NamedPolicy named{c.arn, *PolicyDocument::parse(policy->document, PolicyKind::kIdentity)};
    const AccessRequest request{
        c.action, c.resource, {{"iam:PassedToService", "transfer.amazonaws.com"}}};
    EXPECT_EQ(evaluate({{&named, 1}}, IdentityForTest::user(), request).verdict, c.verdict)
        << c.arn << " " << c.action;
  }
}

TEST(ManagedPolicies, PassRolesToTransferOnly) {
  const ManagedPolicy* policy =
      find_managed_policy("arn:aws:iam::aws:policy/AWSTransferFullAccess");
  ASSERT_NE(policy, nullptr);
  const NamedPolicy named{"p", *PolicyDocument::parse(policy->document, PolicyKind::kIdentity)};
  const AccessRequest request{"iam:PassRole",
                              "arn:aws:iam::000000000000:role/r",
                              {{"iam:PassedToService", "ec2.amazonaws.com"}}};
  EXPECT_FALSE(evaluate({{&named, 1}}, IdentityForTest::user(), request).allowed());
}

}  // namespace
}  // namespace sallyport::iam
