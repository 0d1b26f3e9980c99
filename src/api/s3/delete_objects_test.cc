#include <nlohmann/json.hpp>

#include "api/s3/s3_fixture.h"

namespace sallyport::api {
namespace {

using testing::Answer;
using testing::md5_base64;

class S3DeleteObjects : public testing::S3Test {
 protected:
  Answer remove(const std::string& xml) {
    return api.s3("POST", "/files?delete", xml, {{"Content-MD5", md5_base64(xml)}});
  }
};

TEST_F(S3DeleteObjects, RemovesAllAndTellsOfEach) {
  for (int i = 0; i < 100; ++i) put("k" + std::to_string(i), "x");
  std::string xml = "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (int i = 0; i < 100; ++i) xml += "<Object><Key>k" + std::to_string(i) + "</Key></Object>";
  xml += "<Object><Key>never</Key></Object></Delete>";
  const Answer answer = remove(xml);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(count(answer, "Deleted"), 101);
  EXPECT_EQ(count(answer, "Error"), 0);
  EXPECT_EQ(text(api.s3("GET", "/files?list-type=2"), "KeyCount"), "0");
}

TEST_F(S3DeleteObjects, IsQuietOnRequest) {
  put("a&b", "x");
  put("%20", "x");
  const Answer answer = remove(
      "<Delete><Quiet>true</Quiet><Object><Key>a&amp;b</Key></Object>"
      "<Object><Key> </Key></Object><Object><Key>a</Key><VersionId>none</VersionId></Object>"
      "</Delete>");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(count(answer, "Deleted"), 0);
  EXPECT_EQ(text(api.s3("GET", "/files?list-type=2"), "KeyCount"), "0");
}

TEST_F(S3DeleteObjects, MakesMarkersAndRemovesVersions) {
  version("Enabled");
  const Answer put = api.s3("PUT", "/files/k", "x");
  const std::string id = header(put, "x-amz-version-id");
  const Answer marked = remove("<Delete><Object><Key>k</Key></Object></Delete>");
  EXPECT_EQ(text(marked, "DeleteMarker"), "true");
  const std::string marker = text(marked, "DeleteMarkerVersionId");
  EXPECT_NE(marker, "");
  remove("<Delete><Object><Key>k</Key><VersionId>" + marker +
         "</VersionId></Object><Object><Key>k</Key><VersionId>" + id +
         "</VersionId></Object></Delete>");
  EXPECT_EQ(count(api.s3("GET", "/files?versions"), "VersionId"), 0);
}

TEST_F(S3DeleteObjects, TellsOfOneThatFails) {
  put("k", "x");
  const Answer answer =
      remove("<Delete><Object><Key>k</Key></Object><Object><Key>" + std::string(1025, 'x') +
             "</Key></Object><Object><Key>c</Key><ETag>\"x\"</ETag></Object></Delete>");
  EXPECT_EQ(count(answer, "Deleted"), 1);
  EXPECT_EQ(count(answer, "Error"), 2);
  EXPECT_NE(answer.body.find("<Code>KeyTooLongError</Code>"), std::string::npos);
  EXPECT_NE(answer.body.find("<Code>NotImplemented</Code>"), std::string::npos);
}

TEST_F(S3DeleteObjects, WantsAChecksum) {
  put("k", "x");
  const std::string xml = "<Delete><Object><Key>k</Key></Object></Delete>";
  refused(api.s3("POST", "/files?delete", xml), 400, "InvalidRequest");
  refused(api.s3("POST", "/files?delete", xml, {{"Content-MD5", md5_base64("x")}}), 400,
          "BadDigest");
  refused(api.s3("POST", "/files?delete", xml, {{"x-amz-checksum-crc32", "AAAAAA=="}}), 400,
          "BadDigest");
  EXPECT_TRUE(exists("k"));
}

TEST_F(S3DeleteObjects, RefusesMalformedLists) {
  put("k", "x");
  std::string many = "<Delete>";
  for (int i = 0; i < 1001; ++i) many += "<Object><Key>k</Key></Object>";
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "<Delete>";
  for (const std::string& xml : std::vector<std::string>{
           many + "</Delete>", "<Delete/>", "<Delete>", "not xml", "<Remove/>", deep,
           "<Delete><Object/></Delete>", "<Delete><Object><Name>k</Name></Object></Delete>",
           "<Delete><Object><Key>k</Key><Key>l</Key></Object></Delete>",
           "<Delete><Object><Key><b>k</b></Key></Object></Delete>",
           "<Delete><Quiet>perhaps</Quiet><Object><Key>k</Key></Object></Delete>",
           "<!DOCTYPE a [<!ENTITY k \"k\">]><Delete><Object><Key>&k;</Key></Object></Delete>",
           "<Delete><Object><Key>k</Key></Object></Delete><Delete/>"})
    refused(remove(xml), 400, "MalformedXML");
  refused(remove(""), 400, "MissingRequestBodyError");
  refused(remove("<Delete>" + std::string(6 * 1024 * 1024, ' ') + "</Delete>"), 400,
          "MaxMessageLengthExceeded");
  refused(remove("<Delete><Object><Key></Key></Object></Delete>"), 400, "MalformedXML");
  EXPECT_TRUE(exists("k"));
}

}  // namespace
}  // namespace sallyport::api
