#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/testing/api_fixture.h"
#include "codec/base64.h"
#include "codec/percent_encoding.h"

namespace sallyport::api {
namespace {

using testing::Answer;
using testing::ApiFixture;

class S3 : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(api.s3("PUT", "/files").status, 200); }

  static std::string text(const Answer& answer, const std::string& element) {
    const auto begin = answer.body.find("<" + element + ">");
    if (begin == std::string::npos) return "";
    const auto from = begin + element.size() + 2;
    return answer.body.substr(from, answer.body.find("</" + element + ">", from) - from);
  }
  static int count(const Answer& answer, const std::string& element) {
    int found = 0;
    for (auto at = answer.body.find("<" + element + ">"); at != std::string::npos;
         at = answer.body.find("<" + element + ">", at + 1))
      ++found;
    return found;
  }
  void refused(const Answer& answer, int status, const std::string& code) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(text(answer, "Code"), code) << answer.body;
  }
  bool exists(const std::string& key) { return api.s3("HEAD", "/files/" + key).status == 200; }

  ApiFixture api;
};

TEST_F(S3, BucketsAreMadeListedAndRemoved) {
  EXPECT_EQ(api.s3("PUT", "/other").headers.get("Location"), "/other");
  EXPECT_EQ(api.s3("PUT", "/other").status, 200);  // one's own again, in us-east-1
  const Answer listed = api.s3("GET", "/");
  EXPECT_EQ(count(listed, "Name"), 2);
  EXPECT_EQ(text(api.s3("GET", "/?prefix=oth"), "Name"), "other");
  EXPECT_EQ(api.s3("HEAD", "/other").headers.get("x-amz-bucket-region"), "us-east-1");
  EXPECT_EQ(api.s3("DELETE", "/other").status, 204);
  EXPECT_EQ(api.s3("HEAD", "/other").status, 404);
  refused(api.s3("DELETE", "/other"), 404, "NoSuchBucket");
}

TEST_F(S3, BadBucketsAreRefused) {
  refused(api.s3("PUT", "/Upper"), 400, "InvalidBucketName");
  refused(api.s3("PUT", "/elsewhere",
                 "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint>"
                 "</CreateBucketConfiguration>"),
          400, "IllegalLocationConstraintException");
  refused(api.s3("PUT", "/broken", "<Create"), 400, "MalformedXML");
  ASSERT_EQ(api.s3("PUT", "/files/a", "x").status, 200);
  refused(api.s3("DELETE", "/files"), 409, "BucketNotEmpty");
}

TEST_F(S3, AnObjectComesBackAsItWent) {
  const std::string body(300'000, 'x');
  const Answer put = api.s3("PUT", "/files/a%20b/%C3%A9", body,
                            {{"Content-Type", "text/plain"}, {"x-amz-meta-Team", "blue"}});
  ASSERT_EQ(put.status, 200) << put.body;
  const Answer get = api.s3("GET", "/files/a%20b/%C3%A9");
  EXPECT_EQ(get.status, 200);
  EXPECT_EQ(get.body, body);
  EXPECT_EQ(get.headers.get("Content-Type"), "text/plain");
  EXPECT_EQ(get.headers.get("x-amz-meta-team"), "blue");
  EXPECT_EQ(get.headers.get("ETag"), put.headers.get("ETag"));
  EXPECT_TRUE(get.headers.get("ETag").ends_with("-1\""));
  const Answer head = api.s3("HEAD", "/files/a%20b/%C3%A9");
  EXPECT_EQ(head.headers.get("Content-Length"), "300000");
  EXPECT_EQ(head.headers.get("Last-Modified"), get.headers.get("Last-Modified"));
  EXPECT_EQ(head.body, "");
}

TEST_F(S3, PartsOfAnObjectAreServed) {
  ASSERT_EQ(api.s3("PUT", "/files/k", "0123456789").status, 200);
  const Answer part = api.s3("GET", "/files/k", "", {{"Range", "bytes=2-4"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "234");
  EXPECT_EQ(part.headers.get("Content-Range"), "bytes 2-4/10");
  EXPECT_EQ(api.s3("GET", "/files/k", "", {{"Range", "bytes=-3"}}).body, "789");
  refused(api.s3("GET", "/files/k", "", {{"Range", "bytes=10-"}}), 416, "InvalidRange");
  const Answer head = api.s3("HEAD", "/files/k", "", {{"Range", "bytes=2-4"}});
  EXPECT_EQ(head.status, 206);
  EXPECT_EQ(head.headers.get("Content-Length"), "3");
}

TEST_F(S3, PreconditionsOfReads) {
  const Answer put = api.s3("PUT", "/files/k", "x");
  const std::string etag(put.headers.get("ETag"));
  const Answer same = api.s3("GET", "/files/k", "", {{"If-None-Match", etag}});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(api.s3("GET", "/files/k", "", {{"If-Match", etag}}).status, 200);
  refused(api.s3("GET", "/files/k", "", {{"If-Match", "\"x\""}}), 412, "PreconditionFailed");
}

TEST_F(S3, IfNoneMatchKeepsWhatIsThere) {
  ASSERT_EQ(api.s3("PUT", "/files/k", "one", {{"If-None-Match", "*"}}).status, 200);
  refused(api.s3("PUT", "/files/k", "two", {{"If-None-Match", "*"}}), 412, "PreconditionFailed");
  EXPECT_EQ(api.s3("GET", "/files/k").body, "one");
}

TEST_F(S3, ObjectsAreRemovedSilently) {
  ASSERT_EQ(api.s3("PUT", "/files/k", "x").status, 200);
  EXPECT_EQ(api.s3("DELETE", "/files/k").status, 204);
  EXPECT_EQ(api.s3("DELETE", "/files/k").status, 204);
  refused(api.s3("GET", "/files/k"), 404, "NoSuchKey");
  refused(api.s3("GET", "/nowhere/k"), 404, "NoSuchBucket");
  refused(api.s3("PUT", "/nowhere/k", "x"), 404, "NoSuchBucket");
}

TEST_F(S3, ListingsHaveDelimitersAndPages) {
  for (const char* key : {"a", "d/1", "d/2", "e%2Bf", "z"})
    ASSERT_EQ(api.s3("PUT", std::string("/files/") + key, "x").status, 200);
  const Answer all = api.s3("GET", "/files?list-type=2");
  EXPECT_EQ(text(all, "KeyCount"), "5");
  EXPECT_EQ(text(all, "IsTruncated"), "false");
  const Answer delimited = api.s3("GET", "/files?list-type=2&delimiter=%2F");
  EXPECT_EQ(text(delimited, "KeyCount"), "4");
  EXPECT_NE(delimited.body.find("<CommonPrefixes><Prefix>d/</Prefix></CommonPrefixes>"),
            std::string::npos);
  const Answer first = api.s3("GET", "/files?list-type=2&max-keys=2");
  EXPECT_EQ(text(first, "IsTruncated"), "true");
  const std::string token = codec::percent_encode(text(first, "NextContinuationToken"));
  const Answer rest = api.s3("GET", "/files?continuation-token=" + token + "&list-type=2");
  EXPECT_EQ(text(rest, "KeyCount"), "3");
  EXPECT_EQ(text(rest, "Key"), "d/2");
  EXPECT_EQ(text(api.s3("GET", "/files?encoding-type=url&list-type=2&prefix=e"), "Key"), "e%2Bf");
  EXPECT_EQ(text(api.s3("GET", "/files?list-type=2&start-after=e"), "Key"), "e+f");
  EXPECT_EQ(text(api.s3("GET", "/files?list-type=2&max-keys=0"), "KeyCount"), "0");
}

TEST_F(S3, BadListingsAreRefused) {
  refused(api.s3("GET", "/files?continuation-token=AAAA&list-type=2"), 400, "InvalidArgument");
  refused(api.s3("GET", "/files?list-type=2&max-keys=x"), 400, "InvalidArgument");
  refused(api.s3("GET", "/files?encoding-type=x&list-type=2"), 400, "InvalidArgument");
  refused(api.s3("GET", "/nowhere?list-type=2"), 404, "NoSuchBucket");
}

TEST_F(S3, AContentMd5ThatMatchesIsTaken) {
  // RFC 1321, appendix A.5: MD5 ("abc") = 900150983cd24fb0d6963f7d28e17f72
  const std::string good = "kAFQmDzST7DWlj99KOF/cg==";
  EXPECT_EQ(api.s3("PUT", "/files/good", "abc", {{"Content-MD5", good}}).status, 200);
  refused(api.s3("PUT", "/files/bad", "abd", {{"Content-MD5", good}}), 400, "BadDigest");
  refused(api.s3("PUT", "/files/bad", "abc", {{"Content-MD5", "x"}}), 400, "InvalidDigest");
  EXPECT_TRUE(exists("good"));
  EXPECT_FALSE(exists("bad"));
}

TEST_F(S3, ABodyThatIsNotTheSignedOneLeavesNothing) {
  http::HttpRequest request;
  request.method = "PUT";
  request.target = "/files/forged";
  request.headers.add("Host", "127.0.0.1:4566");
  http::sign(request, {ApiFixture::kAccessKey, SecretString(ApiFixture::kSecret), ""},
             http::sha256_hex("one"), {"us-east-1", "s3", api.clock.wall()});
  refused(api.send(std::move(request), "two"), 400, "XAmzContentSHA256Mismatch");
  EXPECT_FALSE(exists("forged"));
}

TEST_F(S3, AWrongChecksumLeavesNothing) {
  refused(api.s3("PUT", "/files/bad", "abc", {{"x-amz-checksum-crc32", "AAAAAA=="}}), 400,
          "BadDigest");
  EXPECT_FALSE(exists("bad"));
}

TEST_F(S3, WhatIsNotBuiltIsNotImplemented) {
  for (const char* target : {"/files?acl", "/files?policy", "/files?versioning", "/files?uploads",
                             "/files/k?tagging", "/files/k?uploads", "/files/k?versionId=1"})
    refused(api.s3("GET", target), 501, "NotImplemented");
  refused(api.s3("POST", "/files/k?uploads"), 501, "NotImplemented");
  refused(api.s3("POST", "/files?delete"), 501, "NotImplemented");
  refused(api.s3("GET", "/files"), 501, "NotImplemented");
  refused(api.s3("PUT", "/files/k", "", {{"x-amz-copy-source", "/files/a"}}), 501,
          "NotImplemented");
  refused(api.s3("PUT", "/files/k", "x", {{"x-amz-tagging", "a=b"}}), 501, "NotImplemented");
  EXPECT_FALSE(exists("k"));
}

TEST_F(S3, BadKeysAreRefused) {
  refused(api.s3("PUT", "/files/" + std::string(1025, 'k'), "x"), 400, "KeyTooLongError");
  refused(api.s3("PUT", "/files/%FF", "x"), 400, "InvalidURI");
  refused(api.s3("PUT", "/files/a%00b", "x"), 400, "InvalidURI");
  EXPECT_EQ(api.s3("PUT", "/files/" + std::string(1024, 'k'), "x").status, 200);
}

TEST_F(S3, MetadataIsBounded) {
  refused(api.s3("PUT", "/files/k", "x", {{"x-amz-meta-a", std::string(2048, 'a')}}), 400,
          "MetadataTooLarge");
  EXPECT_EQ(api.s3("PUT", "/files/k", "x", {{"x-amz-meta-a", std::string(2047, 'a')}}).status, 200);
}

TEST_F(S3, ABucketMayBeInTheHostName) {
  ASSERT_EQ(api.s3("PUT", "/files/k", "x").status, 200);
  EXPECT_EQ(api.s3("GET", "/k", "", {{"Host", "files.localhost:4566"}}).body, "x");
  EXPECT_EQ(api.s3("GET", "/k", "", {{"Host", "files.s3.localhost:4566"}}).body, "x");
  EXPECT_EQ(api.s3("GET", "/files/k", "", {{"Host", "s3.localhost:4566"}}).body, "x");
}

TEST_F(S3, ADirectoryMarkerIsAnObject) {
  ASSERT_EQ(api.s3("PUT", "/files/d/").status, 200);
  EXPECT_EQ(api.s3("HEAD", "/files/d/").headers.get("Content-Length"), "0");
  EXPECT_EQ(text(api.s3("GET", "/files?list-type=2"), "Key"), "d/");
}

}  // namespace
}  // namespace sallyport::api
