// What belongs to partners, and a web app, go from one installation into another.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "api/moves/testing/import_results.h"
#include "api/testing/api_fixture.h"
#include "api/testing/test_certificate.h"

namespace sallyport::api {
namespace {

using testing::Answer;
using testing::ApiFixture;
using testing::json;
using testing::kRole;
using testing::test_authority;
using testing::test_certificate;

class PartnersMove : public ::testing::Test {
 protected:
  PartnersMove() {
    const std::string certificate = made("ImportCertificate",
                                         {{"Usage", "SIGNING"},
                                          {"Certificate", test_certificate().pem},
                                          {"CertificateChain", test_authority().pem},
                                          {"PrivateKey", test_certificate().key},
                                          {"Description", "ours"}},
                                         "CertificateId");
    const std::string local =
        made("CreateProfile",
             {{"As2Id", "we"}, {"ProfileType", "LOCAL"}, {"CertificateIds", {certificate}}},
             "ProfileId");
    const std::string partner =
        made("CreateProfile",
             {{"As2Id", "they"}, {"ProfileType", "PARTNER"}, {"Tags", {tag("of", "partner")}}},
             "ProfileId");
    const std::string workflow = made(
        "CreateWorkflow",
        {{"Steps",
          {{{"Type", "TAG"}, {"TagStepDetails", {{"Name", "t"}, {"Tags", {tag("a", "b")}}}}}}}},
        "WorkflowId");
    const json execution{{"WorkflowId", workflow}, {"ExecutionRole", kRole}};
    const std::string server =
        made("CreateServer", {{"WorkflowDetails", {{"OnUpload", {execution}}}}}, "ServerId");
    made("CreateAgreement",
         {{"ServerId", server},
          {"LocalProfileId", local},
          {"PartnerProfileId", partner},
          {"BaseDirectory", "/bucket/as2"},
          {"AccessRole", kRole},
          {"Status", "INACTIVE"}},
         "AgreementId");
    made("CreateConnector",
         {{"Url", "https://partner.example.com/as2"},
          {"AccessRole", kRole},
          {"As2Config",
           {{"LocalProfileId", local},
            {"PartnerProfileId", partner},
            {"Compression", "ZLIB"},
            {"EncryptionAlgorithm", "AES256_CBC"},
            {"SigningAlgorithm", "SHA256"},
            {"MdnSigningAlgorithm", "DEFAULT"},
            {"MdnResponse", "SYNC"}}}},
         "ConnectorId");
    made("CreateConnector",
         {{"Url", "sftp://partner.example.com"},
          {"AccessRole", kRole},
          {"SftpConfig", {{"UserSecretId", "secret"}}}},
         "ConnectorId");
    app = made("CreateWebApp", web_app(), "WebAppId");
    made("UpdateWebAppCustomization", {{"WebAppId", app}, {"Title", "Files"}, {"LogoFile", "aGk="}},
         "WebAppId");
  }

  static json web_app() {
    return {
        {"IdentityProviderDetails",
         {{"IdentityCenterConfig",
           {{"InstanceArn", "arn:aws:sso:::instance/ssoins-0123456789abcdef"}, {"Role", kRole}}}}}};
  }
  static json tag(const std::string& key, const std::string& value) {
    return {{"Key", key}, {"Value", value}};
  }
  std::string made(std::string_view operation, const json& request, const char* id) {
    const Answer answer = from.transfer(std::string(operation), request);
    EXPECT_EQ(answer.status, 200) << operation << answer.body;
    return answer.parsed().value(id, "");
  }
  static std::string exported(ApiFixture& api, bool secrets = true) {
    http::HttpRequest request;
    request.method = "GET";
    request.target = secrets ? "/_sallyport/export?secrets=true" : "/_sallyport/export";
    const Answer answer = api.send_signed(std::move(request), "", "s3");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.body;
  }
  // How many resources came to which end. A dry run has said so.
  std::map<std::string, int> imported(ApiFixture& api, const std::string& lines) {
    const json plan = testing::import_results(api, lines, true);
    const json results = testing::import_results(api, lines, false);
    EXPECT_EQ(plan, testing::as_planned(results));
    std::map<std::string, int> out;
    for (const json& one : results) {
      ++out[one["Outcome"]];
      if (one["Outcome"] == "refused") refusals += one["Text"].get<std::string>() + "\n";
    }
    return out;
  }

  ApiFixture from, to;
  std::string app;
  std::string refusals;
};

using Outcomes = std::map<std::string, int>;

TEST_F(PartnersMove, WholeAndOnlyOnce) {
  const std::string lines = exported(from);
  EXPECT_EQ(imported(to, lines), (Outcomes{{"made", 13}})) << refusals;
  EXPECT_EQ(imported(to, lines), (Outcomes{{"same", 13}}));
  const Answer look = to.transfer("DescribeWebAppCustomization", {{"WebAppId", app}});
  EXPECT_EQ(look.parsed()["WebAppCustomization"]["Title"], "Files") << look.body;
}

TEST_F(PartnersMove, AChangedLookIsChangedHere) {
  imported(to, exported(from));
  made("UpdateWebAppCustomization", {{"WebAppId", app}, {"Title", "New"}}, "WebAppId");
  EXPECT_EQ(imported(to, exported(from)), (Outcomes{{"changed", 1}, {"same", 12}}));
  const Answer look = to.transfer("DescribeWebAppCustomization", {{"WebAppId", app}});
  EXPECT_EQ(look.parsed()["WebAppCustomization"]["Title"], "New");
  EXPECT_EQ(look.parsed()["WebAppCustomization"]["LogoFile"], "aGk=");
}

TEST_F(PartnersMove, EndpointsInAVpcMoveWithTheirAddresses) {
  const json vpc{{"VpcId", "vpc-1"}, {"SubnetIds", {"subnet-1", "subnet-2"}}};
  const json addresses{"eipalloc-1", "eipalloc-2"};
  const std::string server =
      made("CreateServer", {{"EndpointType", "VPC"}, {"EndpointDetails", vpc}}, "ServerId");
  from.set_state(server, model::ServerState::kOffline);
  made("UpdateServer",
       {{"ServerId", server}, {"EndpointDetails", {{"AddressAllocationIds", addresses}}}},
       "ServerId");
  json app_there = web_app();
  app_there["EndpointDetails"] = {{"Vpc", vpc}};
  made("CreateWebApp", app_there, "WebAppId");
  const std::string lines = exported(from);
  EXPECT_EQ(imported(to, lines), (Outcomes{{"made", 18}})) << refusals;
  EXPECT_EQ(to.describe_server(server)["EndpointDetails"]["AddressAllocationIds"], addresses);
  EXPECT_EQ(imported(to, lines), (Outcomes{{"same", 18}})) << refusals;
}

TEST_F(PartnersMove, WithoutSecretsWhatNeedsAPrivateKeyIsRefused) {
  imported(to, exported(from, false));
  const json all = to.transfer("ListCertificates", json::object()).parsed()["Certificates"];
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0]["Type"], "CERTIFICATE");
  EXPECT_THAT(refusals, ::testing::HasSubstr("has no private key"));
  // The partner's, which needs none, is there.
  EXPECT_EQ(to.transfer("ListProfiles", json::object()).parsed()["Profiles"].size(), 1u);

  // A key that comes later does not go unsaid, and comes with the certificate.
  const std::string whole = exported(from);
  imported(to, whole);
  EXPECT_THAT(refusals, ::testing::HasSubstr("delete it first"));
  const Answer gone =
      to.transfer("DeleteCertificate", {{"CertificateId", all[0]["CertificateId"]}});
  EXPECT_EQ(gone.status, 200) << gone.body;
  refusals.clear();
  imported(to, whole);
  EXPECT_EQ(refusals, "");
  EXPECT_EQ(imported(to, whole), (Outcomes{{"same", 13}}));
}

}  // namespace
}  // namespace sallyport::api
