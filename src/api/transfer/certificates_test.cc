#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/testing/api_fixture.h"
#include "api/testing/output_check.h"
#include "api/testing/test_certificate.h"
#include "api/transfer/references.h"
#include "state/transfer_repository.h"

namespace sallyport::api {
namespace {

using testing::Answer;
using testing::ApiFixture;
using testing::expect_output;
using testing::json;
using testing::kNotAfter;
using testing::kNotBefore;
using testing::make_test_certificate;
using testing::test_authority;
using testing::test_certificate;

class TransferCertificates : public ::testing::Test {
 protected:
  static TransferLimits limits() {
    TransferLimits limits;
    limits.certificates = 3;
    return limits;
  }

  Answer import(const json& members = json::object()) {
    json request = {{"Usage", "SIGNING"}, {"Certificate", test_certificate().pem}};
    request.update(members);
    return api.transfer("ImportCertificate", request);
  }
  std::string id_of(const Answer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.parsed().value("CertificateId", "");
  }
  json describe(const std::string& id) {
    const Answer answer = api.transfer("DescribeCertificate", {{"CertificateId", id}});
    EXPECT_EQ(answer.status, 200) << answer.body;
    expect_output("DescribeCertificate", answer.parsed());
    return answer.parsed()["Certificate"];
  }
  Answer update(const std::string& id, json members) {
    members["CertificateId"] = id;
    return api.transfer("UpdateCertificate", members);
  }
  void at(double seconds) {
    api.clock.set_wall(from_unix_ms(static_cast<std::int64_t>(seconds * 1000)));
  }
  void refused(const Answer& answer, const std::string& message,
               const std::string& type = "InvalidRequestException") {
    EXPECT_EQ(answer.status, 400) << answer.body;
    EXPECT_EQ(answer.type(), type) << answer.body;
    EXPECT_EQ(answer.message(), message);
  }

  ApiFixture api{limits()};
};

TEST_F(TransferCertificates, ABareOneTakesItsDatesFromTheCertificate) {
  const Answer made = import();
  expect_output("ImportCertificate", made.parsed());
  const std::string id = id_of(made);
  EXPECT_EQ(describe(id),
            json({{"Arn", "arn:aws:transfer:us-east-1:000000000000:certificate/" + id},
                  {"CertificateId", id},
                  {"Usage", "SIGNING"},
                  {"Status", "ACTIVE"},
                  {"Certificate", test_certificate().pem},
                  {"Serial", "1234abcd"},
                  {"Type", "CERTIFICATE"},
                  {"ActiveDate", kNotBefore},
                  {"InactiveDate", kNotAfter},
                  {"NotBeforeDate", kNotBefore},
                  {"NotAfterDate", kNotAfter}}));
}

TEST_F(TransferCertificates, KeepChainKeyDescriptionAndTags) {
  const std::string id = id_of(import({{"CertificateChain", test_authority().pem},
                                       {"PrivateKey", test_certificate().key},
                                       {"Description", "first"},
                                       {"Tags", {{{"Key", "a"}, {"Value", "b"}}}}}));
  const json shown = describe(id);
  EXPECT_EQ(shown["Type"], "CERTIFICATE_WITH_PRIVATE_KEY");
  EXPECT_EQ(shown["CertificateChain"], test_authority().pem);
  EXPECT_EQ(shown["Description"], "first");
  EXPECT_EQ(shown["Tags"], json({{{"Key", "a"}, {"Value", "b"}}}));
}

TEST_F(TransferCertificates, PrivateKeysLieSealed) {
  const std::string id = id_of(import({{"PrivateKey", test_certificate().key}}));
  const auto stored =
      net::sync_wait(state::Repository<model::Certificate>(*api.resources).get("", id));
  ASSERT_TRUE(stored.ok());
  const std::string& sealed = stored->value.sealed_private_key;
  EXPECT_EQ(to_document(stored->value).find("PRIVATE KEY"), std::string::npos);
  const auto opened = api.box.open(sealed, certificate_seal_context(stored->value.id));
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->reveal(), test_certificate().key);
}

TEST_F(TransferCertificates, TheAuditHidesWhatIsSecret) {
  ASSERT_EQ(import({{"PrivateKey", test_certificate().key}}).status, 200);
  ASSERT_EQ(import({{"PrivateKey", test_authority().key}}).status, 400);
  const auto events = api.audit_events();
  ASSERT_EQ(events.size(), 2u);
  for (const json& event : events) {
    EXPECT_EQ(event["requestParameters"]["privateKey"], "HIDDEN_DUE_TO_SECURITY_REASONS");
    EXPECT_EQ(event["requestParameters"]["certificate"], "HIDDEN_DUE_TO_SECURITY_REASONS");
    EXPECT_EQ(event.dump().find("BEGIN"), std::string::npos);
  }
}

TEST_F(TransferCertificates, AnAuthorityIsACertificateToo) {
  EXPECT_EQ(import({{"Certificate", test_authority().pem}}).status, 200);
}

TEST_F(TransferCertificates, WhatIsNoCertificateIsRefused) {
  refused(import({{"Certificate", "hello"}}), "Invalid certificate format");
  refused(import({{"Certificate", test_certificate().pem + test_authority().pem}}),
          "Invalid certificate format");
  refused(import({{"Certificate", test_certificate().key}}), "Invalid certificate format");
  EXPECT_EQ(import({{"Certificate", std::string(16385, 'a')}}).type(), "ValidationException");
}

TEST_F(TransferCertificates, KeysOfOtherCertificatesAreRefused) {
  refused(import({{"PrivateKey", test_authority().key}}),
          "Private key does not match the certificate");
  refused(import({{"PrivateKey", "key"}}), "Invalid private key format");
  refused(import({{"PrivateKey", crypto::testing::pem_of(test_certificate().pair.get(), "pass")}}),
          "Invalid private key format");
}

TEST_F(TransferCertificates, ChainsMustLeadFromTheCertificate) {
  refused(import({{"CertificateChain", "chain"}}), "Invalid certificate chain format");
  refused(import({{"CertificateChain", test_certificate().pem}}),
          "Certificate was not issued by its certificate chain");
  std::string many;
  for (int i = 0; i < 33; ++i) many += test_authority().pem;
  refused(import({{"CertificateChain", many}}), "Cannot exceed quota for CertificatesPerChain: 32");
}

TEST_F(TransferCertificates, PublicKeysMustFitTheUsage) {
  const auto weak = make_test_certificate(crypto::testing::rsa_key(1024));
  refused(import({{"Certificate", weak.pem}}),
          "Certificate must have an RSA key of 2048 to 4096 bits");
  const auto curve = make_test_certificate(crypto::testing::ec_key());
  for (const char* usage : {"SIGNING", "ENCRYPTION"})
    refused(import({{"Certificate", curve.pem}, {"Usage", usage}}),
            std::string("Unsupported public key algorithm for Usage: ") + usage);
  EXPECT_EQ(import({{"Certificate", curve.pem}, {"Usage", "TLS"}}).status, 200);
}

TEST_F(TransferCertificates, AnExpiredOneIsRefused) {
  at(kNotAfter);
  EXPECT_EQ(import().status, 200);
  at(kNotAfter + 1);
  refused(import(), "Certificate has expired");
}

TEST_F(TransferCertificates, TheStatusFollowsTheDates) {
  const std::string id = id_of(
      import({{"ActiveDate", kNotBefore + 5'000'000}, {"InactiveDate", kNotBefore + 6'000'000}}));
  EXPECT_EQ(describe(id)["Status"], "PENDING_ROTATION");
  at(kNotBefore + 5'000'000);
  EXPECT_EQ(describe(id)["Status"], "ACTIVE");
  at(kNotBefore + 6'000'000);
  EXPECT_EQ(describe(id)["Status"], "INACTIVE");
  const Answer listed = api.transfer("ListCertificates", json::object());
  EXPECT_EQ(listed.parsed()["Certificates"][0]["Status"], "INACTIVE");
}

TEST_F(TransferCertificates, DatesLieWithinTheValidity) {
  const char* outside = " must be between the certificate's NotBeforeDate and NotAfterDate";
  refused(import({{"ActiveDate", kNotBefore - 1}}), std::string("ActiveDate") + outside);
  refused(import({{"InactiveDate", kNotAfter + 1}}), std::string("InactiveDate") + outside);
  refused(import({{"InactiveDate", 1e300}}), std::string("InactiveDate") + outside);
  refused(import({{"ActiveDate", kNotAfter}}), "ActiveDate must be before InactiveDate");
  const std::string id = id_of(import());
  refused(update(id, {{"ActiveDate", -1e300}}), std::string("ActiveDate") + outside);
  refused(update(id, {{"InactiveDate", kNotBefore}}), "ActiveDate must be before InactiveDate");
}

TEST_F(TransferCertificates, AnUpdateChangesOnlyWhatIsGiven) {
  const std::string id = id_of(import({{"Description", "first"}}));
  json expected = describe(id);
  const Answer answer = update(id, {{"InactiveDate", kNotAfter - 0.5}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  expect_output("UpdateCertificate", answer.parsed());
  expected["InactiveDate"] = kNotAfter - 0.5;
  EXPECT_EQ(describe(id), expected);
  ASSERT_EQ(update(id, {{"Description", "second"}}).status, 200);
  EXPECT_EQ(describe(id)["Description"], "second");
  EXPECT_EQ(update(id, {{"Description", "with space"}}).type(), "ValidationException");
}

TEST_F(TransferCertificates, OneThatIsNotThereIsUnknown) {
  for (const char* operation : {"DescribeCertificate", "UpdateCertificate", "DeleteCertificate"})
    refused(api.transfer(operation, {{"CertificateId", "cert-0123456789abcdef0"}}),
            "Unknown certificate", "ResourceNotFoundException");
}

TEST_F(TransferCertificates, AreDeletedForGood) {
  const std::string id = id_of(import());
  const Answer gone = api.transfer("DeleteCertificate", {{"CertificateId", id}});
  EXPECT_EQ(gone.status, 200);
  EXPECT_EQ(gone.body, "");
  refused(api.transfer("DescribeCertificate", {{"CertificateId", id}}), "Unknown certificate",
          "ResourceNotFoundException");
}

TEST_F(TransferCertificates, AreListedInPagesUpToTheQuota) {
  for (int i = 0; i < 3; ++i) ASSERT_EQ(import().status, 200);
  refused(import(), "Cannot exceed quota for CertificatesPerAccount: 3");
  const Answer first = api.transfer("ListCertificates", {{"MaxResults", 2}});
  expect_output("ListCertificates", first.parsed());
  EXPECT_EQ(first.parsed()["Certificates"].size(), 2u);
  EXPECT_FALSE(first.parsed()["Certificates"][0].contains("Certificate"));
  const Answer second =
      api.transfer("ListCertificates", {{"NextToken", first.parsed()["NextToken"]}});
  EXPECT_EQ(second.parsed()["Certificates"].size(), 1u);
  EXPECT_FALSE(second.parsed().contains("NextToken"));
}

}  // namespace
}  // namespace sallyport::api
