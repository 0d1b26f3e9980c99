#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/testing/api_fixture.h"
#include "api/testing/output_check.h"
#include "state/transfer_repository.h"

namespace sallyport::api {
namespace {

using testing::Answer;
using testing::ApiFixture;
using testing::expect_output;
using testing::json;

class TransferProfiles : public ::testing::Test {
 protected:
  static TransferLimits limits() {
    TransferLimits limits;
    limits.profiles = 3;
    limits.certificates_per_profile = 2;
    return limits;
  }

  Answer create(const json& members = json::object()) {
    json request = {{"As2Id", "us"}, {"ProfileType", "LOCAL"}};
    request.update(members);
    return api.transfer("CreateProfile", request);
  }
  std::string id_of(const Answer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.parsed().value("ProfileId", "");
  }
  json describe(const std::string& id) {
    const Answer answer = api.transfer("DescribeProfile", {{"ProfileId", id}});
    EXPECT_EQ(answer.status, 200) << answer.body;
    expect_output("DescribeProfile", answer.parsed());
    return answer.parsed()["Profile"];
  }
  // A certificate whose content nothing looks at.
  std::string add_certificate(const std::string& usage = "SIGNING",
                              const std::string& sealed_key = "sealed") {
    model::Certificate certificate;
    certificate.id = model::CertificateId("cert-" + api.random.hex(17));
    certificate.usage = usage;
    certificate.certificate = "pem";
    certificate.sealed_private_key = sealed_key;
    api.put(certificate);
    return certificate.id.str();
  }
  void refused(const Answer& answer, const std::string& message,
               const std::string& type = "InvalidRequestException") {
    EXPECT_EQ(answer.status, 400) << answer.body;
    EXPECT_EQ(answer.type(), type) << answer.body;
    EXPECT_EQ(answer.message(), message);
  }

  ApiFixture api{limits()};
};

TEST_F(TransferProfiles, ANewProfileShowsWhatWasAskedFor) {
  const std::string certificate = add_certificate();
  const Answer made =
      create({{"CertificateIds", {certificate}}, {"Tags", {{{"Key", "team"}, {"Value", "x"}}}}});
  expect_output("CreateProfile", made.parsed());
  const std::string id = id_of(made);
  EXPECT_EQ(describe(id), json({{"Arn", "arn:aws:transfer:us-east-1:000000000000:profile/" + id},
                                {"ProfileId", id},
                                {"ProfileType", "LOCAL"},
                                {"As2Id", "us"},
                                {"CertificateIds", {certificate}},
                                {"Tags", {{{"Key", "team"}, {"Value", "x"}}}}}));
}

TEST_F(TransferProfiles, ABareProfileHasNoListsToShow) {
  const json profile = describe(id_of(create()));
  EXPECT_FALSE(profile.contains("CertificateIds"));
  EXPECT_FALSE(profile.contains("Tags"));
}

TEST_F(TransferProfiles, MayShareAnAs2Id) {
  EXPECT_EQ(create({{"ProfileType", "LOCAL"}}).status, 200);
  EXPECT_EQ(create({{"ProfileType", "PARTNER"}}).status, 200);
}

TEST_F(TransferProfiles, AreRefusedBeyondTheQuota) {
  for (int i = 0; i < 3; ++i) ASSERT_EQ(create().status, 200);
  refused(create(), "Cannot exceed quota for ProfilesPerAccount: 3");
}

TEST_F(TransferProfiles, UseOnlyCertificatesThatFit) {
  refused(create({{"CertificateIds", {"cert-0123456789abcdef0"}}}), "Unknown certificate",
          "ResourceNotFoundException");
  const std::string open = add_certificate("SIGNING", "");
  refused(create({{"CertificateIds", {open}}}),
          "Certificate " + open + " has no private key and cannot be used by a LOCAL profile");
  const std::string tls = add_certificate("TLS");
  refused(create({{"CertificateIds", {tls}}}),
          "Certificate " + tls + " of usage TLS cannot be used by a LOCAL profile");
  EXPECT_EQ(create({{"ProfileType", "PARTNER"}, {"CertificateIds", {open, tls}}}).status, 200);
}

TEST_F(TransferProfiles, NameEachCertificateOnceUpToTheQuota) {
  const std::string one = add_certificate(), two = add_certificate(), three = add_certificate();
  refused(create({{"CertificateIds", {one, one}}}), "CertificateIds must be unique");
  refused(create({{"CertificateIds", {one, two, three}}}),
          "Cannot exceed quota for CertificatesPerProfile: 2");
  const std::string id = id_of(create({{"CertificateIds", {one, two}}}));
  refused(api.transfer("UpdateProfile", {{"ProfileId", id}, {"CertificateIds", {one, two, three}}}),
          "Cannot exceed quota for CertificatesPerProfile: 2");
}

TEST_F(TransferProfiles, AnUpdateReplacesTheCertificates) {
  const std::string one = add_certificate(), two = add_certificate();
  const std::string id = id_of(create({{"CertificateIds", {one}}}));
  const Answer kept = api.transfer("UpdateProfile", {{"ProfileId", id}});
  EXPECT_EQ(kept.parsed(), json({{"ProfileId", id}}));
  EXPECT_EQ(describe(id)["CertificateIds"], json({one}));
  const Answer answer =
      api.transfer("UpdateProfile", {{"ProfileId", id}, {"CertificateIds", {two}}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  expect_output("UpdateProfile", answer.parsed());
  EXPECT_EQ(describe(id)["CertificateIds"], json({two}));
  ASSERT_EQ(
      api.transfer("UpdateProfile", {{"ProfileId", id}, {"CertificateIds", json::array()}}).status,
      200);
  EXPECT_FALSE(describe(id).contains("CertificateIds"));
}

TEST_F(TransferProfiles, OneThatIsNotThereIsUnknown) {
  for (const char* operation : {"DescribeProfile", "UpdateProfile", "DeleteProfile"}) {
    const Answer answer = api.transfer(operation, {{"ProfileId", "p-0123456789abcdef0"}});
    refused(answer, "Unknown profile", "ResourceNotFoundException");
    EXPECT_EQ(answer.parsed()["Resource"], "p-0123456789abcdef0");
    EXPECT_EQ(answer.parsed()["ResourceType"], "Profile");
  }
}

TEST_F(TransferProfiles, DeletionFreesTheirCertificates) {
  const std::string certificate = add_certificate();
  const std::string id = id_of(create({{"CertificateIds", {certificate}}}));
  refused(api.transfer("DeleteCertificate", {{"CertificateId", certificate}}),
          "Certificate is still in use by profile " + id);
  const Answer gone = api.transfer("DeleteProfile", {{"ProfileId", id}});
  EXPECT_EQ(gone.status, 200) << gone.body;
  EXPECT_EQ(gone.body, "");
  EXPECT_EQ(api.transfer("DeleteCertificate", {{"CertificateId", certificate}}).status, 200);
}

TEST_F(TransferProfiles, AreListedByTypeAndPage) {
  for (const char* type : {"LOCAL", "PARTNER", "LOCAL"})
    ASSERT_EQ(create({{"ProfileType", type}}).status, 200);
  const Answer all = api.transfer("ListProfiles", json::object());
  expect_output("ListProfiles", all.parsed());
  EXPECT_EQ(all.parsed()["Profiles"].size(), 3u);
  EXPECT_EQ(api.transfer("ListProfiles", {{"ProfileType", "PARTNER"}}).parsed()["Profiles"].size(),
            1u);
  const Answer first = api.transfer("ListProfiles", {{"ProfileType", "LOCAL"}, {"MaxResults", 1}});
  ASSERT_EQ(first.parsed()["Profiles"].size(), 1u);
  const json token = first.parsed()["NextToken"];
  const Answer second =
      api.transfer("ListProfiles", {{"ProfileType", "LOCAL"}, {"NextToken", token}});
  ASSERT_EQ(second.parsed()["Profiles"].size(), 1u);
  EXPECT_NE(second.parsed()["Profiles"][0]["ProfileId"],
            first.parsed()["Profiles"][0]["ProfileId"]);
  EXPECT_FALSE(second.parsed().contains("NextToken"));
  EXPECT_EQ(api.transfer("ListProfiles", {{"NextToken", token}}).type(),
            "InvalidNextTokenException");
}

TEST_F(TransferProfiles, AreTaggedByTheirArn) {
  const std::string arn = describe(id_of(create()))["Arn"];
  const json tags = {{{"Key", "a"}, {"Value", "1"}}};
  ASSERT_EQ(api.transfer("TagResource", {{"Arn", arn}, {"Tags", tags}}).status, 200);
  EXPECT_EQ(api.transfer("ListTagsForResource", {{"Arn", arn}}).parsed()["Tags"], tags);
  ASSERT_EQ(api.transfer("UntagResource", {{"Arn", arn}, {"TagKeys", {"a"}}}).status, 200);
  EXPECT_EQ(api.transfer("ListTagsForResource", {{"Arn", arn}}).parsed()["Tags"], json::array());
  refused(api.transfer("TagResource", {{"Arn", arn + "0"}, {"Tags", tags}}), "Unknown profile",
          "ResourceNotFoundException");
}

TEST_F(TransferProfiles, AreShownToWhomTheirTagsAllow) {
  const std::string id = id_of(create({{"Tags", {{{"Key", "team"}, {"Value", "x"}}}}}));
  const std::string other = id_of(create());
  api.signer = api.add_user(
      "ann",
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"transfer:DescribeProfile","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"x"}}}})");
  EXPECT_EQ(api.transfer("DescribeProfile", {{"ProfileId", id}}).status, 200);
  EXPECT_EQ(api.transfer("DescribeProfile", {{"ProfileId", other}}).type(),
            "AccessDeniedException");
}

}  // namespace
}  // namespace sallyport::api
