// Which rights each operation takes, by identity policies and bucket policies.
#include <nlohmann/json.hpp>

#include "api/s3/s3_fixture.h"
#include "state/repository.h"

namespace sallyport::api {
namespace {

using testing::Answer;
using testing::md5_base64;

class S3Rights : public testing::S3CallerTest {};

TEST_F(S3Rights, OfStrangersAreWhatABucketPolicyOpens) {
  put("open/a", "x");
  put("shut", "x");
  const auto stranger = iam::Identity::anonymous();
  const Answer before = as(stranger, "GET", "/files/open/a");
  denied(before);
  EXPECT_EQ(text(before, "Message"), "Access Denied");
  bucket_policy(R"({"Effect":"Allow","Principal":"*","Action":"s3:GetObject",)"
                R"("Resource":"arn:aws:s3:::files/open/*"})");
  EXPECT_EQ(as(stranger, "GET", "/files/open/a").body, "x");
  denied(as(stranger, "GET", "/files/shut"));
  denied(as(stranger, "GET", "/files"));
  denied(as(stranger, "PUT", "/files/open/a", "y"));
  denied(as(stranger, "GET", "/"));
  // What is not there is not told to who may not list.
  denied(as(stranger, "GET", "/files/open/none"));
  refused(as(stranger, "GET", "/files/open/a?response-content-type=text%2Fhtml"), 400,
          "InvalidRequest");
}

TEST_F(S3Rights, ToListDecideWhetherAMissingKeyIsTold) {
  const auto reader = user("READ", allow("s3:GetObject", "files/*"));
  const auto lister =
      user("LIST", allow("s3:GetObject", "files/*") + "," + allow("s3:ListBucket", "files"));
  EXPECT_EQ(as(reader, "HEAD", "/files/none").status, 403);
  EXPECT_EQ(as(lister, "HEAD", "/files/none").status, 404);
  denied(as(reader, "GET", "/files/none"));
  refused(as(lister, "GET", "/files/none"), 404, "NoSuchKey");
}

TEST_F(S3Rights, ToReadAndToWriteAreApart) {
  put("a", "x");
  const auto reader = user("READ", allow("s3:GetObject", "files/a"));
  const auto writer = user("WRITE", allow("s3:PutObject", "files/*"));
  EXPECT_EQ(as(reader, "GET", "/files/a").body, "x");
  const Answer refusal = as(reader, "PUT", "/files/a", "y");
  denied(refusal);
  EXPECT_NE(refusal.body.find("is not authorized to perform: s3:PutObject"), std::string::npos);
  EXPECT_EQ(as(writer, "PUT", "/files/b", "y").status, 200);
  denied(as(writer, "GET", "/files/b"));
  denied(as(writer, "DELETE", "/files/b"));
  denied(as(writer, "PUT", "/files/b", "y", {{"x-amz-tagging", "a=b"}}));
  EXPECT_EQ(get("b"), "y");
}

TEST_F(S3Rights, ToVersionsAreTheirOwn) {
  version("Enabled");
  const std::string id = header(api.s3("PUT", "/files/a", "one"), "x-amz-version-id");
  const auto current =
      user("CURRENT", allow("s3:GetObject", "files/*") + "," + allow("s3:DeleteObject", "files/*"));
  const auto all = user("ALL", allow("s3:*Version", "files/*"));
  denied(as(current, "GET", "/files/a?versionId=" + id));
  denied(as(current, "DELETE", "/files/a?versionId=" + id));
  denied(as(all, "GET", "/files/a"));
  EXPECT_EQ(as(all, "GET", "/files/a?versionId=" + id).body, "one");
  EXPECT_EQ(as(current, "DELETE", "/files/a").status, 204);
  EXPECT_EQ(as(all, "DELETE", "/files/a?versionId=" + id).status, 204);
  const auto one = user("ONE", allow("s3:GetObjectVersion", "files/*",
                                     R"({"StringEquals":{"s3:VersionId":")" + id + "\"}}"));
  refused(as(one, "GET", "/files/a?versionId=" + id), 404, "NoSuchVersion");
  denied(as(one, "GET", "/files/a?versionId=null"));
}

TEST_F(S3Rights, OfACopyAreOfBothSides) {
  put("from/a", "x", {{"x-amz-tagging", "a=b"}});
  put("from/plain", "x");
  const Headers source{{"x-amz-copy-source", "files/from/a"}};
  const Headers plain{{"x-amz-copy-source", "files/from/plain"}};
  const auto reader = user("READ", allow("s3:GetObject", "files/from/*"));
  const auto writer = user("WRITE", allow("s3:PutObject", "files/to/*"));
  const auto both = user(
      "BOTH", allow("s3:GetObject", "files/from/*") + "," + allow("s3:PutObject", "files/to/*"));
  const auto tagger = user("TAGGER", allow("s3:GetObject*", "files/from/*") + "," +
                                         allow("s3:PutObject*", "files/to/*"));
  denied(as(reader, "PUT", "/files/to/a", "", plain));
  denied(as(writer, "PUT", "/files/to/a", "", plain));
  EXPECT_EQ(as(both, "PUT", "/files/to/plain", "", plain).status, 200);
  // Tags go along, which takes their rights.
  denied(as(both, "PUT", "/files/to/a", "", source));
  EXPECT_EQ(as(tagger, "PUT", "/files/to/a", "", source).status, 200);
  EXPECT_FALSE(exists("to/none"));
}

TEST_F(S3Rights, OfDeleteObjectsAreOfEachKey) {
  put("mine/a", "x");
  put("yours/a", "x");
  const auto owner = user("OWNER", allow("s3:DeleteObject", "files/mine/*"));
  const std::string xml =
      "<Delete><Object><Key>mine/a</Key></Object><Object><Key>yours/a</Key></Object></Delete>";
  const Answer answer = as(owner, "POST", "/files?delete", xml, {{"Content-MD5", md5_base64(xml)}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(count(answer, "Deleted"), 1);
  EXPECT_EQ(text(answer, "Code"), "AccessDenied");
  EXPECT_FALSE(exists("mine/a"));
  EXPECT_TRUE(exists("yours/a"));
}

TEST_F(S3Rights, SeeTheConditionKeysOfListings) {
  put("home/a", "x");
  const auto homely = user("HOME", allow("s3:ListBucket", "files",
                                         R"({"StringLike":{"s3:prefix":"home/*"},)"
                                         R"("NumericLessThanEquals":{"s3:max-keys":"10"},)"
                                         R"("StringEquals":{"s3:delimiter":"/"}})"));
  EXPECT_EQ(as(homely, "GET", "/files?list-type=2&prefix=home%2F&max-keys=10&delimiter=%2F").status,
            200);
  denied(as(homely, "GET", "/files?list-type=2&prefix=home%2F&max-keys=11&delimiter=%2F"));
  denied(as(homely, "GET", "/files?list-type=2&prefix=home%2F&max-keys=10"));
  denied(as(homely, "GET", "/files?list-type=2&max-keys=10&delimiter=%2F"));
}

TEST_F(S3Rights, SeeTheTagsOfARequest) {
  const auto tagger = user(
      "TAG", allow("s3:PutObject", "files/*") + "," +
                 allow("s3:PutObjectTagging", "files/*",
                       R"({"StringEquals":{"s3:RequestObjectTag/team":"blue"},)"
                       R"("ForAllValues:StringEquals":{"s3:RequestObjectTagKeys":["team"]}})"));
  EXPECT_EQ(as(tagger, "PUT", "/files/a", "x", {{"x-amz-tagging", "team=blue"}}).status, 200);
  denied(as(tagger, "PUT", "/files/b", "x", {{"x-amz-tagging", "team=red"}}));
  denied(as(tagger, "PUT", "/files/b", "x", {{"x-amz-tagging", "team=blue&more=1"}}));
  EXPECT_FALSE(exists("b"));
}

TEST_F(S3Rights, SeeTheTagsOfAnObject) {
  put("blue", "x", {{"x-amz-tagging", "team=blue"}});
  put("plain", "x");
  const std::string condition = R"({"StringEquals":{"s3:existingObjectTag/team":"blue"}})";
  const auto reader = user("READ", allow("s3:GetObject", "files/*", condition));
  EXPECT_EQ(as(reader, "GET", "/files/blue").status, 200);
  denied(as(reader, "GET", "/files/plain"));
  denied(as(reader, "GET", "/files/none"));
  // As a Deny in the bucket's policy it stops whoever else may.
  bucket_policy(
      R"({"Effect":"Deny","Principal":"*","Action":["s3:GetObject","s3:GetObjectTagging"],)"
      R"("Resource":"arn:aws:s3:::files/*","Condition":)" +
      condition + "}");
  denied(as(reader, "GET", "/files/blue"));
  refused(api.s3("GET", "/files/blue"), 403, "AccessDenied");
  refused(api.s3("GET", "/files/blue?tagging"), 403, "AccessDenied");
  EXPECT_EQ(get("plain"), "x");
}

TEST_F(S3Rights, OfTagsSeeTheVersionThatIsMeant) {
  version("Enabled");
  const std::string blue = header(
      api.s3("PUT", "/files/a", "one", {{"x-amz-tagging", "team=blue"}}), "x-amz-version-id");
  const std::string red =
      header(api.s3("PUT", "/files/a", "two", {{"x-amz-tagging", "team=red"}}), "x-amz-version-id");
  const auto reader =
      user("READ", allow("s3:GetObject*", "files/*",
                         R"({"StringEquals":{"s3:ExistingObjectTag/team":"blue"}})"));
  EXPECT_EQ(as(reader, "GET", "/files/a?versionId=" + blue).body, "one");
  denied(as(reader, "GET", "/files/a?versionId=" + red));
  denied(as(reader, "GET", "/files/a"));
}

TEST_F(S3Rights, SeeHowARequestIsSigned) {
  put("a", "x");
  const auto signer = user("SIGN", allow("s3:GetObject", "files/*",
                                         R"({"StringEquals":{"s3:authType":"REST-HEADER",)"
                                         R"("s3:signatureversion":"AWS4-HMAC-SHA256"},)"
                                         R"("NumericLessThan":{"s3:signatureAge":"1000"}})"));
  EXPECT_EQ(as(signer, "GET", "/files/a").status, 200);
  const auto presigner = user("PRESIGN", allow("s3:GetObject", "files/*",
                                               R"({"StringEquals":{"s3:authType":)"
                                               R"("REST-QUERY-STRING"}})"));
  denied(as(presigner, "GET", "/files/a"));
}

TEST_F(S3Rights, OfBucketsAreNamedByOperation) {
  const std::pair<const char*, const char*> reads[] = {
      {"location", "s3:GetBucketLocation"},
      {"versioning", "s3:GetBucketVersioning"},
      {"acl", "s3:GetBucketAcl"},
      {"cors", "s3:GetBucketCORS"},
      {"lifecycle", "s3:GetLifecycleConfiguration"},
      {"encryption", "s3:GetEncryptionConfiguration"},
      {"policy", "s3:GetBucketPolicy"},
      {"tagging", "s3:GetBucketTagging"},
      {"uploads", "s3:ListBucketMultipartUploads"},
      {"versions", "s3:ListBucketVersions"},
      {"ownershipControls", "s3:GetBucketOwnershipControls"},
  };
  int number = 0;
  for (const auto& [parameter, action] : reads) {
    const auto one = user("U" + std::to_string(number++), allow(action, "files"));
    for (const auto& [other, unused] : reads) {
      const int status = as(one, "GET", std::string("/files?") + other).status;
      if (std::string(other) == parameter) {
        EXPECT_TRUE(status == 200 || status == 404) << action << " " << other << " " << status;
      } else {
        EXPECT_EQ(status, 403) << action << " " << other;
      }
    }
  }
}

TEST_F(S3Rights, OfRootEndAtABucketPolicysDeny) {
  put("a", "x");
  bucket_policy(R"({"Effect":"Deny","Principal":"*","Action":"s3:GetObject",)"
                R"("Resource":"arn:aws:s3:::files/*"})");
  refused(api.s3("GET", "/files/a"), 403, "AccessDenied");
  EXPECT_EQ(api.s3("DELETE", "/files?policy").status, 204);
  EXPECT_EQ(get("a"), "x");
}

TEST_F(S3Rights, AreToldToTheAuditLog) {
  put("a", "x");
  const auto nobody = user("NOBODY", allow("s3:GetObject", "other/*"));
  as(nobody, "GET", "/files/a?versionId=null");
  EXPECT_EQ(note.event_source, "s3.amazonaws.com");
  EXPECT_EQ(note.event_name, "GetObject");
  EXPECT_TRUE(note.read_only);
  EXPECT_TRUE(note.data_event);
  EXPECT_EQ(note.error_code, "AccessDenied");
  const auto parameters = nlohmann::json::parse(note.request_parameters);
  EXPECT_EQ(parameters["bucketName"], "files");
  EXPECT_EQ(parameters["key"], "a");
  EXPECT_EQ(parameters["versionId"], "null");
  EXPECT_NE(note.resources.find("\"arn:aws:s3:::files/a\""), std::string::npos);
  as(nobody, "PUT", "/files?versioning&X-Amz-Signature=secret", "<x/>");
  EXPECT_EQ(note.event_name, "PutBucketVersioning");
  EXPECT_FALSE(note.read_only);
  EXPECT_FALSE(note.data_event);
  EXPECT_EQ(note.request_parameters.find("secret"), std::string::npos);
}

}  // namespace
}  // namespace sallyport::api
