#include "s3/multipart.h"

#include "crypto/digest.h"
#include "s3/testing/scripted_store.h"

namespace sallyport::s3 {
namespace {

using http::testing_support::answer_of;
using testing_support::error_xml;
using testing_support::ScriptedStore;

const std::string kMd5A = "0cc175b9c0f1b6a831c399e269772661";  // of "a"
const std::string kMd5B = "92eb5ffee6ae2fec3ad71c777531578f";  // of "b"

TEST(MultipartTest, makes_the_etag_that_amazon_s3_makes) {
  // The example of Amazon's guide to the integrity of objects, and one of two known MD5s.
  EXPECT_EQ(etag_of_parts({"bce6bf66aeb76c7040fdd5f4eccb78e6", "8165449fc15bbf43d3b674595cbcc406"}),
            "f77dc0eecdebcd774a2a22cb393ad2ff-2");
  EXPECT_EQ(etag_of_parts({kMd5A, kMd5B}), "96e024ba2074fe77e8e965ba43a704be-2");
  EXPECT_EQ(etag_of_parts({kMd5A}).substr(32), "-1");
}

TEST(MultipartTest, makes_none_of_what_are_no_md5s) {
  for (const char* tag : {"", "abc", "0CC175B9C0F1B6A831C399E269772661",
                          "0cc175b9c0f1b6a831c399e26977266g", "0cc175b9c0f1b6a831c399e269772661-1"})
    EXPECT_EQ(etag_of_parts({kMd5A, tag}), "") << tag;
}

UploadName upload_name() {
  return UploadName({"b", "k"}, "id&1");
}

struct Completed {
  Result<std::string> etag = Error(Errc::kInternal, "");
  std::vector<std::string> methods;
  std::vector<std::string> bodies;
  std::vector<std::int64_t> waits;
};

Task<Completed> complete(std::vector<std::string> answers, PartTags tags) {
  ScriptedStore s(std::move(answers));
  Completed out;
  Completion completion(std::move(tags), 20);
  out.etag = co_await complete_upload(*s.requester, s.caller, upload_name(), std::move(completion));
  for (const std::string& head : s.script.requests)
    out.methods.push_back(head.substr(0, head.find(' ')));
  out.bodies = s.script.bodies;
  out.waits = s.waits;
  co_await s.end();
  co_return out;
}

Completed completed(std::vector<std::string> answers, PartTags tags = {kMd5A, kMd5B}) {
  return net::sync_wait(complete(std::move(answers), std::move(tags)));
}

std::string head_answer(const std::string& etag, const std::string& size) {
  return "HTTP/1.1 200 OK\r\nETag: \"" + etag + "\"\r\nContent-Length: " + size + "\r\n\r\n";
}
const std::string kMissing = "HTTP/1.1 404 Not Found\r\nContent-Length: 243\r\n\r\n";
const std::string kMade = answer_of(
    200,
    "<CompleteMultipartUploadResult><ETag>&quot;e-2&quot;</ETag></CompleteMultipartUploadResult>");

using Methods = std::vector<std::string>;

TEST(MultipartTest, a_completion_names_all_parts) {
  const Completed c = completed({kMade});
  ASSERT_TRUE(c.etag.ok());
  EXPECT_EQ(*c.etag, "e-2");
  EXPECT_NE(c.bodies.at(0).find("<Part><PartNumber>2</PartNumber><ETag>&quot;" + kMd5B),
            std::string::npos)
      << c.bodies.at(0);
}

Task<void> uploads_with_checksums() {
  ScriptedStore s({answer_of(200,
                             "<InitiateMultipartUploadResult><UploadId>i</UploadId>"
                             "</InitiateMultipartUploadResult>"),
                   answer_of(200, "", "ETag: \"e\"\r\n"), kMade});
  storage::ObjectRef object("b", "k");
  storage::PutOptions options;
  WriteDefaults defaults;
  defaults.check = BodyCheck::kCrc32c;
  const auto id = co_await create_upload(*s.requester, s.caller, object, options, defaults);
  EXPECT_TRUE(id.ok());
  UploadName upload = upload_name();
  BodySums sums(false, BodyCheck::kCrc32c);
  sums.update(as_bytes(std::string_view("123456789")));
  BodyProof proof = sums.take();
  // The check value of CRC-32/ISCSI, e3069283, in base64.
  EXPECT_EQ(proof.checksum, "4waSgw==");
  EXPECT_EQ(proof.sha256, "UNSIGNED-PAYLOAD");
  Completion completion({"e"}, 9);
  completion.crc32cs = {proof.checksum};
  const auto tag =
      co_await upload_part(*s.requester, s.caller, upload, 1, {}, BodyCheck::kCrc32c, proof);
  EXPECT_TRUE(tag.ok());
  EXPECT_TRUE((co_await complete_upload(*s.requester, s.caller, upload, completion)).ok());
  EXPECT_NE(s.script.requests.at(0).find("x-amz-checksum-algorithm: CRC32C\r\n"),
            std::string::npos);
  EXPECT_NE(s.script.requests.at(1).find("x-amz-checksum-crc32c: 4waSgw==\r\n"), std::string::npos);
  EXPECT_NE(s.script.bodies.at(2).find("</ETag><ChecksumCRC32C>4waSgw==</ChecksumCRC32C></Part>"),
            std::string::npos);
  co_await s.end();
}

TEST(MultipartTest, an_upload_with_checksums_names_them_at_every_step) {
  net::sync_wait(uploads_with_checksums());
}

TEST(MultipartTest, an_answer_without_an_etag_gets_the_one_it_must_be) {
  const Completed c = completed(
      {answer_of(200, "<CompleteMultipartUploadResult><ETag/></CompleteMultipartUploadResult>")});
  EXPECT_EQ(c.etag.value(), etag_of_parts({kMd5A, kMd5B}));
}

TEST(MultipartTest, a_lost_answer_is_settled_by_a_look) {
  const std::string made = etag_of_parts({kMd5A, kMd5B});
  const Completed c =
      completed({"", head_answer(made, "20"), answer_of(404, error_xml("NoSuchUpload"))});
  EXPECT_EQ(c.etag.value(), made);
  // An older object of the same content would leave the upload.
  EXPECT_EQ(c.methods, (Methods{"POST", "HEAD", "DELETE"}));
}

TEST(MultipartTest, an_older_object_of_the_same_shape_is_not_taken_for_the_new_one) {
  const std::string parts = "<ListPartsResult/>";
  const Completed c = completed({answer_of(500, error_xml("InternalError")),
                                 head_answer("0123-2", "20"), answer_of(200, parts), kMade});
  EXPECT_EQ(c.etag.value(), "e-2");
  EXPECT_EQ(c.methods, (Methods{"POST", "HEAD", "GET", "POST"}));
}

TEST(MultipartTest, what_was_not_done_is_done_again) {
  const Completed c = completed({"", kMissing, kMade});
  EXPECT_EQ(c.etag.value(), "e-2");
  EXPECT_EQ(c.methods, (Methods{"POST", "HEAD", "POST"}));
  EXPECT_EQ(c.waits.size(), 1u);
  // The object that was there before is not what is to be made.
  const Completed other = completed({"", head_answer(kMd5A, "20"), kMade});
  EXPECT_EQ(other.etag.value(), "e-2");
}

TEST(MultipartTest, an_upload_that_is_gone_after_a_lost_answer_was_completed) {
  // Of encrypted parts: nothing can be said of the ETag but the number of parts.
  const Completed c =
      completed({"", kMissing, answer_of(404, error_xml("NoSuchUpload")),
                 head_answer("ffff-2", "20"), answer_of(404, error_xml("NoSuchUpload"))},
                {"x", "y"});
  EXPECT_EQ(c.etag.value(), "ffff-2");
}

TEST(MultipartTest, an_upload_that_is_gone_otherwise_is_an_error) {
  const Completed c = completed(
      {answer_of(404, error_xml("NoSuchUpload")), head_answer("ffff-2", "20")}, {"x", "y"});
  ASSERT_FALSE(c.etag.ok());
  EXPECT_EQ(c.etag.error().reason, "NoSuchUpload");
  EXPECT_EQ(c.methods, (Methods{"POST", "HEAD"}));
  for (const char* etag : {"ffff-3", "ffff"})
    EXPECT_FALSE(completed({"", kMissing, answer_of(404, error_xml("NoSuchUpload")),
                            head_answer(etag, "20")},
                           {"x", "y"})
                     .etag.ok());
  EXPECT_FALSE(completed({"", kMissing, answer_of(404, error_xml("NoSuchUpload")),
                          head_answer("ffff-2", "21")},
                         {"x", "y"})
                   .etag.ok());
}

TEST(MultipartTest, one_that_cannot_be_settled_ends_as_unavailable) {
  const Completed c = completed({answer_of(500, error_xml("InternalError")), kMissing,
                                 answer_of(500, error_xml("InternalError")), kMissing,
                                 answer_of(500, error_xml("InternalError")), kMissing,
                                 answer_of(500, error_xml("InternalError")), kMissing});
  ASSERT_FALSE(c.etag.ok());
  EXPECT_EQ(c.etag.error().code, Errc::kUnavailable);
  EXPECT_EQ(c.methods.size(), 8u);
  EXPECT_EQ(c.waits.size(), 3u);
}

TEST(MultipartTest, a_success_with_an_error_in_it_is_none) {
  const Completed c = completed({answer_of(200, error_xml("InternalError")), kMissing, kMade});
  EXPECT_EQ(c.etag.value(), "e-2");
  EXPECT_EQ(c.methods, (Methods{"POST", "HEAD", "POST"}));
}

TEST(MultipartTest, a_success_that_is_no_answer_is_settled_by_a_look) {
  for (const char* odd : {"", "<html><body>It works!</body></html>", "<CompleteMultipart",
                          "<CopyObjectResult><ETag>e-2</ETag></CopyObjectResult>"}) {
    const Completed c = completed({answer_of(200, odd), kMissing, kMade});
    EXPECT_EQ(c.etag.value(), "e-2");
    EXPECT_EQ(c.methods, (Methods{"POST", "HEAD", "POST"})) << odd;
    const std::string made = etag_of_parts({kMd5A, kMd5B});
    EXPECT_EQ(
        completed({answer_of(200, odd), head_answer(made, "20"), answer_of(204, "")}).etag.value(),
        made);
  }
  std::vector<std::string> never;
  for (int i = 0; i < 4; ++i) {
    never.push_back(answer_of(200, ""));
    never.push_back(kMissing);
  }
  const Completed c = completed(never);
  ASSERT_FALSE(c.etag.ok());
  EXPECT_EQ(c.etag.error().code, Errc::kUnavailable);
}

TEST(MultipartTest, refusals_of_a_completion_are_final) {
  for (const char* code : {"InvalidPart", "EntityTooSmall", "MalformedXML"}) {
    const Completed c = completed({answer_of(400, error_xml(code))});
    EXPECT_EQ(c.etag.ok() ? "" : c.etag.error().reason, code);
    EXPECT_EQ(c.methods.size(), 1u);
  }
}

Task<void> odd_answers() {
  const std::string long_id = "<InitiateMultipartUploadResult><UploadId>" + std::string(5000, 'i') +
                              "</UploadId></InitiateMultipartUploadResult>";
  const std::string two_lines =
      "<InitiateMultipartUploadResult><UploadId>i&#10;d</UploadId></InitiateMultipartUploadResult>";
  ScriptedStore s({answer_of(200, "<a/>"), answer_of(200, ""), answer_of(200, long_id),
                   answer_of(200, two_lines),
                   answer_of(200, "", "ETag: " + std::string(300, 'e') + "\r\n"),
                   answer_of(200, "", "ETag: \r\n"), answer_of(404, error_xml("NoSuchUpload")),
                   answer_of(403, error_xml("AccessDenied"))});
  storage::ObjectRef object("b", "k");
  storage::PutOptions options;
  WriteDefaults defaults;
  for (int i = 0; i < 4; ++i) {
    const auto id = co_await create_upload(*s.requester, s.caller, object, options, defaults);
    EXPECT_EQ(id.ok() ? Errc::kInternal : id.error().code, Errc::kCorrupt);
  }
  UploadName upload = upload_name();
  for (int i = 0; i < 2; ++i) {
    const auto tag =
        co_await upload_part(*s.requester, s.caller, upload, 1, {}, BodyCheck::kNone, {});
    EXPECT_EQ(tag.ok() ? Errc::kInternal : tag.error().code, Errc::kCorrupt);
  }
  EXPECT_NE(s.script.requests.back().find("/b/k?partNumber=1&uploadId=id%261 "), std::string::npos);
  EXPECT_TRUE((co_await abort_upload(*s.requester, s.caller, upload)).ok());
  EXPECT_FALSE((co_await abort_upload(*s.requester, s.caller, upload)).ok());
  co_await s.end();
}

TEST(MultipartTest, answers_that_name_nothing_are_refused_and_what_is_gone_is_aborted) {
  net::sync_wait(odd_answers());
}

}  // namespace
}  // namespace sallyport::s3
