#include <nlohmann/json.hpp>

#include "api/s3/s3_fixture.h"

namespace sallyport::api {
namespace {

using testing::Answer;

class S3Copy : public testing::S3Test {
 protected:
  Answer copy(const std::string& from, const std::string& to, Headers headers = {}) {
    headers.emplace_back("x-amz-copy-source", from);
    return api.s3("PUT", "/files/" + to, "", headers);
  }
};

TEST_F(S3Copy, TakesAllWithIt) {
  const std::string etag = put("a%2Bb%20c", "body",
                               {{"Content-Type", "text/plain"},
                                {"x-amz-meta-team", "blue"},
                                {"x-amz-tagging", "k=v"},
                                {"Cache-Control", "no-cache"}});
  const Answer copied = copy("/files/a%2Bb+c", "copy");
  ASSERT_EQ(copied.status, 200) << copied.body;
  EXPECT_EQ(text(copied, "ETag"), "&quot;" + testing::md5_hex("body") + "&quot;");
  EXPECT_NE(text(copied, "LastModified"), "");
  const Answer got = api.s3("GET", "/files/copy");
  EXPECT_EQ(got.body, "body");
  EXPECT_EQ(header(got, "Content-Type"), "text/plain");
  EXPECT_EQ(header(got, "x-amz-meta-team"), "blue");
  EXPECT_EQ(header(got, "Cache-Control"), "no-cache");
  EXPECT_EQ(header(got, "x-amz-tagging-count"), "1");
  EXPECT_EQ(header(got, "ETag"), etag);
}

TEST_F(S3Copy, ReplacesWhatItIsTold) {
  put("a", "body", {{"x-amz-meta-team", "blue"}, {"x-amz-tagging", "k=v"}});
  ASSERT_EQ(copy("files/a", "b",
                 {{"x-amz-metadata-directive", "REPLACE"},
                  {"x-amz-meta-other", "red"},
                  {"x-amz-tagging-directive", "REPLACE"},
                  {"x-amz-tagging", "l=w&m=x"}})
                .status,
            200);
  const Answer got = api.s3("GET", "/files/b");
  EXPECT_EQ(header(got, "x-amz-meta-team"), "");
  EXPECT_EQ(header(got, "x-amz-meta-other"), "red");
  EXPECT_EQ(header(got, "x-amz-tagging-count"), "2");
  // Onto itself only to change something.
  refused(copy("files/a", "a"), 400, "InvalidRequest");
  ASSERT_EQ(
      copy("files/a", "a", {{"x-amz-metadata-directive", "REPLACE"}, {"Content-Type", "text/html"}})
          .status,
      200);
  EXPECT_EQ(header(api.s3("HEAD", "/files/a"), "Content-Type"), "text/html");
  EXPECT_EQ(get("a"), "body");
}

TEST_F(S3Copy, TakesAVersion) {
  version("Enabled");
  const std::string id = header(api.s3("PUT", "/files/a", "one"), "x-amz-version-id");
  put("a", "two");
  const Answer copied = copy("files/a?versionId=" + id, "b");
  ASSERT_EQ(copied.status, 200) << copied.body;
  EXPECT_EQ(header(copied, "x-amz-copy-source-version-id"), id);
  EXPECT_NE(header(copied, "x-amz-version-id"), "");
  EXPECT_EQ(get("b"), "one");
  const std::string marker = header(api.s3("DELETE", "/files/a"), "x-amz-version-id");
  refused(copy("files/a", "c"), 404, "NoSuchKey");
  refused(copy("files/a?versionId=" + marker, "c"), 400, "InvalidRequest");
  refused(copy("files/a?versionId=none", "c"), 404, "NoSuchVersion");
}

TEST_F(S3Copy, MakesTheChecksumThatIsAskedFor) {
  const std::string body(600'000, 'x');
  put("a", body, {{"x-amz-meta-team", "blue"}, {"x-amz-tagging", "k=v"}, {"Expires", "never"}});
  const Headers crc32{{"x-amz-checksum-algorithm", "CRC32"}};
  const Answer copied = copy("files/a", "b", crc32);
  ASSERT_EQ(copied.status, 200) << copied.body;
  EXPECT_NE(text(copied, "ChecksumCRC32"), "");
  EXPECT_EQ(text(copied, "ChecksumCRC64NVME"), "");
  const Answer got = api.s3("GET", "/files/b", "", {{"x-amz-checksum-mode", "ENABLED"}});
  EXPECT_EQ(got.body, body);
  EXPECT_EQ(header(got, "x-amz-checksum-crc32"), text(copied, "ChecksumCRC32"));
  EXPECT_EQ(header(got, "x-amz-meta-team"), "blue");
  EXPECT_EQ(header(got, "x-amz-tagging-count"), "1");
  EXPECT_EQ(header(got, "Expires"), "never");
  EXPECT_EQ(header(got, "ETag"), "\"" + testing::md5_hex(body) + "\"");
  refused(copy("files/a", "c", {crc32[0], {"x-amz-copy-source-if-match", "\"x\""}}), 412,
          "PreconditionFailed");
  refused(copy("files/a", "b", {crc32[0], {"If-None-Match", "*"}}), 412, "PreconditionFailed");
  EXPECT_FALSE(exists("c"));
}

TEST_F(S3Copy, HoldsToConditions) {
  const std::string etag = put("a", "body");
  const std::string date = "Fri, 02 Jan 2026 03:04:05 GMT";
  const std::string before = "Thu, 01 Jan 2026 03:04:05 GMT";
  EXPECT_EQ(copy("files/a", "b", {{"x-amz-copy-source-if-match", etag}}).status, 200);
  EXPECT_EQ(copy("files/a", "b", {{"x-amz-copy-source-if-none-match", "\"x\""}}).status, 200);
  EXPECT_EQ(copy("files/a", "b", {{"x-amz-copy-source-if-unmodified-since", date}}).status, 200);
  EXPECT_EQ(copy("files/a", "b", {{"x-amz-copy-source-if-modified-since", before}}).status, 200);
  // The tag holds, so the time does not count.
  EXPECT_EQ(copy("files/a", "b",
                 {{"x-amz-copy-source-if-match", etag},
                  {"x-amz-copy-source-if-unmodified-since", before}})
                .status,
            200);
  const std::pair<const char*, std::string> failing[] = {
      {"x-amz-copy-source-if-match", "\"x\""},
      {"x-amz-copy-source-if-none-match", etag},
      {"x-amz-copy-source-if-none-match", "*"},
      {"x-amz-copy-source-if-unmodified-since", before},
      {"x-amz-copy-source-if-modified-since", date},
      {"If-None-Match", "*"},
  };
  for (const auto& [name, value] : failing)
    refused(copy("files/a", "b", {{name, value}}), 412, "PreconditionFailed");
  refused(copy("files/a", "b", {{"x-amz-copy-source-if-modified-since", "yesterday"}}), 400,
          "InvalidArgument");
}

TEST_F(S3Copy, RefusesSourcesThatCannotBe) {
  put("a", "body");
  for (const char* source : {"", "/", "files", "files/", "/files/", "//a", "files/%zz", "files/%FF",
                             "files/a%00b", "files/a?versionId="})
    refused(copy(source, "b"), 400, "InvalidArgument");
  refused(copy("arn:aws:s3:us-east-1:000000000000:accesspoint/p/object/k", "b"), 501,
          "NotImplemented");
  refused(copy("files/none", "b"), 404, "NoSuchKey");
  refused(copy("nowhere/a", "b"), 404, "NoSuchBucket");
  refused(copy("files/a", "b", {{"x-amz-metadata-directive", "MERGE"}}), 400, "InvalidArgument");
  refused(copy("files/a", "b", {{"x-amz-tagging-directive", "MERGE"}}), 400, "InvalidArgument");
  refused(copy("files/a", "b", {{"x-amz-checksum-algorithm", "MD4"}}), 400, "InvalidRequest");
  EXPECT_FALSE(exists("b"));
}

}  // namespace
}  // namespace sallyport::api
