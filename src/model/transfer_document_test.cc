// Stored documents of accesses, profiles, certificates, agreements, connectors, web apps and
// workflows: what is written reads back the same; what is malformed is refused.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "model/access.h"
#include "model/agreement.h"
#include "model/certificate.h"
#include "model/connector.h"
#include "model/profile.h"
#include "model/web_app.h"
#include "model/workflow.h"

namespace sallyport::model {
namespace {

using nlohmann::json;

Access full_access() {
  Access a;
  a.server_id = ServerId("s-0123456789abcdef0");
  a.external_id = "S-1-2-3";
  a.home_directory = "/demo";
  a.home_directory_type = HomeDirectoryType::kLogical;
  a.home_directory_mappings = {{"/", "/demo", "FILE", true}};
  a.policy = "{}";
  a.posix_profile = PosixProfile{1, 2, {3}};
  a.role = "arn:role";
  a.created = from_unix_ms(1);
  return a;
}

WebApp full_web_app() {
  WebApp w;
  w.id = WebAppId("webapp-0123456789abcdef0");
  w.instance_arn = "arn:instance";
  w.role = "arn:role";
  w.application_arn = "arn:application";
  w.access_endpoint = "https://a";
  w.web_app_endpoint = "https://b";
  w.endpoint_policy = "FIPS";
  w.provisioned_units = 3;
  w.vpc = WebAppVpc{"vpc-1", {"subnet-1"}, {"sg-1"}, "DUALSTACK", "vpce-1"};
  w.tags = {{"a", "b"}};
  w.created = from_unix_ms(1);
  return w;
}

WebAppCustomization full_customization() {
  return {WebAppId("webapp-0123456789abcdef0"), "Files", "bG9nbw==", "aWNvbg=="};
}

Profile full_profile() {
  Profile p;
  p.id = ProfileId("p-0123456789abcdef0");
  p.type = "LOCAL";
  p.as2_id = "us and them";
  p.certificate_ids = {"cert-1", "cert-2"};
  p.tags = {{"a", "b"}};
  p.created = from_unix_ms(1);
  return p;
}

Certificate full_certificate() {
  Certificate c;
  c.id = CertificateId("cert-0123456789abcdef0");
  c.usage = "SIGNING";
  c.certificate = "pem\n";
  c.chain = "chain\n";
  c.sealed_private_key = "v1:sealed";
  c.serial = "00ff";
  c.not_before = from_unix_ms(1);
  c.not_after = from_unix_ms(9);
  c.active = from_unix_ms(2);
  c.inactive = from_unix_ms(8);
  c.description = "first";
  c.tags = {{"a", "b"}};
  c.created = from_unix_ms(3);
  return c;
}

Agreement full_agreement() {
  Agreement a;
  a.id = AgreementId("a-0123456789abcdef0");
  a.server_id = ServerId("s-0123456789abcdef0");
  a.description = "first";
  a.status = "INACTIVE";
  a.local_profile_id = ProfileId("p-1");
  a.partner_profile_id = ProfileId("p-2");
  a.custom_directories = CustomDirectories{"/f", "/m", "/p", "/s", "/t"};
  a.access_role = "arn:role";
  a.preserve_filename = "ENABLED";
  a.enforce_message_signing = "ENABLED";
  a.tags = {{"a", "b"}};
  a.created = from_unix_ms(3);
  return a;
}

Connector as2_connector() {
  Connector c;
  c.id = ConnectorId("c-0123456789abcdef0");
  c.url = "https://partner";
  c.as2 = As2Config{ProfileId("p-1"),
                    ProfileId("p-2"),
                    "subject",
                    "ZLIB",
                    "AES128_CBC",
                    "SHA256",
                    "DEFAULT",
                    "ASYNC",
                    "secret",
                    "ENABLED",
                    AsyncMdnConfig{"http://us", {"s-1", "s-2"}}};
  c.access_role = "arn:role";
  c.logging_role = "arn:log";
  c.tags = {{"a", "b"}};
  c.created = from_unix_ms(3);
  return c;
}

Connector sftp_connector() {
  Connector c;
  c.id = ConnectorId("c-0123456789abcdef0");
  c.sftp = SftpConfig{"secret", {"ssh-rsa AAAA"}, 5, {"AWSCURRENT", "AWSPREVIOUS"}};
  c.security_policy_name = "policy";
  c.vpc_lattice = VpcLatticeEgress{"arn:lattice", 2222};
  c.ip_address_type = "DUALSTACK";
  return c;
}

Workflow full_workflow() {
  Workflow w;
  w.id = WorkflowId("w-0123456789abcdef0");
  w.description = "all";
  WorkflowStep step;
  step.type = "DECRYPT";
  step.name = "open";
  step.source_file_location = "${original.file}";
  step.destination = StepDestination{true, "fs-1", "/a"};
  step.overwrite_existing = "TRUE";
  step.target = "arn:function";
  step.timeout_seconds = 60;
  step.tags = {{"c", "d"}};
  step.encryption_type = "PGP";
  w.steps = {step, step};
  w.on_exception_steps = {step};
  w.tags = {{"a", "b"}};
  w.created = from_unix_ms(3);
  return w;
}

template <class T, class Read>
void expect_whole(const T& value, Read read) {
  const std::string document = to_document(value);
  const auto back = read(document);
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(to_document(*back), document);
}

TEST(TransferDocuments, ReadBackWhole) {
  expect_whole(full_access(), &access_from_document);
  expect_whole(full_web_app(), &web_app_from_document);
  expect_whole(full_customization(), &web_app_customization_from_document);
  expect_whole(full_profile(), &profile_from_document);
  expect_whole(full_certificate(), &certificate_from_document);
  expect_whole(full_agreement(), &agreement_from_document);
  expect_whole(as2_connector(), &connector_from_document);
  expect_whole(sftp_connector(), &connector_from_document);
  expect_whole(full_workflow(), &workflow_from_document);
}

TEST(TransferDocuments, KeepEveryMember) {
  const auto connector = connector_from_document(to_document(as2_connector()));
  ASSERT_TRUE(connector.ok());
  EXPECT_EQ(connector->as2->async_mdn->server_ids, (std::vector<std::string>{"s-1", "s-2"}));
  EXPECT_EQ(connector->as2->basic_auth_secret_id, "secret");
  const auto workflow = workflow_from_document(to_document(full_workflow()));
  ASSERT_TRUE(workflow.ok());
  EXPECT_TRUE(workflow->steps[1].destination->efs);
  EXPECT_EQ(workflow->on_exception_steps[0].timeout_seconds, 60);
  const auto agreement = agreement_from_document(to_document(full_agreement()));
  ASSERT_TRUE(agreement.ok());
  EXPECT_EQ(agreement->custom_directories->temporary_files, "/t");
}

// Every member that is there, given another type, is told.
template <class Read>
void expect_types_checked(const std::string& document, Read read) {
  const json whole = json::parse(document);
  for (const auto& [member, value] : whole.items()) {
    json broken = whole;
    broken[member] = value.is_boolean() ? json(1) : json(true);
    const auto back = read(broken.dump());
    ASSERT_FALSE(back.ok()) << member;
    EXPECT_EQ(back.error().code, Errc::kCorrupt) << member;
    EXPECT_NE(back.error().message.find(member), std::string::npos) << back.error().message;
  }
}

TEST(TransferDocuments, KeepEveryMemberOfAccessesAndWebApps) {
  const auto access = access_from_document(to_document(full_access()));
  ASSERT_TRUE(access.ok());
  EXPECT_EQ(access->home_directory_mappings[0].type, "FILE");
  EXPECT_EQ(access->posix_profile->secondary_gids, std::vector<std::int64_t>{3});
  const auto app = web_app_from_document(to_document(full_web_app()));
  ASSERT_TRUE(app.ok());
  EXPECT_EQ(app->vpc->security_group_ids, std::vector<std::string>{"sg-1"});
  EXPECT_EQ(app->provisioned_units, 3);
}

TEST(TransferDocuments, MembersOfAnotherTypeAreRefused) {
  expect_types_checked(to_document(full_access()), &access_from_document);
  expect_types_checked(to_document(full_web_app()), &web_app_from_document);
  expect_types_checked(to_document(full_customization()), &web_app_customization_from_document);
  expect_types_checked(to_document(full_profile()), &profile_from_document);
  expect_types_checked(to_document(full_certificate()), &certificate_from_document);
  expect_types_checked(to_document(full_agreement()), &agreement_from_document);
  expect_types_checked(to_document(as2_connector()), &connector_from_document);
  expect_types_checked(to_document(sftp_connector()), &connector_from_document);
  expect_types_checked(to_document(full_workflow()), &workflow_from_document);
}

TEST(TransferDocuments, AConnectorIsOfOneKind) {
  json both = json::parse(to_document(as2_connector()));
  both["SftpConfig"] = json::parse(to_document(sftp_connector()))["SftpConfig"];
  EXPECT_FALSE(connector_from_document(both.dump()).ok());
  both.erase("SftpConfig");
  both.erase("As2Config");
  EXPECT_FALSE(connector_from_document(both.dump()).ok());
}

TEST(TransferDocuments, ACertificatesStatusFollowsItsDates) {
  Certificate c = full_certificate();
  EXPECT_EQ(c.status(from_unix_ms(1)), "PENDING_ROTATION");
  EXPECT_EQ(c.status(from_unix_ms(2)), "ACTIVE");
  EXPECT_EQ(c.status(from_unix_ms(7)), "ACTIVE");
  EXPECT_EQ(c.status(from_unix_ms(8)), "INACTIVE");
  EXPECT_EQ(c.type(), "CERTIFICATE_WITH_PRIVATE_KEY");
  c.sealed_private_key.clear();
  EXPECT_EQ(c.type(), "CERTIFICATE");
}

}  // namespace
}  // namespace sallyport::model
