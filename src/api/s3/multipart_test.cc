#include <nlohmann/json.hpp>

#include "api/s3/part_sizes.h"
#include "api/s3/s3_fixture.h"

namespace sallyport::api {
namespace {

using testing::Answer;

constexpr std::size_t kLeast = storage::kMinPartBytes;

std::string checksum_of(http::ChecksumAlgorithm algorithm, const std::string& body) {
  http::Checksum sum(algorithm);
  sum.update(as_bytes(body));
  return sum.finish().base64;
}

class S3Multipart : public testing::S3Test {
 protected:
  std::string begin(const Headers& headers = {}, const std::string& key = "k") {
    const Answer answer = api.s3("POST", "/files/" + key + "?uploads", "", headers);
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(text(answer, "Bucket"), "files");
    return text(answer, "UploadId");
  }
  Answer part(const std::string& upload, int number, const std::string& body,
              const Headers& headers = {}) {
    return api.s3("PUT", "/files/k?partNumber=" + std::to_string(number) + "&uploadId=" + upload,
                  body, headers);
  }
  static std::string listed(int number, const std::string& etag, const std::string& more = {}) {
    return "<Part><PartNumber>" + std::to_string(number) + "</PartNumber><ETag>" + etag +
           "</ETag>" + more + "</Part>";
  }
  Answer complete(const std::string& upload, const std::string& parts,
                  const Headers& headers = {}) {
    return api.s3("POST", "/files/k?uploadId=" + upload,
                  "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" +
                      parts + "</CompleteMultipartUpload>",
                  headers);
  }

  const std::string one = std::string(kLeast, 'a');
  const std::string two = std::string(kLeast + 3, 'b');
  const std::string three = "the end";
};

TEST_F(S3Multipart, MakesAnObjectOfItsParts) {
  const std::string upload = begin(
      {{"Content-Type", "text/plain"}, {"x-amz-meta-team", "blue"}, {"x-amz-tagging", "a=b"}});
  const std::string e3 = header(part(upload, 30, three), "ETag");
  const std::string e1 = header(part(upload, 1, one), "ETag");
  const std::string e2 = header(part(upload, 7, two), "ETag");
  EXPECT_EQ(e1, "\"" + testing::md5_hex(one) + "\"");
  EXPECT_FALSE(exists("k"));
  const Answer done = complete(upload, listed(1, e1) + listed(7, e2) + listed(30, e3));
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(text(done, "Key"), "k");
  EXPECT_TRUE(text(done, "ETag").ends_with("-3&quot;")) << done.body;
  EXPECT_EQ(text(done, "ChecksumType"), "FULL_OBJECT");
  EXPECT_EQ(text(done, "ChecksumCRC64NVME"),
            checksum_of(http::ChecksumAlgorithm::kCrc64Nvme, one + two + three));
  const Answer got = api.s3("GET", "/files/k");
  EXPECT_EQ(got.body, one + two + three);
  EXPECT_EQ(header(got, "Content-Type"), "text/plain");
  EXPECT_EQ(header(got, "x-amz-meta-team"), "blue");
  EXPECT_EQ(header(got, "x-amz-tagging-count"), "1");
  EXPECT_EQ(header(got, "x-amz-part-sizes"), "");
  refused(complete(upload, listed(1, e1)), 404, "NoSuchUpload");
}

TEST_F(S3Multipart, IsReadByPartNumber) {
  const std::string upload = begin();
  const std::string e1 = header(part(upload, 1, one), "ETag");
  const std::string e2 = header(part(upload, 2, two), "ETag");
  const std::string e3 = header(part(upload, 3, three), "ETag");
  ASSERT_EQ(complete(upload, listed(1, e1) + listed(2, e2) + listed(3, e3)).status, 200);
  const Answer second = api.s3("GET", "/files/k?partNumber=2");
  EXPECT_EQ(second.status, 206);
  EXPECT_EQ(second.body, two);
  EXPECT_EQ(header(second, "x-amz-mp-parts-count"), "3");
  const Answer third = api.s3("HEAD", "/files/k?partNumber=3");
  EXPECT_EQ(header(third, "Content-Length"), "7");
  refused(api.s3("GET", "/files/k?partNumber=4"), 416, "InvalidPartNumber");
  EXPECT_EQ(
      text(api.s3("GET", "/files/k?attributes", "", {{"x-amz-object-attributes", "ObjectParts"}}),
           "PartsCount"),
      "3");
}

TEST_F(S3Multipart, SumsUpTheChecksumsOfParts) {
  const std::string upload = begin({{"x-amz-checksum-algorithm", "SHA256"}});
  const std::string c1 = checksum_of(http::ChecksumAlgorithm::kSha256, one);
  const std::string c2 = checksum_of(http::ChecksumAlgorithm::kSha256, three);
  const Answer p1 = part(upload, 1, one, {{"x-amz-checksum-sha256", c1}});
  const Answer p2 = part(upload, 2, three);  // not sent: computed here
  EXPECT_EQ(header(p1, "x-amz-checksum-sha256"), c1);
  EXPECT_EQ(header(p2, "x-amz-checksum-sha256"), c2);
  refused(part(upload, 3, three, {{"x-amz-checksum-crc32", "AAAAAA=="}}), 400, "InvalidRequest");
  refused(complete(upload,
                   listed(1, header(p1, "ETag"), "<ChecksumSHA256>" + c2 + "</ChecksumSHA256>")),
          400, "InvalidPart");
  const Answer done = complete(
      upload, listed(1, header(p1, "ETag"), "<ChecksumSHA256>" + c1 + "</ChecksumSHA256>") +
                  listed(2, header(p2, "ETag"), "<ChecksumSHA256>" + c2 + "</ChecksumSHA256>"));
  ASSERT_EQ(done.status, 200) << done.body;
  const auto raw = [](const std::string& base64) {
    return std::string(as_text(codec::base64_decode(base64).value()));
  };
  EXPECT_EQ(text(done, "ChecksumSHA256"),
            checksum_of(http::ChecksumAlgorithm::kSha256, raw(c1) + raw(c2)) + "-2");
  EXPECT_EQ(text(done, "ChecksumType"), "COMPOSITE");
  const Answer got = api.s3("HEAD", "/files/k", "", {{"x-amz-checksum-mode", "ENABLED"}});
  EXPECT_EQ(header(got, "x-amz-checksum-sha256"), text(done, "ChecksumSHA256"));
  EXPECT_EQ(header(got, "x-amz-checksum-type"), "COMPOSITE");
}

TEST_F(S3Multipart, HoldsToTheChecksumOfTheWhole) {
  const std::string upload =
      begin({{"x-amz-checksum-algorithm", "CRC32"}, {"x-amz-checksum-type", "FULL_OBJECT"}});
  const std::string e1 = header(part(upload, 1, one), "ETag");
  const std::string e2 = header(part(upload, 2, three), "ETag");
  const std::string parts = listed(1, e1) + listed(2, e2);
  refused(complete(upload, parts, {{"x-amz-checksum-crc32", "AAAAAA=="}}), 400, "BadDigest");
  refused(complete(upload, parts, {{"x-amz-checksum-type", "COMPOSITE"}}), 400, "InvalidRequest");
  refused(complete(upload, parts, {{"x-amz-mp-object-size", "1"}}), 400, "InvalidRequest");
  EXPECT_FALSE(exists("k"));
  const std::string sum = checksum_of(http::ChecksumAlgorithm::kCrc32, one + three);
  const Answer done =
      complete(upload, parts,
               {{"x-amz-checksum-crc32", sum},
                {"x-amz-checksum-type", "FULL_OBJECT"},
                {"x-amz-mp-object-size", std::to_string(one.size() + three.size())}});
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(text(done, "ChecksumCRC32"), sum);
}

TEST_F(S3Multipart, RefusesChecksumsThatCannotBe) {
  const Headers wrong[] = {
      {{"x-amz-checksum-algorithm", "MD4"}},
      {{"x-amz-checksum-type", "FULL_OBJECT"}},
      {{"x-amz-checksum-algorithm", "SHA1"}, {"x-amz-checksum-type", "FULL_OBJECT"}},
      {{"x-amz-checksum-algorithm", "CRC64NVME"}, {"x-amz-checksum-type", "COMPOSITE"}},
      {{"x-amz-checksum-algorithm", "CRC32"}, {"x-amz-checksum-type", "HALF"}},
  };
  for (const Headers& headers : wrong)
    refused(api.s3("POST", "/files/k?uploads", "", headers), 400, "InvalidRequest");
}

TEST_F(S3Multipart, RefusesWrongListsOfParts) {
  const std::string upload = begin();
  const std::string e1 = header(part(upload, 1, three), "ETag");
  const std::string e2 = header(part(upload, 2, three), "ETag");
  refused(complete(upload, listed(2, e2) + listed(1, e1)), 400, "InvalidPartOrder");
  refused(complete(upload, listed(1, e1) + listed(1, e1)), 400, "InvalidPartOrder");
  refused(complete(upload, listed(1, "\"0\"")), 400, "InvalidPart");
  refused(complete(upload, listed(1, e1) + listed(3, e1)), 400, "InvalidPart");
  refused(complete(upload, listed(1, e1) + listed(2, e2)), 400, "EntityTooSmall");
  refused(complete(upload, listed(0, e1)), 400, "InvalidArgument");
  refused(complete(upload, listed(10'001, e1)), 400, "InvalidArgument");
  for (const char* xml : {"", "<Part/>", "<Part><PartNumber>1</PartNumber></Part>", "<Other/>",
                          "<Part><PartNumber>one</PartNumber><ETag>x</ETag></Part>"})
    refused(complete(upload, xml), 400, "MalformedXML");
  refused(api.s3("POST", "/files/k?uploadId=" + upload, ""), 400, "InvalidRequest");
  refused(api.s3("POST", "/files/k?uploadId=" + upload, "<Complete"), 400, "MalformedXML");
  EXPECT_FALSE(exists("k"));
  EXPECT_EQ(complete(upload, listed(1, e1)).status, 200);
}

TEST_F(S3Multipart, RefusesWrongParts) {
  const std::string upload = begin();
  for (const char* number : {"0", "10001", "x", "-1", ""})
    refused(
        api.s3("PUT", std::string("/files/k?partNumber=") + number + "&uploadId=" + upload, "x"),
        400, "InvalidArgument");
  refused(api.s3("PUT", "/files/k?uploadId=" + upload, "x"), 400, "InvalidArgument");
  refused(part("none", 1, "x"), 404, "NoSuchUpload");
  refused(part(upload, 1, "x", {{"Content-MD5", testing::md5_base64("y")}}), 400, "BadDigest");
  refused(api.s3("PUT", "/files/other?partNumber=1&uploadId=" + upload, "x"), 404, "NoSuchUpload");
  EXPECT_EQ(count(api.s3("GET", "/files/k?uploadId=" + upload), "Part"), 0);
}

TEST_F(S3Multipart, IsListedAndGivenUp) {
  const std::string upload = begin();
  for (int i = 1; i <= 3; ++i) part(upload, i, std::to_string(i));
  const Answer uploads = api.s3("GET", "/files?uploads");
  EXPECT_EQ(text(uploads, "UploadId"), upload);
  EXPECT_EQ(text(uploads, "IsTruncated"), "false");
  const Answer parts = api.s3("GET", "/files/k?max-parts=2&uploadId=" + upload);
  EXPECT_EQ(count(parts, "Part"), 2);
  EXPECT_EQ(text(parts, "IsTruncated"), "true");
  EXPECT_EQ(text(parts, "NextPartNumberMarker"), "2");
  const Answer rest = api.s3("GET", "/files/k?part-number-marker=2&uploadId=" + upload);
  EXPECT_EQ(text(rest, "PartNumber"), "3");
  EXPECT_EQ(text(rest, "Size"), "1");
  EXPECT_EQ(api.s3("DELETE", "/files/k?uploadId=" + upload).status, 204);
  refused(api.s3("DELETE", "/files/k?uploadId=" + upload), 404, "NoSuchUpload");
  refused(api.s3("GET", "/files/k?uploadId=" + upload), 404, "NoSuchUpload");
  EXPECT_EQ(count(api.s3("GET", "/files?uploads"), "Upload"), 0);
}

TEST_F(S3Multipart, TakesPartsOfObjects) {
  put("source", one + three);
  const std::string upload = begin();
  const auto copy = [&](int number, const std::string& range) {
    Headers headers{{"x-amz-copy-source", "files/source"}};
    if (!range.empty()) headers.emplace_back("x-amz-copy-source-range", range);
    return api.s3("PUT", "/files/k?partNumber=" + std::to_string(number) + "&uploadId=" + upload,
                  "", headers);
  };
  const Answer p1 = copy(1, "");
  ASSERT_EQ(p1.status, 200) << p1.body;
  const std::string end = std::to_string(one.size());
  const Answer p2 = copy(2, "bytes=" + end + "-" + std::to_string(one.size() + 2));
  ASSERT_EQ(p2.status, 200) << p2.body;
  EXPECT_NE(text(p1, "ETag"), text(p2, "ETag"));
  for (const std::string& range :
       std::vector<std::string>{"bytes=-3", "bytes=3-", "3-4", "bytes=4-3", "bytes=a-b", "",
                                "bytes=0-99999999999", "bytes=99999999-99999999"}) {
    if (!range.empty()) refused(copy(3, range), 400, "InvalidArgument");
  }
  const Answer done = complete(upload, listed(1, text(p1, "ETag")) + listed(2, text(p2, "ETag")));
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(get("k"), one + three + "the");
}

TEST_F(S3Multipart, HoldsToConditions) {
  put("k", "there");
  const std::string upload = begin();
  const std::string e1 = header(part(upload, 1, three), "ETag");
  refused(complete(upload, listed(1, e1), {{"If-None-Match", "*"}}), 412, "PreconditionFailed");
  EXPECT_EQ(get("k"), "there");
  EXPECT_EQ(complete(upload, listed(1, e1), {{"If-Match", "\"" + testing::md5_hex("there") + "\""}})
                .status,
            200);
}

TEST(PartSizes, AreCountedAndFound) {
  std::vector<storage::PartInfo> parts(5);
  for (auto& part : parts) part.size = 10;
  parts[3].size = 7;
  parts[4].size = 0;
  const std::string text = encode_part_sizes(parts);
  EXPECT_EQ(text, "10*3,7,0");
  EXPECT_EQ(find_part(text, 2, 37)->first, 10u);
  EXPECT_EQ(find_part(text, 2, 37)->last, 19u);
  EXPECT_EQ(find_part(text, 4, 37)->first, 30u);
  EXPECT_EQ(find_part(text, 4, 37)->last, 36u);
  EXPECT_FALSE(find_part(text, 5, 37));
  EXPECT_FALSE(find_part(text, 6, 37));
  for (const char* wrong : {"", "x", "10*", "10*3,", "10*99999999999", "10*0", "10*3,7,0,1", "9"})
    EXPECT_FALSE(find_part(wrong, 1, 37)) << wrong;
}

}  // namespace
}  // namespace sallyport::api
