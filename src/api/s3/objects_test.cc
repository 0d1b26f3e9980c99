#include <nlohmann/json.hpp>

#include "api/s3/s3_fixture.h"

namespace sallyport::api {
namespace {

using testing::Answer;
using testing::ApiFixture;
using testing::md5_base64;
using testing::md5_hex;

class S3Objects : public testing::S3Test {};

TEST_F(S3Objects, ComeBackAsTheyWent) {
  const std::string body(300'000, 'x');
  const Answer put = api.s3("PUT", "/files/a%20b/%C3%A9", body,
                            {{"Content-Type", "text/plain"},
                             {"x-amz-meta-Team", "blue"},
                             {"Cache-Control", "no-cache"},
                             {"Content-Disposition", "attachment"},
                             {"Content-Encoding", "aws-chunked,gzip"},
                             {"Content-Language", "de"},
                             {"Expires", "Fri, 02 Jan 2026 03:04:05 GMT"},
                             {"x-amz-website-redirect-location", "/elsewhere"}});
  ASSERT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(header(put, "ETag"), "\"" + md5_hex(body) + "\"");
  for (const char* method : {"GET", "HEAD"}) {
    const Answer got = api.s3(method, "/files/a%20b/%C3%A9");
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, std::string(method) == "GET" ? body : "");
    EXPECT_EQ(header(got, "Content-Type"), "text/plain");
    EXPECT_EQ(header(got, "x-amz-meta-team"), "blue");
    EXPECT_EQ(header(got, "Cache-Control"), "no-cache");
    EXPECT_EQ(header(got, "Content-Disposition"), "attachment");
    EXPECT_EQ(header(got, "Content-Encoding"), "gzip");
    EXPECT_EQ(header(got, "Content-Language"), "de");
    EXPECT_EQ(header(got, "Expires"), "Fri, 02 Jan 2026 03:04:05 GMT");
    EXPECT_EQ(header(got, "x-amz-website-redirect-location"), "/elsewhere");
    EXPECT_EQ(header(got, "ETag"), header(put, "ETag"));
    EXPECT_EQ(header(got, "Last-Modified"), "Fri, 02 Jan 2026 03:04:05 GMT");
    EXPECT_EQ(header(got, "x-amz-version-id"), "");
  }
  EXPECT_EQ(header(api.s3("HEAD", "/files/a%20b/%C3%A9"), "Content-Length"), "300000");
}

TEST_F(S3Objects, ArePartlyServed) {
  put("k", "0123456789");
  const Answer part = api.s3("GET", "/files/k", "", {{"Range", "bytes=2-4"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "234");
  EXPECT_EQ(header(part, "Content-Range"), "bytes 2-4/10");
  EXPECT_EQ(api.s3("GET", "/files/k", "", {{"Range", "bytes=-3"}}).body, "789");
  refused(api.s3("GET", "/files/k", "", {{"Range", "bytes=10-"}}), 416, "InvalidRange");
  const Answer head = api.s3("HEAD", "/files/k", "", {{"Range", "bytes=2-4"}});
  EXPECT_EQ(head.status, 206);
  EXPECT_EQ(header(head, "Content-Length"), "3");
  const Answer first = api.s3("GET", "/files/k?partNumber=1");
  EXPECT_EQ(first.status, 206);
  EXPECT_EQ(first.body, "0123456789");
  refused(api.s3("GET", "/files/k?partNumber=2"), 416, "InvalidPartNumber");
  refused(api.s3("GET", "/files/k?partNumber=0"), 400, "InvalidArgument");
  refused(api.s3("GET", "/files/k?partNumber=1", "", {{"Range", "bytes=2-4"}}), 400,
          "InvalidRequest");
}

TEST_F(S3Objects, AreReadOnConditions) {
  const std::string etag = put("k", "x");
  const Answer same = api.s3("GET", "/files/k", "", {{"If-None-Match", etag}});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(header(same, "ETag"), etag);
  EXPECT_EQ(api.s3("GET", "/files/k", "", {{"If-Match", etag}}).status, 200);
  const Answer other = api.s3("GET", "/files/k", "", {{"If-Match", "\"x\""}});
  refused(other, 412, "PreconditionFailed");
  EXPECT_EQ(text(other, "Condition"), "If-Match");
}

TEST_F(S3Objects, AreWrittenOnConditions) {
  ASSERT_EQ(api.s3("PUT", "/files/k", "one", {{"If-None-Match", "*"}}).status, 200);
  refused(api.s3("PUT", "/files/k", "two", {{"If-None-Match", "*"}}), 412, "PreconditionFailed");
  EXPECT_EQ(get("k"), "one");
  refused(api.s3("PUT", "/files/k", "two", {{"If-Match", "\"other\""}}), 412, "PreconditionFailed");
  refused(api.s3("PUT", "/files/none", "two", {{"If-Match", "\"other\""}}), 404, "NoSuchKey");
  ASSERT_EQ(api.s3("PUT", "/files/k", "two", {{"If-Match", "\"" + md5_hex("one") + "\""}}).status,
            200);
  EXPECT_EQ(get("k"), "two");
  refused(api.s3("PUT", "/files/k", "x", {{"If-None-Match", "\"a\""}}), 501, "NotImplemented");
}

TEST_F(S3Objects, OverrideTheirHeadersOnRequest) {
  put("k", "x");
  const Answer got = api.s3("GET",
                            "/files/k?response-cache-control=no-store&response-content-disposition="
                            "attachment%3B%20filename%3Da&response-content-type=text%2Fhtml");
  EXPECT_EQ(header(got, "Content-Type"), "text/html");
  EXPECT_EQ(header(got, "Content-Disposition"), "attachment; filename=a");
  EXPECT_EQ(header(got, "Cache-Control"), "no-store");
}

TEST_F(S3Objects, AreRemovedSilently) {
  put("k", "x");
  EXPECT_EQ(api.s3("DELETE", "/files/k").status, 204);
  EXPECT_EQ(api.s3("DELETE", "/files/k").status, 204);
  const Answer gone = api.s3("GET", "/files/k");
  refused(gone, 404, "NoSuchKey");
  EXPECT_EQ(text(gone, "Key"), "k");
  refused(api.s3("GET", "/nowhere/k"), 404, "NoSuchBucket");
  refused(api.s3("PUT", "/nowhere/k", "x"), 404, "NoSuchBucket");
  refused(api.s3("DELETE", "/nowhere/k"), 404, "NoSuchBucket");
  refused(api.s3("DELETE", "/files/k", "", {{"If-Match", "\"a\""}}), 501, "NotImplemented");
}

TEST_F(S3Objects, HaveVersions) {
  version("Enabled");
  const Answer one = api.s3("PUT", "/files/k", "one");
  const Answer two = api.s3("PUT", "/files/k", "two");
  const std::string first = header(one, "x-amz-version-id");
  ASSERT_NE(first, "");
  EXPECT_NE(first, header(two, "x-amz-version-id"));
  EXPECT_EQ(get("k"), "two");
  const Answer old = api.s3("GET", "/files/k?versionId=" + first);
  EXPECT_EQ(old.body, "one");
  EXPECT_EQ(header(old, "x-amz-version-id"), first);

  const Answer removed = api.s3("DELETE", "/files/k");
  EXPECT_EQ(header(removed, "x-amz-delete-marker"), "true");
  const std::string marker = header(removed, "x-amz-version-id");
  const Answer hidden = api.s3("GET", "/files/k");
  refused(hidden, 404, "NoSuchKey");
  EXPECT_EQ(header(hidden, "x-amz-delete-marker"), "true");
  EXPECT_EQ(header(hidden, "x-amz-version-id"), marker);
  const Answer asked = api.s3("GET", "/files/k?versionId=" + marker);
  refused(asked, 405, "MethodNotAllowed");
  EXPECT_EQ(header(asked, "Allow"), "DELETE");
  const Answer unmarked = api.s3("DELETE", "/files/k?versionId=" + marker);
  EXPECT_EQ(header(unmarked, "x-amz-delete-marker"), "true");
  EXPECT_EQ(get("k"), "two");
  EXPECT_EQ(api.s3("DELETE", "/files/k?versionId=" + first).status, 204);
  refused(api.s3("GET", "/files/k?versionId=" + first), 404, "NoSuchVersion");
  refused(api.s3("GET", "/files/k?versionId="), 400, "InvalidArgument");
}

TEST_F(S3Objects, HaveTags) {
  put("k", "x", {{"x-amz-tagging", "team=blue&cost+center=a%2Bb"}});
  EXPECT_EQ(header(api.s3("HEAD", "/files/k"), "x-amz-tagging-count"), "2");
  const Answer tags = api.s3("GET", "/files/k?tagging");
  EXPECT_EQ(count(tags, "Tag"), 2);
  EXPECT_NE(tags.body.find("<Key>cost center</Key><Value>a+b</Value>"), std::string::npos);
  ASSERT_EQ(api.s3("PUT", "/files/k?tagging",
                   "<Tagging xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><TagSet><Tag>"
                   "<Key>a</Key><Value></Value></Tag></TagSet></Tagging>")
                .status,
            200);
  EXPECT_EQ(text(api.s3("GET", "/files/k?tagging"), "Key"), "a");
  EXPECT_EQ(api.s3("DELETE", "/files/k?tagging").status, 204);
  EXPECT_EQ(count(api.s3("GET", "/files/k?tagging"), "Tag"), 0);
  refused(api.s3("GET", "/files/none?tagging"), 404, "NoSuchKey");
}

TEST_F(S3Objects, TellTheirAttributes) {
  put("k", "hello", {{"x-amz-checksum-crc32", "NhCmhg=="}});
  const Answer got = api.s3("GET", "/files/k?attributes", "",
                            {{"x-amz-object-attributes", "ETag, Checksum,ObjectSize"},
                             {"x-amz-object-attributes", "StorageClass"}});
  EXPECT_EQ(got.status, 200) << got.body;
  EXPECT_EQ(text(got, "ETag"), md5_hex("hello"));
  EXPECT_EQ(text(got, "ChecksumCRC32"), "NhCmhg==");
  EXPECT_EQ(text(got, "ChecksumType"), "FULL_OBJECT");
  EXPECT_EQ(text(got, "ObjectSize"), "5");
  EXPECT_EQ(text(got, "StorageClass"), "STANDARD");
  refused(api.s3("GET", "/files/k?attributes"), 400, "InvalidArgument");
  refused(api.s3("GET", "/files/k?attributes", "", {{"x-amz-object-attributes", "Age"}}), 400,
          "InvalidArgument");
  EXPECT_EQ(text(api.s3("GET", "/files/k?acl"), "Permission"), "FULL_CONTROL");
  EXPECT_EQ(api.s3("PUT", "/files/k?acl", "", {{"x-amz-acl", "private"}}).status, 200);
  refused(api.s3("GET", "/files/none?acl"), 404, "NoSuchKey");
}

TEST_F(S3Objects, KeepTheChecksumTheyCameWith) {
  const Answer put = api.s3("PUT", "/files/k", "hello", {{"x-amz-checksum-crc32", "NhCmhg=="}});
  EXPECT_EQ(header(put, "x-amz-checksum-crc32"), "NhCmhg==");
  EXPECT_EQ(header(put, "x-amz-checksum-crc64nvme"), "");
  EXPECT_EQ(header(api.s3("GET", "/files/k"), "x-amz-checksum-crc32"), "");
  const Answer got = api.s3("GET", "/files/k", "", {{"x-amz-checksum-mode", "ENABLED"}});
  EXPECT_EQ(header(got, "x-amz-checksum-crc32"), "NhCmhg==");
  EXPECT_EQ(header(got, "x-amz-checksum-type"), "FULL_OBJECT");
  EXPECT_EQ(header(api.s3("GET", "/files/k", "",
                          {{"x-amz-checksum-mode", "ENABLED"}, {"Range", "bytes=0-1"}}),
                   "x-amz-checksum-crc32"),
            "");
}

TEST_F(S3Objects, GetACrc64WhenTheyCameWithNone) {
  const Answer put = api.s3("PUT", "/files/k", "123456789");
  EXPECT_EQ(header(put, "x-amz-checksum-crc64nvme"), "rosUhgp5mIg=");
}

TEST_F(S3Objects, BehindAFoldersNameMayHaveContent) {
  EXPECT_EQ(put("d/", ""), "\"" + md5_hex("") + "\"");
  EXPECT_EQ(header(api.s3("HEAD", "/files/d/"), "Content-Length"), "0");
  put("e/", "inside");
  EXPECT_EQ(get("e/"), "inside");
  put("a", "1");
  put("a/b", "2");
  EXPECT_EQ(get("a"), "1");
  EXPECT_EQ(get("a/b"), "2");
}

TEST_F(S3Objects, WhoseBodyIsNotTheSignedOneAreNotThere) {
  http::HttpRequest request;
  request.method = "PUT";
  request.target = "/files/forged";
  request.headers.add("Host", "127.0.0.1:4566");
  http::sign(request, {ApiFixture::kAccessKey, SecretString(ApiFixture::kSecret), ""},
             http::sha256_hex("one"), {"us-east-1", "s3", api.clock.wall()});
  refused(api.send(std::move(request), "two"), 400, "XAmzContentSHA256Mismatch");
  EXPECT_FALSE(exists("forged"));
}

TEST_F(S3Objects, WithALyingChecksumAreNotThere) {
  const std::string good = md5_base64("abc");
  EXPECT_EQ(api.s3("PUT", "/files/good", "abc", {{"Content-MD5", good}}).status, 200);
  refused(api.s3("PUT", "/files/bad", "abd", {{"Content-MD5", good}}), 400, "BadDigest");
  refused(api.s3("PUT", "/files/bad", "abc", {{"Content-MD5", "x"}}), 400, "InvalidDigest");
  refused(api.s3("PUT", "/files/bad", "abc", {{"Content-MD5", "AAAA"}}), 400, "InvalidDigest");
  refused(api.s3("PUT", "/files/bad", "abc", {{"x-amz-checksum-crc32", "AAAAAA=="}}), 400,
          "BadDigest");
  refused(api.s3("PUT", "/files/bad", "abc", {{"x-amz-checksum-sha256", "AAAAAA=="}}), 400,
          "InvalidRequest");
  refused(api.s3("PUT", "/files/bad", "abc", {{"x-amz-sdk-checksum-algorithm", "CRC32"}}), 400,
          "InvalidRequest");
  EXPECT_TRUE(exists("good"));
  EXPECT_FALSE(exists("bad"));
}

TEST_F(S3Objects, AskingForWhatIsNotHereAreRefused) {
  const std::pair<const char*, const char*> headers[] = {
      {"x-amz-server-side-encryption", "AES256"},
      {"x-amz-server-side-encryption", "aws:kms"},
      {"x-amz-server-side-encryption-customer-algorithm", "AES256"},
      {"x-amz-storage-class", "GLACIER"},
      {"x-amz-write-offset-bytes", "3"},
  };
  for (const auto& [name, value] : headers)
    refused(api.s3("PUT", "/files/k", "x", {{name, value}}), 501, "NotImplemented");
  refused(api.s3("PUT", "/files/k", "x", {{"x-amz-acl", "public-read"}}), 400,
          "AccessControlListNotSupported");
  refused(api.s3("PUT", "/files/k", "x", {{"x-amz-acl", "mine"}}), 400, "InvalidArgument");
  refused(api.s3("PUT", "/files/k", "x", {{"x-amz-grant-read", "id=1"}}), 400,
          "AccessControlListNotSupported");
  refused(api.s3("PUT", "/files/k", "x", {{"x-amz-storage-class", "COLD"}}), 400,
          "InvalidStorageClass");
  refused(api.s3("PUT", "/files/k", "x", {{"x-amz-object-lock-mode", "GOVERNANCE"}}), 400,
          "InvalidRequest");
  refused(api.s3("PUT", "/files/k", "x", {{"x-amz-website-redirect-location", "ftp://x"}}), 400,
          "InvalidRedirectLocation");
  for (const char* target : {"/files/k?restore", "/files/k?select&select-type=2", "/files/k"})
    refused(api.s3("POST", target, "x"), 501, "NotImplemented");
  for (const char* target : {"/files/k?retention", "/files/k?legal-hold", "/files/k?torrent"})
    refused(api.s3("GET", target), 501, "NotImplemented");
  EXPECT_FALSE(exists("k"));
  EXPECT_EQ(api.s3("PUT", "/files/k", "x",
                   {{"x-amz-acl", "private"}, {"x-amz-storage-class", "STANDARD"}})
                .status,
            200);
}

TEST_F(S3Objects, WithKeysThatCannotBeAreRefused) {
  refused(api.s3("PUT", "/files/" + std::string(1025, 'k'), "x"), 400, "KeyTooLongError");
  refused(api.s3("PUT", "/files/%FF", "x"), 400, "InvalidURI");
  refused(api.s3("PUT", "/files/a%00b", "x"), 400, "InvalidURI");
  EXPECT_EQ(api.s3("PUT", "/files/" + std::string(1024, 'k'), "x").status, 200);
  EXPECT_EQ(get(std::string(1024, 'k')), "x");
}

TEST_F(S3Objects, HaveBoundedMetadataAndTags) {
  refused(api.s3("PUT", "/files/k", "x", {{"x-amz-meta-a", std::string(2048, 'a')}}), 400,
          "MetadataTooLarge");
  EXPECT_EQ(api.s3("PUT", "/files/k", "x", {{"x-amz-meta-a", std::string(2047, 'a')}}).status, 200);
  refused(api.s3("PUT", "/files/t", "x",
                 {{"x-amz-tagging",
                   "a=1&b=2&c=3&d=4&e=5&f=6&g=7&h=8&i=9&"
                   "j=10&k=11"}}),
          400, "BadRequest");
  refused(api.s3("PUT", "/files/t", "x", {{"x-amz-tagging", "a=1&a=2"}}), 400, "InvalidArgument");
  refused(api.s3("PUT", "/files/t", "x", {{"x-amz-tagging", "aws:a=1"}}), 400, "InvalidTag");
  refused(api.s3("PUT", "/files/t", "x", {{"x-amz-tagging", "a=" + std::string(257, 'v')}}), 400,
          "InvalidTag");
  refused(api.s3("PUT", "/files/t", "x", {{"x-amz-tagging", "%zz"}}), 400, "InvalidArgument");
  EXPECT_FALSE(exists("t"));
}

}  // namespace
}  // namespace sallyport::api
