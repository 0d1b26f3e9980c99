#include "iam/managed_policies.h"

#include <algorithm>
#include <array>

namespace sallyport::iam {

namespace {

constexpr auto kPolicies = std::to_array<ManagedPolicy>({
    {.name = "AWSDenyAll",
     .arn = "arn:aws:iam::aws:policy/AWSDenyAll",
     .document =
         R"({"Version":"2012-10-17","Statement":[{"Sid":"DenyAll","Effect":"Deny","Action":["*"],"Resource":"*"}]})",
     .path = "/",
     .description = "Deny all access.",
     .version = "v2",
     .created = "2019-05-01T22:36:00Z",
     .updated = "2023-12-18T16:42:00Z"},
    {.name = "AWSTransferConsoleFullAccess",
     .arn = "arn:aws:iam::aws:policy/AWSTransferConsoleFullAccess",
     .document =
         R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"transfer.amazonaws.com"}}},{"Effect":"Allow","Action":["acm:ListCertificates","ec2:DescribeAddresses","ec2:DescribeAvailabilityZones","ec2:DescribeNetworkInterfaces","ec2:DescribeSecurityGroups","ec2:DescribeSubnets","ec2:DescribeVpcs","ec2:DescribeVpcEndpoints","health:DescribeEventAggregates","iam:GetPolicyVersion","iam:ListPolicies","iam:ListRoles","route53:ListHostedZones","s3:ListAllMyBuckets","transfer:*"],"Resource":"*"}]})",
     .path = "/",
     .description = "Provides full access to AWS Transfer via the AWS Management Console",
     .version = "v1",
     .created = "2020-12-14T19:33:00Z",
     .updated = "2020-12-14T19:33:00Z"},
    {.name = "AWSTransferFullAccess",
     .arn = "arn:aws:iam::aws:policy/AWSTransferFullAccess",
     .document =
         R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"transfer:*","Resource":"*"},{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"transfer.amazonaws.com"}}},{"Effect":"Allow","Action":["ec2:DescribeVpcEndpoints","ec2:DescribeNetworkInterfaces","ec2:DescribeAddresses"],"Resource":"*"}]})",
     .path = "/",
     .description = "Provides full access to AWS Transfer Service.",
     .version = "v1",
     .created = "2020-12-14T19:37:00Z",
     .updated = "2020-12-14T19:37:00Z"},
    {.name = "AWSTransferLoggingAccess",
     .arn = "arn:aws:iam::aws:policy/service-role/AWSTransferLoggingAccess",
     .document =
         R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogStream","logs:DescribeLogStreams","logs:CreateLogGroup","logs:PutLogEvents"],"Resource":"*"}]})",
     .path = "/service-role/",
     .description = "Allows AWS Transfer full access to create log streams and groups and put log "
                    "events to your account",
     .version = "v1",
     .created = "2019-01-14T15:32:00Z",
     .updated = "2019-01-14T15:32:00Z"},
    {.name = "AWSTransferReadOnlyAccess",
     .arn = "arn:aws:iam::aws:policy/AWSTransferReadOnlyAccess",
     .document =
         R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["transfer:DescribeUser","transfer:DescribeServer","transfer:ListUsers","transfer:ListServers","transfer:TestIdentityProvider","transfer:ListTagsForResource"],"Resource":"*"}]})",
     .path = "/",
     .description = "Provide readonly access to AWS Transfer services.",
     .version = "v1",
     .created = "2020-08-27T17:54:00Z",
     .updated = "2020-08-27T17:54:00Z"},
    {.name = "AdministratorAccess",
     .arn = "arn:aws:iam::aws:policy/AdministratorAccess",
     .document =
         R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})",
     .path = "/",
     .description = "Provides full access to AWS services and resources.",
     .version = "v1",
     .created = "2015-02-06T18:39:00Z",
     .updated = "2015-02-06T18:39:00Z"},
    {.name = "AmazonAPIGatewayAdministrator",
     .arn = "arn:aws:iam::aws:policy/AmazonAPIGatewayAdministrator",
     .document =
         R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["apigateway:*"],"Resource":"arn:aws:apigateway:*::/*"}]})",
     .path = "/",
     .description = "Provides full access to create/edit/delete APIs in Amazon API Gateway via the "
                    "AWS Management Console.",
     .version = "v1",
     .created = "2015-07-09T17:34:00Z",
     .updated = "2015-07-09T17:34:00Z"},
    {.name = "AmazonElasticFileSystemClientFullAccess",
     .arn = "arn:aws:iam::aws:policy/AmazonElasticFileSystemClientFullAccess",
     .document =
         R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["elasticfilesystem:ClientMount","elasticfilesystem:ClientRootAccess","elasticfilesystem:ClientWrite","elasticfilesystem:DescribeMountTargets"],"Resource":"*"}]})",
     .path = "/",
     .description = "Provides root client access to an Amazon EFS file system",
     .version = "v1",
     .created = "2020-01-13T16:27:00Z",
     .updated = "2020-01-13T16:27:00Z"},
    {.name = "AmazonS3FullAccess",
     .arn = "arn:aws:iam::aws:policy/AmazonS3FullAccess",
     .document =
         R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","s3-object-lambda:*"],"Resource":"*"}]})",
     .path = "/",
     .description = "Provides full access to all buckets via the AWS Management Console.",
     .version = "v2",
     .created = "2015-02-06T18:40:00Z",
     .updated = "2021-09-27T20:16:00Z"},
    {.name = "AmazonS3ReadOnlyAccess",
     .arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
     .document =
         R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*","s3:Describe*","s3-object-lambda:Get*","s3-object-lambda:List*"],"Resource":"*"}]})",
     .path = "/",
     .description = "Provides read only access to all buckets via the AWS Management Console.",
     .version = "v3",
     .created = "2015-02-06T18:40:00Z",
     .updated = "2023-08-10T21:31:00Z"},
    {.name = "IAMFullAccess",
     .arn = "arn:aws:iam::aws:policy/IAMFullAccess",
     .document =
         R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:*","organizations:DescribeAccount","organizations:DescribeOrganization","organizations:DescribeOrganizationalUnit","organizations:DescribePolicy","organizations:ListChildren","organizations:ListParents","organizations:ListPoliciesForTarget","organizations:ListRoots","organizations:ListPolicies","organizations:ListTargetsForPolicy"],"Resource":"*"}]})",
     .path = "/",
     .description = "Provides full access to IAM via the AWS Management Console.",
     .version = "v2",
     .created = "2015-02-06T18:40:00Z",
     .updated = "2019-06-21T19:40:00Z"},
    {.name = "IAMReadOnlyAccess",
     .arn = "arn:aws:iam::aws:policy/IAMReadOnlyAccess",
     .document =
         R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:GenerateCredentialReport","iam:GenerateServiceLastAccessedDetails","iam:Get*","iam:List*","iam:SimulateCustomPolicy","iam:SimulatePrincipalPolicy"],"Resource":"*"}]})",
     .path = "/",
     .description = "Provides read only access to IAM via the AWS Management Console.",
     .version = "v4",
     .created = "2015-02-06T18:40:00Z",
     .updated = "2018-01-25T19:11:00Z"},
});

}  // namespace

std::span<const ManagedPolicy> managed_policies() {
  return kPolicies;
}

const ManagedPolicy* find_managed_policy(std::string_view arn) {
  const auto found = std::find_if(kPolicies.begin(), kPolicies.end(),
                                  [arn](const ManagedPolicy& p) { return p.arn == arn; });
  return found == kPolicies.end() ? nullptr : &*found;
}

}  // namespace sallyport::iam
