// Stored documents: what is written reads back the same; what is malformed is refused; what an
// older or a newer release wrote is read.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "model/role.h"
#include "model/server.h"
#include "model/user.h"

namespace sallyport::model {
namespace {

using nlohmann::json;

Server full_server() {
  Server s;
  s.id = ServerId("s-0123456789abcdef0");
  s.arn = "arn:aws:transfer:us-east-1:111122223333:server/s-0123456789abcdef0";
  s.domain = "EFS";
  s.endpoint_type = "VPC";
  s.endpoint_details =
      EndpointDetails{{"eipalloc-1"}, {"subnet-1", "subnet-2"}, "vpce-1", "vpc-1", {"sg-1"}};
  s.identity_provider_type = "AWS_LAMBDA";
  s.identity_provider_details =
      IdentityProviderDetails{"https://x", "arn:role", "d-1", "arn:fn", "PUBLIC_KEY_AND_PASSWORD"};
  s.certificate = "arn:cert";
  s.logging_role = "arn:log";
  s.protocols = {"SFTP", "FTPS"};
  s.protocol_details = {
      "198.51.100.7", "ENABLED", "ENABLE_NO_OP", {"HTTP"}, {{22, false}, {65535, true}}, "NONE"};
  s.security_policy_name = "TransferSecurityPolicy-2018-11";
  s.pre_authentication_login_banner = "hello \"you\"\n";
  s.post_authentication_login_banner = "gr\xc3\xbc\xc3\x9f";
  s.structured_log_destinations = {"arn:aws:logs:r:a:log-group:x:*"};
  s.directory_listing_optimization = "ENABLED";
  s.ip_address_type = "DUALSTACK";
  s.on_upload = {{"w-1", "arn:exec"}};
  s.on_partial_upload = {{"w-2", "arn:exec"}, {"w-3", "arn:other"}};
  s.host_key_fingerprint = "SHA256:abc=";
  s.tags = {{"Name", "first"}, {"empty", ""}};
  s.state = ServerState::kStartFailed;
  s.state_reason = "port 22 is taken";
  s.created = from_unix_ms(1'700'000'000'123);
  return s;
}

User full_user() {
  User u;
  u.server_id = ServerId("s-0123456789abcdef0");
  u.user_name = "ann";
  u.arn = "arn:user";
  u.home_directory = "/demo/ann";
  u.home_directory_type = HomeDirectoryType::kLogical;
  u.home_directory_mappings = {{"/", "/demo/ann", "DIRECTORY", false},
                               {"/f", "/demo/f", "FILE", true}};
  u.policy = R"({"Version":"2012-10-17"})";
  u.posix_profile = PosixProfile{1000, 4294967295, {1, 2}};
  u.role = "arn:role";
  u.ssh_public_keys = {{SshPublicKeyId("key-1"), "ssh-rsa AAAA me@here", from_unix_ms(5)}};
  u.tags = {{"a", "b"}};
  u.created = from_unix_ms(7);
  return u;
}

TEST(ServerDocument, ReadsBackWhole) {
  const Server s = full_server();
  const std::string document = to_document(s);
  const auto r = server_from_document(document);
  ASSERT_TRUE(r.ok()) << r.error().message;
  EXPECT_EQ(to_document(*r), document);
  EXPECT_EQ(r->id, s.id);
  EXPECT_EQ(r->endpoint_details->subnet_ids, s.endpoint_details->subnet_ids);
  EXPECT_EQ(r->identity_provider_details->function, "arn:fn");
  EXPECT_EQ(r->protocols, s.protocols);
  EXPECT_EQ(r->protocol_details.sftp_ports, s.protocol_details.sftp_ports);
  EXPECT_EQ(r->protocol_details.set_stat_option, "ENABLE_NO_OP");
  EXPECT_EQ(r->pre_authentication_login_banner, s.pre_authentication_login_banner);
  EXPECT_EQ(r->post_authentication_login_banner, s.post_authentication_login_banner);
  EXPECT_EQ(r->on_partial_upload[1].workflow_id, "w-3");
  EXPECT_EQ(*r->tag("empty"), "");
  EXPECT_EQ(r->tag("none"), nullptr);
  EXPECT_EQ(r->state, ServerState::kStartFailed);
  EXPECT_EQ(r->created, s.created);
}

TEST(ServerDocument, GivesMissingMembersTheirDefaults) {
  const auto r = server_from_document(R"({"ServerId":"s-1"})");
  ASSERT_TRUE(r.ok()) << r.error().message;
  Server expected;
  expected.id = ServerId("s-1");
  EXPECT_EQ(to_document(*r), to_document(expected));
  EXPECT_FALSE(r->endpoint_details);
}

TEST(ServerDocument, KeepsAnEmptyListApartFromADefault) {
  Server s;
  s.id = ServerId("s-1");
  s.protocols.clear();
  const auto r = server_from_document(to_document(s));
  ASSERT_TRUE(r.ok());
  EXPECT_TRUE(r->protocols.empty());
}

TEST(ServerDocument, PassesOverMembersOfNewerReleases) {
  json document = json::parse(to_document(full_server()));
  document["Newer"] = {{"a", json::array({1, 2})}};
  document["ProtocolDetails"]["Newer"] = true;
  const auto r = server_from_document(document.dump());
  ASSERT_TRUE(r.ok());
  EXPECT_EQ(to_document(*r), to_document(full_server()));
}

TEST(ServerDocument, ReadsPortsWithoutAMode) {
  const auto r =
      server_from_document(R"({"ServerId":"s-1","ProtocolDetails":{"SftpPorts":[22,2300]}})");
  ASSERT_TRUE(r.ok()) << r.error().message;
  EXPECT_EQ(r->protocol_details.sftp_ports, (std::vector<SftpPort>{{22, false}, {2300, false}}));
}

TEST(ServerDocument, RefusesMalformedDocuments) {
  for (const char* document : {
           "",
           "{",
           "[]",
           "7",
           "null",
           "{}",
           R"({"ServerId":""})",
           R"({"ServerId":7})",
           "{\"ServerId\":\"s-1\"} trailing",
           "{\"ServerId\":\"\xff\"}",
           R"({"ServerId":"s-1","State":"FLYING"})",
           R"({"ServerId":"s-1","Protocols":"SFTP"})",
           R"({"ServerId":"s-1","Protocols":[1]})",
           R"({"ServerId":"s-1","Tags":[{"Value":"v"}]})",
           R"({"ServerId":"s-1","Tags":["v"]})",
           R"({"ServerId":"s-1","ProtocolDetails":[]})",
           R"({"ServerId":"s-1","ProtocolDetails":{"SftpPorts":[-1]}})",
           R"({"ServerId":"s-1","ProtocolDetails":{"SftpPorts":["22"]}})",
           R"({"ServerId":"s-1","ProtocolDetails":{"SftpPorts":{}}})",
           R"({"ServerId":"s-1","ProtocolDetails":{"SftpPorts":[{"SftpPort":70000,)"
           R"("CommunicationMode":"SERVER_TALK_FIRST"}]}})",
           R"({"ServerId":"s-1","ProtocolDetails":{"SftpPorts":[{"SftpPort":-1,)"
           R"("CommunicationMode":"SERVER_TALK_FIRST"}]}})",
           R"({"ServerId":"s-1","ProtocolDetails":{"SftpPorts":[{"SftpPort":22,)"
           R"("CommunicationMode":"NOBODY_TALKS"}]}})",
           R"({"ServerId":"s-1","CreatedMs":"now"})",
           R"({"ServerId":"s-1","CreatedMs":1.5})",
           R"({"ServerId":"s-1","CreatedMs":18446744073709551615})",
           R"({"ServerId":"s-1","EndpointDetails":{"VpcId":{}}})",
       }) {
    const auto r = server_from_document(document);
    ASSERT_FALSE(r.ok()) << document;
    EXPECT_EQ(r.error().code, Errc::kCorrupt) << document;
  }
}

TEST(ServerState, HasANameForEachStateAndNoOther) {
  for (int i = 0; i <= static_cast<int>(ServerState::kStopFailed); ++i) {
    const auto state = static_cast<ServerState>(i);
    EXPECT_EQ(server_state_from(server_state_name(state)), state);
  }
  EXPECT_EQ(server_state_from("online"), std::nullopt);
  EXPECT_EQ(server_state_from(""), std::nullopt);
}

TEST(UserDocument, ReadsBackWhole) {
  const std::string document = to_document(full_user());
  const auto r = user_from_document(document);
  ASSERT_TRUE(r.ok()) << r.error().message;
  EXPECT_EQ(to_document(*r), document);
  EXPECT_EQ(r->home_directory_type, HomeDirectoryType::kLogical);
  EXPECT_EQ(r->home_directory_mappings[1].type, "FILE");
  EXPECT_TRUE(r->home_directory_mappings[1].type_given);
  EXPECT_EQ(r->posix_profile->gid, 4294967295);
  EXPECT_EQ(r->posix_profile->secondary_gids, (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(r->ssh_public_keys[0].body, "ssh-rsa AAAA me@here");
}

TEST(UserDocument, GivesMissingMembersTheirDefaults) {
  const auto r = user_from_document(R"({"ServerId":"s-1","UserName":"ann"})");
  ASSERT_TRUE(r.ok());
  EXPECT_EQ(r->home_directory_type, HomeDirectoryType::kPath);
  EXPECT_FALSE(r->posix_profile);
  EXPECT_TRUE(r->ssh_public_keys.empty());
}

TEST(UserDocument, RefusesMalformedDocuments) {
  for (const char* members : {
           R"("HomeDirectoryType":"VIRTUAL")",
           R"("HomeDirectoryMappings":[{"Entry":"/"}])",
           R"("HomeDirectoryMappings":[{"Entry":"/","Target":"/b","TypeGiven":1}])",
           R"("PosixProfile":{"Uid":1})",
           R"("PosixProfile":{"Uid":null,"Gid":1})",
           R"("PosixProfile":{"Uid":1,"Gid":1,"SecondaryGids":["x"]})",
           R"("SshPublicKeys":[{"SshPublicKeyId":"key-1"}])",
           R"("SshPublicKeys":{})",
           R"("Policy":{})",
           R"("UserName":"")",
       }) {
    const auto r =
        user_from_document(std::string(R"({"ServerId":"s-1","UserName":"ann",)") + members + "}");
    ASSERT_FALSE(r.ok()) << members;
    EXPECT_EQ(r.error().code, Errc::kCorrupt) << members;
  }
  EXPECT_FALSE(user_from_document(R"({"UserName":"ann"})").ok());
}

TEST(HostKeyDocument, ReadsBackWholeAndShowsNoSecretInErrors) {
  HostKeyRecord key;
  key.id = HostKeyId("hostkey-1");
  key.server_id = ServerId("s-1");
  key.type = "ssh-ed25519";
  key.fingerprint = "SHA256:x";
  key.sealed_private_key = "sealed-text";
  key.description = "d";
  key.tags = {{"a", "b"}};
  key.date_imported = from_unix_ms(9);
  const std::string document = to_document(key);
  const auto r = host_key_from_document(document);
  ASSERT_TRUE(r.ok());
  EXPECT_EQ(to_document(*r), document);
  EXPECT_EQ(r->sealed_private_key, "sealed-text");

  json broken = json::parse(document);
  broken["Type"] = 7;
  const auto refused = host_key_from_document(broken.dump());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Errc::kCorrupt);
  EXPECT_EQ(refused.error().message.find("sealed-text"), std::string::npos);
  EXPECT_FALSE(host_key_from_document(R"({"HostKeyId":"hostkey-1"})").ok());
}

TEST(RoleDocument, ReadsBackWhole) {
  Role role;
  role.name = "demo";
  role.path = "/team/";
  role.id = "AROA12345678901234567";
  role.arn = "arn:aws:iam::1:role/team/demo";
  role.description = "d";
  role.assume_role_policy_document = "{ \"Version\" : \"2012-10-17\" }";
  role.max_session_duration = 7200;
  role.inline_policies = {{"a", "{}"}, {"b", "{ }"}};
  role.attached_policy_arns = {"arn:aws:iam::aws:policy/ReadOnly"};
  role.tags = {{"k", "v"}};
  role.created = from_unix_ms(1);
  const std::string document = to_document(role);
  const auto r = role_from_document(document);
  ASSERT_TRUE(r.ok()) << r.error().message;
  EXPECT_EQ(to_document(*r), document);
  EXPECT_EQ(r->inline_policies, role.inline_policies);
  EXPECT_EQ(r->assume_role_policy_document, role.assume_role_policy_document);
}

TEST(RoleDocument, RefusesMalformedDocuments) {
  for (const char* document : {"{}", R"({"RoleName":"a","InlinePolicies":[]})",
                               R"({"RoleName":"a","InlinePolicies":{"p":{}}})",
                               R"({"RoleName":"a","MaxSessionDuration":"1"})"}) {
    const auto r = role_from_document(document);
    ASSERT_FALSE(r.ok()) << document;
    EXPECT_EQ(r.error().code, Errc::kCorrupt);
  }
}

}  // namespace
}  // namespace sallyport::model
