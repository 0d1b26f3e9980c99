#include <nlohmann/json.hpp>

#include "api/s3/s3_fixture.h"

namespace sallyport::api {
namespace {

using testing::Answer;

class S3Buckets : public testing::S3Test {};

TEST_F(S3Buckets, AreMadeListedAndRemoved) {
  EXPECT_EQ(header(api.s3("PUT", "/other"), "Location"), "/other");
  EXPECT_EQ(api.s3("PUT", "/other").status, 200);  // one's own again, in us-east-1
  EXPECT_EQ(count(api.s3("GET", "/"), "Name"), 2);
  EXPECT_EQ(text(api.s3("GET", "/?prefix=oth"), "Name"), "other");
  EXPECT_EQ(header(api.s3("HEAD", "/other"), "x-amz-bucket-region"), "us-east-1");
  EXPECT_EQ(api.s3("DELETE", "/other").status, 204);
  EXPECT_EQ(api.s3("HEAD", "/other").status, 404);
  refused(api.s3("DELETE", "/other"), 404, "NoSuchBucket");
}

TEST_F(S3Buckets, AreListedInPages) {
  for (const char* name : {"aaa", "bbb", "ccc"})
    ASSERT_EQ(api.s3("PUT", std::string("/") + name).status, 200);
  const Answer first = api.s3("GET", "/?max-buckets=2");
  EXPECT_EQ(count(first, "Name"), 2);
  const std::string token = codec::percent_encode(text(first, "ContinuationToken"));
  const Answer rest = api.s3("GET", "/?continuation-token=" + token + "&max-buckets=2");
  EXPECT_EQ(text(rest, "Name"), "ccc");
  EXPECT_EQ(text(rest, "ContinuationToken"), "");
  EXPECT_EQ(text(rest, "BucketRegion"), "us-east-1");
  EXPECT_EQ(text(rest, "ID"), "000000000000");
  refused(api.s3("GET", "/?continuation-token=AAAA"), 400, "InvalidArgument");
  refused(api.s3("GET", "/?max-buckets=0"), 400, "InvalidArgument");
  refused(api.s3("GET", "/?max-buckets=many"), 400, "InvalidArgument");
}

TEST_F(S3Buckets, KnowTheirRegion) {
  ASSERT_EQ(api.s3("PUT", "/abroad",
                   "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                   "<LocationConstraint>eu-central-1</LocationConstraint>"
                   "</CreateBucketConfiguration>")
                .status,
            200);
  EXPECT_NE(api.s3("GET", "/abroad?location").body.find(">eu-central-1</LocationConstraint>"),
            std::string::npos);
  EXPECT_EQ(header(api.s3("HEAD", "/abroad"), "x-amz-bucket-region"), "eu-central-1");
  EXPECT_EQ(count(api.s3("GET", "/?bucket-region=eu-central-1"), "Name"), 1);
  EXPECT_NE(api.s3("GET", "/files?location").body.find("<LocationConstraint xmlns="),
            std::string::npos);
  EXPECT_EQ(api.s3("GET", "/files?location").body.find("us-east-1"), std::string::npos);
  // Elsewhere than in us-east-1 one's own bucket is not made again.
  refused(api.s3("PUT", "/abroad",
                 "<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint>"
                 "</CreateBucketConfiguration>"),
          409, "BucketAlreadyOwnedByYou");
  refused(api.s3("PUT", "/abroad"), 409, "BucketAlreadyOwnedByYou");
}

TEST_F(S3Buckets, AreRefusedWhenTheyCannotBe) {
  refused(api.s3("PUT", "/Upper"), 400, "InvalidBucketName");
  refused(api.s3("PUT", "/elsewhere",
                 "<CreateBucketConfiguration><LocationConstraint>no where</LocationConstraint>"
                 "</CreateBucketConfiguration>"),
          400, "InvalidLocationConstraint");
  refused(api.s3("PUT", "/broken", "<Create"), 400, "MalformedXML");
  refused(api.s3("PUT", "/broken", "<Other/>"), 400, "MalformedXML");
  refused(api.s3("PUT", "/broken", "", {{"x-amz-acl", "public-read"}}), 400,
          "AccessControlListNotSupported");
  refused(api.s3("PUT", "/broken", "", {{"x-amz-bucket-object-lock-enabled", "true"}}), 501,
          "NotImplemented");
  EXPECT_EQ(api.s3("PUT", "/private", "", {{"x-amz-acl", "private"}}).status, 200);
  put("a", "x");
  refused(api.s3("DELETE", "/files"), 409, "BucketNotEmpty");
  EXPECT_EQ(api.s3("HEAD", "/broken").status, 404);
}

TEST_F(S3Buckets, OfTheExpectedOwnerOnly) {
  EXPECT_EQ(api.s3("HEAD", "/files", "", {{"x-amz-expected-bucket-owner", "000000000000"}}).status,
            200);
  refused(api.s3("GET", "/files", "", {{"x-amz-expected-bucket-owner", "111111111111"}}), 403,
          "AccessDenied");
}

TEST_F(S3Buckets, AreVersioned) {
  EXPECT_EQ(text(api.s3("GET", "/files?versioning"), "Status"), "");
  version("Enabled");
  EXPECT_EQ(text(api.s3("GET", "/files?versioning"), "Status"), "Enabled");
  version("Suspended");
  EXPECT_EQ(text(api.s3("GET", "/files?versioning"), "Status"), "Suspended");
  refused(api.s3("PUT", "/files?versioning", "<VersioningConfiguration/>"), 400,
          "IllegalVersioningConfigurationException");
  refused(api.s3("PUT", "/files?versioning",
                 "<VersioningConfiguration><Status>On</Status></VersioningConfiguration>"),
          400, "MalformedXML");
  refused(api.s3("PUT", "/files?versioning", ""), 400, "MissingRequestBodyError");
  refused(api.s3("GET", "/nowhere?versioning"), 404, "NoSuchBucket");
}

TEST_F(S3Buckets, HaveTags) {
  refused(api.s3("GET", "/files?tagging"), 404, "NoSuchTagSet");
  const std::string tags =
      "<Tagging><TagSet><Tag><Key>team</Key><Value>a &amp; b</Value></Tag></TagSet></Tagging>";
  refused(api.s3("PUT", "/files?tagging", tags), 400, "InvalidTag");
  ASSERT_EQ(api.s3("PUT", "/files?tagging",
                   "<Tagging><TagSet><Tag><Key>team</Key><Value>blue</Value></Tag></TagSet>"
                   "</Tagging>")
                .status,
            204);
  EXPECT_EQ(text(api.s3("GET", "/files?tagging"), "Value"), "blue");
  EXPECT_EQ(api.s3("DELETE", "/files?tagging").status, 204);
  EXPECT_EQ(api.s3("DELETE", "/files?tagging").status, 204);
  refused(api.s3("GET", "/files?tagging"), 404, "NoSuchTagSet");
  refused(api.s3("PUT", "/nowhere?tagging", "<Tagging><TagSet/></Tagging>"), 404, "NoSuchBucket");
}

constexpr const char* kPolicy =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",)"
    R"("Action":"s3:GetObject","Resource":"arn:aws:s3:::files/*"}]})";

TEST_F(S3Buckets, KeepTheirPolicyAsItWasGiven) {
  refused(api.s3("GET", "/files?policy"), 404, "NoSuchBucketPolicy");
  refused(api.s3("GET", "/files?policyStatus"), 404, "NoSuchBucketPolicy");
  ASSERT_EQ(api.s3("PUT", "/files?policy", kPolicy).status, 204);
  const Answer got = api.s3("GET", "/files?policy");
  EXPECT_EQ(got.body, kPolicy);
  EXPECT_EQ(header(got, "Content-Type"), "application/json");
  EXPECT_EQ(text(api.s3("GET", "/files?policyStatus"), "IsPublic"), "true");
  // Tags and policy share a document, and leave each other alone.
  ASSERT_EQ(api.s3("PUT", "/files?tagging",
                   "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>")
                .status,
            204);
  EXPECT_EQ(api.s3("GET", "/files?policy").body, kPolicy);
  EXPECT_EQ(api.s3("DELETE", "/files?policy").status, 204);
  refused(api.s3("GET", "/files?policy"), 404, "NoSuchBucketPolicy");
  EXPECT_EQ(text(api.s3("GET", "/files?tagging"), "Value"), "b");
}

TEST_F(S3Buckets, RefuseWhatIsNoPolicyOfTheirs) {
  for (const char* policy :
       {"{", "[]", "{}", R"({"Version":"2012-10-17","Statement":[]})",
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*",)"
        R"("Resource":"arn:aws:s3:::files/*"}]})",
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",)"
        R"("Action":"s3:*","Resource":"arn:aws:s3:::other/*"}]})",
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",)"
        R"("Action":"s3:*","Resource":"arn:aws:s3:::files2"}]})",
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",)"
        R"("Action":"iam:GetRole","Resource":"arn:aws:s3:::files"}]})"})
    refused(api.s3("PUT", "/files?policy", policy), 400, "MalformedPolicy");
  refused(api.s3("PUT", "/files?policy", ""), 400, "MissingRequestBodyError");
  refused(api.s3("PUT", "/nowhere?policy", kPolicy), 404, "NoSuchBucket");
  refused(api.s3("GET", "/files?policy"), 404, "NoSuchBucketPolicy");
}

TEST_F(S3Buckets, LeaveNothingToTheNextOfTheirName) {
  ASSERT_EQ(api.s3("PUT", "/files?policy", kPolicy).status, 204);
  ASSERT_EQ(api.s3("PUT", "/files").status, 200);
  EXPECT_EQ(api.s3("GET", "/files?policy").status, 200);  // made again, it stays what it is
  ASSERT_EQ(api.s3("DELETE", "/files").status, 204);
  ASSERT_EQ(api.s3("PUT", "/files").status, 200);
  refused(api.s3("GET", "/files?policy"), 404, "NoSuchBucketPolicy");
}

TEST_F(S3Buckets, SayTruthfullyWhatTheyDoNotHave) {
  const std::pair<const char*, const char*> missing[] = {
      {"cors", "NoSuchCORSConfiguration"},
      {"lifecycle", "NoSuchLifecycleConfiguration"},
      {"website", "NoSuchWebsiteConfiguration"},
      {"replication", "ReplicationConfigurationNotFoundError"},
      {"encryption", "ServerSideEncryptionConfigurationNotFoundError"},
      {"object-lock", "ObjectLockConfigurationNotFoundError"},
      {"publicAccessBlock", "NoSuchPublicAccessBlockConfiguration"},
  };
  for (const auto& [name, code] : missing) {
    refused(api.s3("GET", std::string("/files?") + name), 404, code);
    refused(api.s3("PUT", std::string("/files?") + name, "<x/>"), 501, "NotImplemented");
    refused(api.s3("GET", std::string("/nowhere?") + name), 404, "NoSuchBucket");
  }
  for (const char* name :
       {"cors", "lifecycle", "website", "replication", "encryption", "publicAccessBlock"})
    EXPECT_EQ(api.s3("DELETE", std::string("/files?") + name).status, 204) << name;
}

TEST_F(S3Buckets, AnswerTheDefaultsOfS3) {
  EXPECT_EQ(text(api.s3("GET", "/files?acl"), "Permission"), "FULL_CONTROL");
  EXPECT_EQ(text(api.s3("GET", "/files?ownershipControls"), "ObjectOwnership"),
            "BucketOwnerEnforced");
  EXPECT_EQ(text(api.s3("GET", "/files?requestPayment"), "Payer"), "BucketOwner");
  for (const char* name : {"logging", "notification", "accelerate"})
    EXPECT_EQ(api.s3("GET", std::string("/files?") + name).status, 200) << name;
  EXPECT_EQ(api.s3("PUT", "/files?acl", "", {{"x-amz-acl", "private"}}).status, 200);
  refused(api.s3("PUT", "/files?acl", "", {{"x-amz-acl", "public-read"}}), 400,
          "AccessControlListNotSupported");
  refused(api.s3("PUT", "/files?acl", "<AccessControlPolicy/>"), 400,
          "AccessControlListNotSupported");
  refused(api.s3("PUT", "/files?acl", ""), 400, "MissingRequestBodyError");
}

TEST_F(S3Buckets, TakeBackTheAclThatTheyGaveAndNoOther) {
  const std::string own = api.s3("GET", "/files?acl").body;
  EXPECT_EQ(api.s3("PUT", "/files?acl", own).status, 200);
  for (const auto& [was, is] : {std::pair{"FULL_CONTROL", "READ"},
                                {"<ID>000000000000</ID><", "<ID>111122223333</ID><"},
                                {"</Grant>", "</Grant><Grant></Grant>"}}) {
    std::string changed = own;
    const auto at = changed.rfind(was);
    ASSERT_NE(at, std::string::npos) << was;
    changed.replace(at, std::string_view(was).size(), is);
    refused(api.s3("PUT", "/files?acl", changed), 400, "AccessControlListNotSupported");
  }
  refused(api.s3("PUT", "/files?acl", "<AccessControlPolicy><Other/></AccessControlPolicy>"), 400,
          "MalformedXML");
}

TEST_F(S3Buckets, RefuseSubresourcesTheyDoNotKnow) {
  for (const char* name : {"analytics", "inventory", "metrics", "intelligent-tiering", "session",
                           "somethingNew", "metadataTable"})
    refused(api.s3("GET", std::string("/files?") + name), 501, "NotImplemented");
  refused(api.s3("PUT", "/files?somethingNew=1"), 501, "NotImplemented");
  refused(api.s3("PUT", "/files?location"), 405, "MethodNotAllowed");
  refused(api.s3("GET", "/files?acl&policy"), 400, "InvalidArgument");
  refused(api.s3("PATCH", "/files"), 405, "MethodNotAllowed");
  refused(api.s3("POST", "/files"), 501, "NotImplemented");
  refused(api.s3("OPTIONS", "/files"), 403, "AccessForbidden");
  // A read passes over what it does not know.
  EXPECT_EQ(api.s3("GET", "/files?cache-buster=7").status, 200);
}

}  // namespace
}  // namespace sallyport::api
