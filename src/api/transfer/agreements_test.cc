#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/testing/api_fixture.h"
#include "api/testing/output_check.h"

namespace sallyport::api {
namespace {

using testing::Answer;
using testing::ApiFixture;
using testing::expect_output;
using testing::json;
using testing::kRole;

class TransferAgreements : public ::testing::Test {
 protected:
  static TransferLimits limits() {
    TransferLimits limits;
    limits.agreements_per_server = 3;
    return limits;
  }

  std::string add_profile(const std::string& type) {
    model::Profile profile;
    profile.id = model::ProfileId("p-" + api.random.hex(17));
    profile.type = type;
    profile.as2_id = "same";
    api.put(profile);
    return profile.id.str();
  }
  Answer create(const json& members = json::object()) {
    json request = {{"ServerId", server},
                    {"LocalProfileId", local},
                    {"PartnerProfileId", partner},
                    {"AccessRole", kRole}};
    if (!members.contains("CustomDirectories")) request["BaseDirectory"] = "/bucket/base";
    request.update(members);
    return api.transfer("CreateAgreement", request);
  }
  std::string id_of(const Answer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.parsed().value("AgreementId", "");
  }
  json describe(const std::string& id) {
    const Answer answer =
        api.transfer("DescribeAgreement", {{"ServerId", server}, {"AgreementId", id}});
    EXPECT_EQ(answer.status, 200) << answer.body;
    expect_output("DescribeAgreement", answer.parsed());
    return answer.parsed()["Agreement"];
  }
  Answer update(const std::string& id, json members) {
    members["ServerId"] = server;
    members["AgreementId"] = id;
    return api.transfer("UpdateAgreement", members);
  }
  void refused(const Answer& answer, const std::string& message,
               const std::string& type = "InvalidRequestException") {
    EXPECT_EQ(answer.status, 400) << answer.body;
    EXPECT_EQ(answer.type(), type) << answer.body;
    EXPECT_EQ(answer.message(), message);
  }

  static json directories() {
    return {{"FailedFilesDirectory", "/b/failed"},
            {"MdnFilesDirectory", "/b/mdn"},
            {"PayloadFilesDirectory", "/b/payload"},
            {"StatusFilesDirectory", "/b/status"},
            {"TemporaryFilesDirectory", "/b/temporary"}};
  }

  ApiFixture api{limits()};
  const std::string server = api.add_server();
  const std::string local = add_profile("LOCAL");
  const std::string partner = add_profile("PARTNER");
};

TEST_F(TransferAgreements, ANewAgreementHasTheDocumentedDefaults) {
  const Answer made = create();
  expect_output("CreateAgreement", made.parsed());
  const std::string id = id_of(made);
  EXPECT_EQ(describe(id),
            json({{"Arn", "arn:aws:transfer:us-east-1:000000000000:agreement/" + server + "/" + id},
                  {"AgreementId", id},
                  {"ServerId", server},
                  {"Status", "ACTIVE"},
                  {"LocalProfileId", local},
                  {"PartnerProfileId", partner},
                  {"BaseDirectory", "/bucket/base"},
                  {"AccessRole", kRole},
                  {"PreserveFilename", "DISABLED"},
                  {"EnforceMessageSigning", "DISABLED"}}));
}

TEST_F(TransferAgreements, ShowWhatWasAskedFor) {
  const json members = {{"Description", "first"},
                        {"Status", "INACTIVE"},
                        {"CustomDirectories", directories()},
                        {"PreserveFilename", "ENABLED"},
                        {"EnforceMessageSigning", "ENABLED"},
                        {"Tags", {{{"Key", "a"}, {"Value", "b"}}}}};
  const json shown = describe(id_of(create(members)));
  for (const auto& [member, value] : members.items()) EXPECT_EQ(shown[member], value) << member;
  EXPECT_FALSE(shown.contains("BaseDirectory"));
}

TEST_F(TransferAgreements, HaveOneKindOfDirectories) {
  refused(create({{"BaseDirectory", "/a"}, {"CustomDirectories", directories()}}),
          "Cannot specify both BaseDirectory and CustomDirectories");
  refused(create({{"BaseDirectory", ""}}),
          "Must specify either BaseDirectory or CustomDirectories");
  json partly = directories();
  partly["MdnFilesDirectory"] = "";
  refused(create({{"CustomDirectories", partly}}), "CustomDirectories must not be empty");
  partly.erase("MdnFilesDirectory");
  EXPECT_EQ(create({{"CustomDirectories", partly}}).type(), "ValidationException");
}

TEST_F(TransferAgreements, AnUpdateToOneKindOfDirectoriesDropsTheOther) {
  const std::string id = id_of(create());
  ASSERT_EQ(update(id, {{"CustomDirectories", directories()}}).status, 200);
  EXPECT_FALSE(describe(id).contains("BaseDirectory"));
  ASSERT_EQ(update(id, {{"BaseDirectory", "/again"}}).status, 200);
  EXPECT_FALSE(describe(id).contains("CustomDirectories"));
  EXPECT_EQ(describe(id)["BaseDirectory"], "/again");
}

TEST_F(TransferAgreements, NeedAServerThatIsThere) {
  const char* absent = "s-0123456789abcdef0";
  refused(create({{"ServerId", absent}}), "Unknown server", "ResourceNotFoundException");
  refused(api.transfer("ListAgreements", {{"ServerId", absent}}), "Unknown server",
          "ResourceNotFoundException");
}

TEST_F(TransferAgreements, NeedProfilesOfTheRightType) {
  refused(create({{"LocalProfileId", "p-0123456789abcdef0"}}), "Unknown profile",
          "ResourceNotFoundException");
  refused(create({{"LocalProfileId", partner}}), "Profile " + partner + " is not of type LOCAL");
  refused(create({{"PartnerProfileId", local}}), "Profile " + local + " is not of type PARTNER");
  const std::string id = id_of(create());
  refused(update(id, {{"PartnerProfileId", local}}),
          "Profile " + local + " is not of type PARTNER");
}

TEST_F(TransferAgreements, APairOfProfilesHasOneAgreementPerServer) {
  const std::string id = id_of(create());
  const Answer again = create();
  refused(again, "Agreement already exists for these profiles", "ResourceExistsException");
  EXPECT_EQ(again.parsed()["Resource"], id);
  EXPECT_EQ(again.parsed()["ResourceType"], "Agreement");
  EXPECT_EQ(create({{"ServerId", api.add_server()}}).status, 200);
  const std::string other = id_of(create({{"PartnerProfileId", add_profile("PARTNER")}}));
  refused(update(other, {{"PartnerProfileId", partner}}),
          "Agreement already exists for these profiles", "ResourceExistsException");
}

TEST_F(TransferAgreements, OfManyAtOnceForOnePairOneIsMade) {
  const json request = {{"ServerId", server},
                        {"LocalProfileId", local},
                        {"PartnerProfileId", partner},
                        {"AccessRole", kRole},
                        {"BaseDirectory", "/b"}};
  int made = 0;
  for (const Answer& answer :
       api.transfer_at_once("CreateAgreement", std::vector<json>(4, request)))
    made += answer.status == 200 ? 1 : 0;
  EXPECT_EQ(made, 1);
}

TEST_F(TransferAgreements, AnUpdateChangesOnlyWhatIsGiven) {
  const std::string id = id_of(create({{"Description", "first"}}));
  json expected = describe(id);
  const Answer answer = update(id, {{"Status", "INACTIVE"}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  expect_output("UpdateAgreement", answer.parsed());
  expected["Status"] = "INACTIVE";
  EXPECT_EQ(describe(id), expected);
}

TEST_F(TransferAgreements, KeepTheirProfilesFromDeletion) {
  const std::string id = id_of(create());
  for (const std::string& profile : {local, partner})
    refused(api.transfer("DeleteProfile", {{"ProfileId", profile}}),
            "Profile is still in use by agreement " + id);
  const Answer gone = api.transfer("DeleteAgreement", {{"ServerId", server}, {"AgreementId", id}});
  EXPECT_EQ(gone.status, 200) << gone.body;
  EXPECT_EQ(gone.body, "");
  EXPECT_EQ(api.transfer("DeleteProfile", {{"ProfileId", local}}).status, 200);
}

TEST_F(TransferAgreements, KeepTheirServerFromDeletion) {
  const std::string id = id_of(create());
  refused(api.transfer("DeleteServer", {{"ServerId", server}}),
          "Server has agreements; delete them before deleting the server");
  ASSERT_EQ(api.transfer("DeleteAgreement", {{"ServerId", server}, {"AgreementId", id}}).status,
            200);
  EXPECT_EQ(api.transfer("DeleteServer", {{"ServerId", server}}).status, 200);
}

TEST_F(TransferAgreements, OneThatIsNotThereIsUnknown) {
  const std::string elsewhere = id_of(create({{"ServerId", api.add_server()}}));
  for (const char* operation : {"DescribeAgreement", "UpdateAgreement", "DeleteAgreement"})
    refused(api.transfer(operation, {{"ServerId", server}, {"AgreementId", elsewhere}}),
            "Unknown agreement", "ResourceNotFoundException");
}

TEST_F(TransferAgreements, AreListedInPagesUpToTheQuota) {
  for (int i = 0; i < 3; ++i)
    ASSERT_EQ(create({{"PartnerProfileId", add_profile("PARTNER")}}).status, 200);
  refused(create(), "Cannot exceed quota for AgreementsPerServer: 3");
  const Answer first = api.transfer("ListAgreements", {{"ServerId", server}, {"MaxResults", 2}});
  expect_output("ListAgreements", first.parsed());
  EXPECT_EQ(first.parsed()["Agreements"].size(), 2u);
  const json token = first.parsed()["NextToken"];
  const Answer second =
      api.transfer("ListAgreements", {{"ServerId", server}, {"NextToken", token}});
  EXPECT_EQ(second.parsed()["Agreements"].size(), 1u);
  EXPECT_EQ(
      api.transfer("ListAgreements", {{"ServerId", api.add_server()}, {"NextToken", token}}).type(),
      "InvalidNextTokenException");
}

TEST_F(TransferAgreements, TakeTagsByTheirArn) {
  const std::string arn = describe(id_of(create()))["Arn"];
  const json tags = {{{"Key", "a"}, {"Value", "1"}}};
  ASSERT_EQ(api.transfer("TagResource", {{"Arn", arn}, {"Tags", tags}}).status, 200);
  EXPECT_EQ(api.transfer("ListTagsForResource", {{"Arn", arn}}).parsed()["Tags"], tags);
}

TEST_F(TransferAgreements, TheirRoleMustBePassable) {
  api.signer = api.add_user(
      "ann",
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"transfer:*","Resource":"*"}})");
  EXPECT_EQ(create().type(), "AccessDeniedException");
}

}  // namespace
}  // namespace sallyport::api
