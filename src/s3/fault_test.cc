// Refusals as stores word them; the samples of Amazon S3 follow "Error responses" of its API
// reference, those of Ceph were taken from a gateway.
#include "s3/fault.h"

#include <gtest/gtest.h>

namespace sallyport::s3 {
namespace {

http::Headers with_ids() {
  http::Headers headers;
  headers.add("x-amz-request-id", "4442587FB7D0A2F9");
  headers.add("x-amz-id-2", "Ftp1==");
  return headers;
}

TEST(FaultTest, reads_the_error_of_amazon_s3) {
  const Fault fault =
      parse_fault(404, with_ids(),
                  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code>"
                  "<Message>The resource you requested does not exist</Message>"
                  "<Resource>/mybucket/myfoto.jpg</Resource><RequestId>X</RequestId></Error>");
  EXPECT_EQ(fault.code, "NoSuchKey");
  EXPECT_EQ(fault.message, "The resource you requested does not exist");
  EXPECT_EQ(fault.ids.request_id, "4442587FB7D0A2F9");
  EXPECT_EQ(fault.ids.extended_request_id, "Ftp1==");
  const Error error = error_of(fault, "GetObject");
  EXPECT_EQ(error.code, Errc::kNotFound);
  EXPECT_EQ(error.reason, "NoSuchKey");
  ASSERT_NE(error.remote, nullptr);
  EXPECT_EQ(error.remote->request_id, "4442587FB7D0A2F9");
}

TEST(FaultTest, reads_the_error_response_of_an_sts) {
  const Fault fault =
      parse_fault(403, {},
                  "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error>"
                  "<Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized</Message>"
                  "</Error><RequestId>01234567-89ab</RequestId></ErrorResponse>");
  EXPECT_EQ(fault.code, "AccessDenied");
  EXPECT_EQ(fault.message, "not authorized");
  EXPECT_EQ(fault.ids.request_id, "01234567-89ab");
}

TEST(FaultTest, an_empty_message_as_ceph_sends_it_is_fine) {
  const Fault fault =
      parse_fault(403, {},
                  "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>AccessDenied</Code>"
                  "<Message></Message><BucketName>b</BucketName><RequestId>tx1-default</RequestId>"
                  "<HostId>h-default</HostId></Error>");
  EXPECT_EQ(fault.code, "AccessDenied");
  EXPECT_EQ(fault.ids.request_id, "tx1-default");
  EXPECT_EQ(fault.ids.extended_request_id, "h-default");
  EXPECT_EQ(error_of(fault, "PutObject").code, Errc::kPermissionDenied);
}

TEST(FaultTest, a_status_without_a_body_names_its_code) {
  const auto code = [](int status) { return parse_fault(status, {}, "").code; };
  EXPECT_EQ(code(403), "AccessDenied");
  EXPECT_EQ(code(404), "NoSuchKey");
  EXPECT_EQ(code(412), "PreconditionFailed");
  EXPECT_EQ(code(503), "SlowDown");
  EXPECT_EQ(code(500), "InternalError");
  EXPECT_EQ(code(418), "UnexpectedStatus");
}

TEST(FaultTest, hostile_bodies_count_as_empty) {
  for (const char* body :
       {"<Error><Code>A", "not xml", "<!DOCTYPE a [<!ENTITY b \"c\">]><Error>&b;</Error>", "<a/>"})
    EXPECT_EQ(parse_fault(403, {}, body).code, "AccessDenied") << body;
  const std::string longest(4000, 'x');
  EXPECT_EQ(parse_fault(400, {}, "<Error><Code>" + longest + "</Code></Error>").code.size(), 128u);
}

TEST(FaultTest, a_stores_words_are_one_line_of_text) {
  http::Headers headers;
  headers.add("x-amz-request-id", "R\xff\xfe");
  headers.add("x-amz-id-2",
              "\x1b[2J\xc2\x9b"
              "1m\xc3\xa9");
  const Fault fault =
      parse_fault(500, headers,
                  "<Error><Code>Slow&#10;Down</Code><Message>a&#13;&#10;2026-11-22T00:00:00Z info "
                  "b&#9;c</Message></Error>");
  EXPECT_EQ(fault.code, "Slow Down");
  EXPECT_EQ(fault.message, "a  2026-11-22T00:00:00Z info b c");
  EXPECT_EQ(fault.ids.request_id, "R");
  EXPECT_EQ(fault.ids.extended_request_id, " [2J  1m\xc3\xa9");
}

TEST(FaultTest, what_a_caller_can_do_follows_code_and_status) {
  const auto errc = [](int status, std::string code) {
    Fault fault;
    fault.status = status;
    fault.code = std::move(code);
    return error_of(fault, "x").code;
  };
  EXPECT_EQ(errc(503, "SlowDown"), Errc::kUnavailable);
  EXPECT_EQ(errc(500, "InternalError"), Errc::kUnavailable);
  EXPECT_EQ(errc(400, "KMS.DisabledException"), Errc::kPermissionDenied);
  EXPECT_EQ(errc(403, "InvalidAccessKeyId"), Errc::kPermissionDenied);
  EXPECT_EQ(errc(400, "ExpiredToken"), Errc::kPermissionDenied);
  EXPECT_EQ(errc(409, "BucketAlreadyOwnedByYou"), Errc::kAlreadyExists);
  EXPECT_EQ(errc(409, "BucketNotEmpty"), Errc::kConflict);
  EXPECT_EQ(errc(412, "PreconditionFailed"), Errc::kConflict);
  EXPECT_EQ(errc(400, "EntityTooLarge"), Errc::kLimitExceeded);
  EXPECT_EQ(errc(403, "QuotaExceeded"), Errc::kUnavailable);
  EXPECT_EQ(errc(501, "NotImplemented"), Errc::kUnsupported);
  EXPECT_EQ(errc(200, "UnexpectedStatus"), Errc::kCorrupt);
}

TEST(FaultTest, an_answer_without_ids_is_one_and_no_answer_is_none) {
  Error error = error_of(parse_fault(500, {}, ""), "x");
  EXPECT_TRUE(was_answered(error));
  EXPECT_TRUE(was_answered(std::move(error).with_context("y")));
  Error lost(Errc::kUnavailable, "");
  EXPECT_FALSE(was_answered(lost));
  lost.remote = unanswered_ids();
  EXPECT_FALSE(was_answered(std::move(lost).with_context("y")));
}

TEST(FaultTest, a_bucket_elsewhere_is_told_with_its_region) {
  http::Headers headers;
  headers.add("x-amz-bucket-region", "eu-west-1");
  const Error error = error_of(parse_fault(301, headers, ""), "HeadBucket");
  EXPECT_EQ(error.code, Errc::kUnavailable);
  EXPECT_NE(error.message.find("eu-west-1"), std::string::npos);
}

}  // namespace
}  // namespace sallyport::s3
