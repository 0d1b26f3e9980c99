// Presigned URLs, buckets in host names, and what newer clients send with a body.
#include "api/s3/request.h"
#include "api/s3/s3_fixture.h"

namespace sallyport::api {
namespace {

using testing::Answer;
using testing::ApiFixture;

class S3Presigned : public testing::S3Test {
 protected:
  http::HttpRequest url(const std::string& method, const std::string& target,
                        std::chrono::seconds expires = std::chrono::seconds(60),
                        const std::string& host = "127.0.0.1:4566") {
    http::HttpRequest request;
    request.method = method;
    request.target = target;
    request.headers.add("Host", host);
    http::presign(request, {ApiFixture::kAccessKey, SecretString(ApiFixture::kSecret), ""},
                  http::kUnsignedPayload, expires, {"us-east-1", "s3", api.clock.wall()});
    return request;
  }
};

TEST_F(S3Presigned, UrlsReadAndWrite) {
  EXPECT_EQ(api.send(url("PUT", "/files/k"), "body").status, 200);
  EXPECT_EQ(api.send(url("GET", "/files/k"), "").body, "body");
  const Answer head = api.send(url("HEAD", "/files/k"), "");
  EXPECT_EQ(header(head, "Content-Length"), "4");
  const Answer named = api.send(url("GET", "/files/k?response-content-disposition=attachment"), "");
  EXPECT_EQ(header(named, "Content-Disposition"), "attachment");
  EXPECT_EQ(api.send(url("DELETE", "/files/k"), "").status, 204);
}

TEST_F(S3Presigned, UrlsMayHoldHeaders) {
  ASSERT_EQ(api.send(url("PUT",
                         "/files/k?x-amz-meta-team=blue&x-amz-sdk-checksum-algorithm=CRC32&"
                         "x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-tagging=a%3Db"),
                     "body")
                .status,
            200);
  const Answer got = api.s3("GET", "/files/k");
  EXPECT_EQ(header(got, "x-amz-meta-team"), "blue");
  EXPECT_EQ(header(got, "x-amz-tagging-count"), "1");
}

TEST_F(S3Presigned, UrlsEnd) {
  put("k", "body");
  const auto request = url("GET", "/files/k", std::chrono::seconds(60));
  EXPECT_EQ(api.send(request, "").status, 200);
  api.clock.advance(std::chrono::seconds(61));
  const Answer late = api.send(request, "");
  refused(late, 403, "AccessDenied");
  EXPECT_EQ(text(late, "Message"), "Request has expired");
}

TEST_F(S3Presigned, UrlsAreGoodForOneHostMethodAndKey) {
  put("k", "body");
  put("l", "body");
  auto other_host = url("GET", "/files/k");
  other_host.headers.set("Host", "elsewhere:4566");
  refused(api.send(other_host, ""), 403, "SignatureDoesNotMatch");
  auto other_method = url("GET", "/files/k");
  other_method.method = "DELETE";
  refused(api.send(other_method, ""), 403, "SignatureDoesNotMatch");
  auto other_key = url("GET", "/files/k");
  other_key.target.replace(other_key.target.find("/k"), 2, "/l");
  refused(api.send(other_key, ""), 403, "SignatureDoesNotMatch");
  EXPECT_TRUE(exists("k"));
}

TEST_F(S3Presigned, UrlsWorkWithTheBucketInTheHost) {
  const std::string host = "files.localhost:4566";
  EXPECT_EQ(api.send(url("PUT", "/k", std::chrono::seconds(60), host), "body").status, 200);
  EXPECT_EQ(api.send(url("GET", "/k", std::chrono::seconds(60), host), "").body, "body");
  EXPECT_EQ(get("k"), "body");
}

TEST_F(S3Presigned, BucketsMayBeInTheHostName) {
  put("k", "x");
  EXPECT_EQ(api.s3("GET", "/k", "", {{"Host", "files.localhost:4566"}}).body, "x");
  EXPECT_EQ(api.s3("GET", "/k", "", {{"Host", "files.s3.localhost:4566"}}).body, "x");
  EXPECT_EQ(api.s3("GET", "/files/k", "", {{"Host", "s3.localhost:4566"}}).body, "x");
  EXPECT_EQ(text(api.s3("GET", "/?list-type=2", "", {{"Host", "files.localhost:4566"}}), "Name"),
            "files");
  refused(api.s3("GET", "/files/k", "", {{"Host", "files.localhost:4566"}}), 404, "NoSuchKey");
}

TEST_F(S3Presigned, TrailingChecksumsAreChecked) {
  const auto send = [&](const std::string& key, const std::string& trailer) {
    http::HttpRequest request;
    request.method = "PUT";
    request.target = "/files/" + key;
    request.headers.add("Host", "127.0.0.1:4566");
    request.headers.add("Content-Encoding", "aws-chunked");
    request.headers.add("x-amz-decoded-content-length", "5");
    request.headers.add("x-amz-sdk-checksum-algorithm", "CRC32");
    request.headers.add("x-amz-trailer", "x-amz-checksum-crc32");
    http::sign(request, {ApiFixture::kAccessKey, SecretString(ApiFixture::kSecret), ""},
               "STREAMING-UNSIGNED-PAYLOAD-TRAILER", {"us-east-1", "s3", api.clock.wall()});
    return api.send(std::move(request), "5\r\nhello\r\n0\r\n" + trailer + "\r\n");
  };
  const Answer good = send("good", "x-amz-checksum-crc32:NhCmhg==\r\n");
  EXPECT_EQ(good.status, 200) << good.body;
  EXPECT_EQ(header(good, "x-amz-checksum-crc32"), "NhCmhg==");
  EXPECT_EQ(get("good"), "hello");
  EXPECT_EQ(header(api.s3("HEAD", "/files/good"), "Content-Encoding"), "");
  refused(send("bad", "x-amz-checksum-crc32:AAAAAA==\r\n"), 400, "BadDigest");
  refused(send("bad", ""), 400, "MalformedTrailerError");
  EXPECT_FALSE(exists("bad"));
}

TEST_F(S3Presigned, BodiesShorterThanTheySayAreNotThere) {
  http::HttpRequest request;
  request.method = "PUT";
  request.target = "/files/short";
  request.headers.add("Host", "127.0.0.1:4566");
  request.headers.add("Content-Encoding", "aws-chunked");
  request.headers.add("x-amz-decoded-content-length", "9");
  request.headers.add("x-amz-trailer", "x-amz-checksum-crc32");
  http::sign(request, {ApiFixture::kAccessKey, SecretString(ApiFixture::kSecret), ""},
             "STREAMING-UNSIGNED-PAYLOAD-TRAILER", {"us-east-1", "s3", api.clock.wall()});
  refused(api.send(std::move(request), "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"),
          400, "IncompleteBody");
  EXPECT_FALSE(exists("short"));
}

TEST(CopySource, IsTakenApart) {
  const auto plain = parse_copy_source("/bucket/a%20b+c/%C3%A9?versionId=v%2F1");
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(plain->bucket, "bucket");
  EXPECT_EQ(plain->key, "a b c/\xC3\xA9");
  EXPECT_EQ(plain->version, "v/1");
  EXPECT_EQ(parse_copy_source("b/k?x")->key, "k?x");
  for (const char* wrong : {"", "/", "b", "b/", "/b/", "b/%", "b/%FF", "b/k?versionId="})
    EXPECT_FALSE(parse_copy_source(wrong).ok()) << wrong;
}

}  // namespace
}  // namespace sallyport::api
