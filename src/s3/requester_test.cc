#include "s3/requester.h"

#include "iam/authorizer.h"
#include "s3/part_file.h"
#include "s3/testing/lost_files.h"
#include "s3/testing/scripted_store.h"
#include "state/test_folder.h"

namespace sallyport::s3 {
namespace {

using http::testing_support::answer_of;
using testing_support::error_xml;
using testing_support::ScriptedStore;

struct Called {
  Result<Answer> answer = Error(Errc::kInternal, "");
  std::vector<std::string> heads, bodies, troubles;
  std::vector<std::int64_t> waits;
  std::size_t refusals = 0;

  Errc code() const { return answer.ok() ? Errc::kInternal : answer.error().code; }
  std::string reason() const { return answer.ok() ? "none" : answer.error().reason; }
};

Call get_call() {
  Call call;
  call.what = "GetObject";
  call.bucket = "b";
  call.key = "k";
  return call;
}
Call once(Call call = get_call()) {
  call.method = "POST";
  call.repeatable = false;
  return call;
}

Task<Called> ask(std::vector<std::string> answers, Call call,
                 std::optional<std::chrono::seconds> left = std::nullopt) {
  ScriptedStore s(std::move(answers));
  if (left) s.keys.expires = s.clock.wall() + *left;
  Called out;
  out.answer = co_await s.requester->send(call, s.caller);
  out.heads = s.script.requests;
  out.bodies = s.script.bodies;
  out.troubles = s.troubles;
  out.waits = s.waits;
  out.refusals = s.keys.refusals;
  co_await s.end();
  co_return out;
}

Called called(std::vector<std::string> answers, Call call = get_call(),
              std::optional<std::chrono::seconds> left = std::nullopt) {
  return net::sync_wait(ask(std::move(answers), std::move(call), left));
}

std::string field(const std::string& head, const std::string& name) {
  const std::size_t at = head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "";
  const std::size_t from = at + name.size() + 4;
  return head.substr(from, head.find("\r\n", from) - from);
}

TEST(RequesterTest, gives_the_answer_with_its_headers) {
  const Called c = called({answer_of(200, "body", "ETag: \"x\"\r\n")});
  ASSERT_TRUE(c.answer.ok());
  EXPECT_EQ(c.answer->body, "body");
  EXPECT_EQ(c.answer->headers.get("ETag"), "\"x\"");
  ASSERT_EQ(c.heads.size(), 1u);
  EXPECT_EQ(c.heads[0].substr(0, 19), "GET /b/k HTTP/1.1\r\n");
  EXPECT_NE(field(c.heads[0], "Authorization").find("AKIAFIRST/20260102/us-east-1/s3/aws4"),
            std::string::npos);
}

TEST(RequesterTest, signs_the_body_where_the_way_is_open) {
  const std::string text = "some content";
  Call put = get_call();
  put.method = "PUT";
  put.body.pieces = {as_bytes(std::string_view(text).substr(0, 3)),
                     as_bytes(std::string_view(text).substr(3))};
  const Called c = called({answer_of(200, "")}, put);
  ASSERT_EQ(c.bodies.size(), 1u);
  EXPECT_EQ(c.bodies[0], text);
  EXPECT_EQ(field(c.heads[0], "x-amz-content-sha256"), http::sha256_hex(text));
  put.body_sha256 = std::string(64, 'a');  // the caller knows it
  EXPECT_EQ(field(called({answer_of(200, "")}, put).heads[0], "x-amz-content-sha256"),
            std::string(64, 'a'));
}

// What is sent of a file: each attempt begins it anew.
Task<Called> send_file(std::vector<std::string> answers, std::string folder, bool lost) {
  net::BlockingPool disk("disk", 1);
  const std::string text = "some content";
  auto file = PartFile::make(folder, text.size());
  EXPECT_TRUE(file.ok() && file->write(0, as_bytes(text)).ok());
  PartFileBody body(*file, text.size(), disk);
  if (lost) (void)testing_support::truncate_nameless_files(folder, 3);
  ScriptedStore s(std::move(answers));
  Call put = get_call();
  put.method = "PUT";
  put.body.file = &body;
  put.body_sha256 = std::string(64, 'a');
  Called out;
  out.answer = co_await s.requester->send(put, s.caller);
  out.bodies = s.script.bodies;
  co_await s.end();
  co_return out;
}

TEST(RequesterTest, a_file_is_read_for_each_attempt) {
  const state::TestFolder folder;
  const std::vector<std::string> answers = {"", answer_of(500, ""), answer_of(200, "")};
  const Called c = net::sync_wait(send_file(answers, folder.file(""), false));
  EXPECT_TRUE(c.answer.ok());
  EXPECT_EQ(c.bodies, std::vector<std::string>(3, "some content"));
}

TEST(RequesterTest, a_file_that_cannot_be_read_is_not_tried_again) {
  const state::TestFolder folder;
  const Called c = net::sync_wait(send_file({answer_of(200, "")}, folder.file(""), true));
  EXPECT_EQ(c.code(), Errc::kIo);
  EXPECT_TRUE(c.bodies.empty());
}

TEST(RequesterTest, tries_again_what_may_pass_and_signs_each_attempt) {
  for (const int status : {429, 500, 502, 503, 504}) {
    const Called c = called(
        {answer_of(status, error_xml("SlowDown")), answer_of(status, ""), answer_of(200, "done")});
    ASSERT_TRUE(c.answer.ok()) << status;
    EXPECT_EQ(c.answer->body, "done");
    ASSERT_EQ(c.heads.size(), 3u);
    EXPECT_EQ(c.waits.size(), 2u);
    EXPECT_NE(field(c.heads[0], "X-Amz-Date"), field(c.heads[1], "X-Amz-Date"));
    EXPECT_NE(field(c.heads[0], "Authorization"), field(c.heads[1], "Authorization"));
  }
}

TEST(RequesterTest, waits_as_long_as_the_store_asks) {
  const Called c = called({answer_of(503, "", "Retry-After: 7\r\n"), answer_of(200, "")});
  EXPECT_TRUE(c.answer.ok());
  EXPECT_EQ(c.waits, (std::vector<std::int64_t>{7000}));
  // Not longer than a client would.
  const Called never = called({answer_of(503, error_xml("SlowDown"), "Retry-After: 3600\r\n")});
  EXPECT_EQ(never.code(), Errc::kUnavailable);
  EXPECT_EQ(never.reason(), "SlowDown");
  EXPECT_EQ(never.heads.size(), 1u);
}

TEST(RequesterTest, gives_up_after_its_attempts_with_the_stores_words) {
  const Called c =
      called({answer_of(500, error_xml("InternalError"), "x-amz-request-id: tx9\r\n")});
  EXPECT_EQ(c.heads.size(), 4u);
  EXPECT_EQ(c.code(), Errc::kUnavailable);
  EXPECT_EQ(c.reason(), "InternalError");
  ASSERT_NE(c.answer.error().remote, nullptr);
  EXPECT_EQ(c.answer.error().remote->request_id, "tx9");
}

TEST(RequesterTest, an_answer_that_is_cut_or_missing_is_asked_for_again) {
  const Called c = called({"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\nhalf",
                           "", answer_of(200, "done")});
  ASSERT_TRUE(c.answer.ok());
  EXPECT_EQ(c.answer->body, "done");
  EXPECT_EQ(c.heads.size(), 3u);
}

TEST(RequesterTest, a_store_that_always_hangs_up_is_unavailable) {
  const Called lost = called({""});
  EXPECT_EQ(lost.code(), Errc::kUnavailable);
  EXPECT_EQ(lost.reason(), "");
  const Called cut =
      called({"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\nhalf"});
  EXPECT_EQ(cut.code(), Errc::kUnavailable);
  EXPECT_EQ(cut.heads.size(), 4u);
  EXPECT_EQ(called({"SSH-2.0-OpenSSH\r\n\r\n"}).code(), Errc::kUnavailable);
}

TEST(RequesterTest, what_must_not_be_done_twice_is_not_repeated) {
  EXPECT_EQ(called({"", answer_of(200, "")}, once()).heads.size(), 1u);
  EXPECT_EQ(called({answer_of(500, ""), answer_of(200, "")}, once()).heads.size(), 1u);
  EXPECT_EQ(called({answer_of(504, ""), answer_of(200, "")}, once()).heads.size(), 1u);
  const Called cut = called(
      {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\nhalf", answer_of(200, "")},
      once());
  EXPECT_EQ(cut.heads.size(), 1u);
  EXPECT_EQ(cut.code(), Errc::kUnavailable);
}

TEST(RequesterTest, unless_the_store_had_no_time_for_it) {
  for (const int status : {429, 503}) {
    const Called c =
        called({answer_of(status, error_xml("SlowDown")), answer_of(200, "done")}, once());
    EXPECT_TRUE(c.answer.ok()) << status;
    EXPECT_EQ(c.heads.size(), 2u);
  }
}

TEST(RequesterTest, what_arrived_damaged_is_sent_again) {
  for (const char* code : {"BadDigest", "XAmzContentSHA256Mismatch", "RequestTimeout"}) {
    const std::string damaged = answer_of(400, error_xml(code));
    EXPECT_TRUE(called({damaged, answer_of(200, "")}).answer.ok()) << code;
    EXPECT_EQ(called({damaged}, once()).heads.size(), 1u);
  }
  EXPECT_EQ(called({answer_of(400, error_xml("XAmzContentSHA256Mismatch"))}).code(), Errc::kIo);
}

TEST(RequesterTest, refusals_are_final) {
  struct Row {
    int status;
    const char* code;
    Errc errc;
  };
  for (const Row& row : {Row{403, "AccessDenied", Errc::kPermissionDenied},
                         Row{404, "NoSuchBucket", Errc::kNotFound},
                         Row{400, "InvalidArgument", Errc::kInvalidArgument},
                         Row{412, "PreconditionFailed", Errc::kConflict},
                         Row{501, "NotImplemented", Errc::kUnsupported}}) {
    const Called c = called({answer_of(row.status, error_xml(row.code)), answer_of(200, "")});
    EXPECT_EQ(c.code(), row.errc) << row.code;
    EXPECT_EQ(c.reason(), row.code);
    EXPECT_EQ(c.heads.size(), 1u);
  }
}

std::string moved_to(const std::string& region) {
  return answer_of(301, error_xml("PermanentRedirect"), "x-amz-bucket-region: " + region + "\r\n");
}

Task<void> buckets_of_other_regions() {
  ScriptedStore s(
      {moved_to("eu-west-3"), answer_of(200, "a"),
       answer_of(400, error_xml("AuthorizationHeaderMalformed", "<Region>us-west-2</Region>")),
       answer_of(200, "b"), moved_to("us-east-2"), moved_to("us-west-1")},
      "http://s3.us-east-1.amazonaws.com");
  const Call get = get_call();
  EXPECT_TRUE((co_await s.requester->send(get, s.caller)).ok());
  EXPECT_EQ(field(s.script.requests.at(0), "Host"), "s3.us-east-1.amazonaws.com");
  EXPECT_EQ(field(s.script.requests.at(1), "Host"), "s3.eu-west-3.amazonaws.com");
  EXPECT_NE(field(s.script.requests.at(1), "Authorization").find("/eu-west-3/s3/"),
            std::string::npos);
  // Remembered; nothing was done yet, so that what cannot be repeated is asked again, too.
  const Call post = once();
  EXPECT_TRUE((co_await s.requester->send(post, s.caller)).ok());
  EXPECT_EQ(field(s.script.requests.at(2), "Host"), "s3.eu-west-3.amazonaws.com");
  EXPECT_EQ(field(s.script.requests.at(3), "Host"), "s3.us-west-2.amazonaws.com");
  // Once for each call.
  const auto lost = co_await s.requester->send(get, s.caller);
  EXPECT_EQ(lost.ok() ? "" : lost.error().reason, "PermanentRedirect");
  EXPECT_EQ(s.script.requests.size(), 6u);
  EXPECT_EQ(s.waits.size(), 0u);
  co_await s.end();
}

TEST(RequesterTest, amazons_buckets_of_other_regions_are_asked_for_there) {
  net::sync_wait(buckets_of_other_regions());
}

// A region in which nobody is met is not where the bucket is, and home knows better by now.
Task<void> a_region_that_is_none() {
  ScriptedStore s({moved_to("eu-west-9"), moved_to("us-west-2"), answer_of(200, "a")},
                  "http://s3.us-east-1.amazonaws.com");
  s.nowhere = "s3.eu-west-9.amazonaws.com";
  const Call post = once();
  for (int i = 0; i < 2; ++i) EXPECT_TRUE((co_await s.requester->send(post, s.caller)).ok());
  EXPECT_EQ(s.waits.size(), 1u);
  const std::vector<std::string> hosts{"s3.us-east-1.amazonaws.com", "s3.us-east-1.amazonaws.com",
                                       "s3.us-west-2.amazonaws.com", "s3.us-west-2.amazonaws.com"};
  EXPECT_EQ(s.script.requests.size(), hosts.size());
  for (std::size_t i = 0; i < std::min(hosts.size(), s.script.requests.size()); ++i)
    EXPECT_EQ(field(s.script.requests[i], "Host"), hosts[i]);
  co_await s.end();
}

TEST(RequesterTest, a_region_without_an_answer_is_forgotten_and_home_is_asked) {
  net::sync_wait(a_region_that_is_none());
}

Task<void> a_home_that_errs() {
  ScriptedStore s({moved_to("eu-west-9")}, "http://s3.us-east-1.amazonaws.com");
  s.nowhere = "s3.eu-west-9.amazonaws.com";
  const Call get = get_call();
  const auto lost = co_await s.requester->send(get, s.caller);
  EXPECT_EQ(lost.ok() ? Errc::kInternal : lost.error().code, Errc::kUnavailable);
  EXPECT_EQ(s.script.requests.size(), 4u);
  EXPECT_EQ(s.waits.size(), 3u);
  co_await s.end();
}

TEST(RequesterTest, a_home_that_always_names_such_a_region_is_not_asked_for_ever) {
  net::sync_wait(a_home_that_errs());
}

TEST(RequesterTest, another_region_is_said_and_not_followed_elsewhere) {
  const Called moved = called({answer_of(301, error_xml("PermanentRedirect"),
                                         "x-amz-bucket-region: eu-west-3\r\n"
                                         "Location: http://elsewhere.example/\r\n")});
  EXPECT_EQ(moved.code(), Errc::kUnavailable);
  EXPECT_NE(moved.answer.error().message.find("eu-west-3"), std::string::npos);
  EXPECT_EQ(moved.heads.size(), 1u);
  const Called malformed = called(
      {answer_of(400, error_xml("AuthorizationHeaderMalformed", "<Region>eu-west-1</Region>"))});
  EXPECT_EQ(malformed.code(), Errc::kUnavailable);
  EXPECT_NE(malformed.answer.error().message.find("eu-west-1"), std::string::npos);
  EXPECT_EQ(called({answer_of(307, "", "Location: http://elsewhere.example/\r\n")}).code(),
            Errc::kUnavailable);
}

TEST(RequesterTest, keys_that_the_store_calls_expired_are_renewed_once) {
  for (const char* code : {"ExpiredToken", "InvalidToken", "TokenRefreshRequired"}) {
    const Called c = called({answer_of(400, error_xml(code)), answer_of(200, "done")}, once());
    ASSERT_TRUE(c.answer.ok()) << code;
    ASSERT_EQ(c.heads.size(), 2u);
    EXPECT_NE(c.heads[1].find("AKIASECOND/"), std::string::npos);
    EXPECT_TRUE(c.waits.empty());
  }
  const Called again = called({answer_of(400, error_xml("ExpiredToken"))});
  EXPECT_EQ(again.code(), Errc::kPermissionDenied);
  EXPECT_EQ(again.heads.size(), 2u);
  EXPECT_EQ(again.refusals, 1u);
}

TEST(RequesterTest, keys_near_their_end_are_renewed_when_they_are_refused) {
  const std::vector<std::string> answers{answer_of(403, error_xml("AccessDenied")),
                                         answer_of(200, "")};
  EXPECT_TRUE(called(answers, get_call(), std::chrono::seconds(30)).answer.ok());
  // Others are refused for what they may not do.
  EXPECT_EQ(called(answers, get_call(), std::chrono::seconds(31)).code(), Errc::kPermissionDenied);
  EXPECT_EQ(called(answers).refusals, 0u);
}

TEST(RequesterTest, a_success_may_turn_out_to_be_none) {
  Call copy = get_call();
  copy.method = "PUT";
  copy.fails_late = true;
  const std::string late = answer_of(200, error_xml("InternalError"));
  const Called c = called({late, answer_of(200, "<CopyObjectResult/>")}, copy);
  ASSERT_TRUE(c.answer.ok());
  EXPECT_EQ(c.answer->body, "<CopyObjectResult/>");
  const Called never = called({late}, copy);
  EXPECT_EQ(never.code(), Errc::kUnavailable);
  EXPECT_EQ(never.reason(), "InternalError");
  EXPECT_EQ(called({late}, once(copy)).heads.size(), 1u);
  // Where it cannot happen, an object that looks like it is one.
  EXPECT_TRUE(called({late}).answer.ok());
}

TEST(RequesterTest, the_operator_is_told_of_what_no_caller_can_help) {
  const std::pair<int, const char*> refusals[] = {
      {403, "AccessDenied"}, {404, "NoSuchKey"}, {416, "InvalidRange"}};
  for (const auto& [status, code] : refusals)
    EXPECT_TRUE(called({answer_of(status, error_xml(code))}).troubles.empty()) << code;
  EXPECT_EQ(called({answer_of(400, error_xml("InvalidRequest"))}).troubles,
            std::vector<std::string>{"InvalidRequest"});
  EXPECT_EQ(called({answer_of(500, error_xml("InternalError"))}).troubles.size(), 1u);
}

// The STS refuses every role.
class NoRoles final : public RoleKeys {
 public:
  Task<Result<Keys>> get(std::shared_ptr<const iam::AssumeRoleRequest>) override {
    co_return Error(Errc::kPermissionDenied, "assuming the role r", "AssumeRole");
  }
  void refused(const std::shared_ptr<const iam::AssumeRoleRequest>&, const Keys&) override {}
};

Task<void> refuse_role() {
  ScriptedStore s({});
  NoRoles roles;
  const Caller caller(roles, std::make_shared<iam::AssumeRoleRequest>());
  const Call call = get_call();
  const auto answer = co_await s.requester->send(call, caller);
  EXPECT_FALSE(answer.ok());
  const auto keys = co_await s.requester->has_keys(caller);
  EXPECT_FALSE(keys.ok());
  EXPECT_EQ(s.troubles, (std::vector<std::string>{"AssumeRole", "AssumeRole"}));
  EXPECT_EQ(s.recoveries, 0);
  co_await s.end();
}

TEST(RequesterTest, the_operator_is_told_of_a_role_that_is_not_assumed) {
  net::sync_wait(refuse_role());
}

TEST(RequesterTest, an_answer_without_end_is_refused) {
  const Called c = called({answer_of(200, std::string(Requester::kMaxAnswer + 1, 'x'))});
  EXPECT_EQ(c.code(), Errc::kUnavailable);
  EXPECT_EQ(c.heads.size(), 1u);
}

Task<void> tell_trouble() {
  const std::string fine = answer_of(200, "");
  const std::string refusal = answer_of(404, error_xml("NoSuchKey"));
  const std::string away = answer_of(301, error_xml("PermanentRedirect"));
  ScriptedStore s({fine, away, away, refusal, fine, fine, away, fine});
  struct Told {
    std::size_t troubles;
    int recoveries;
  };
  for (const Told told : {Told{0, 0}, Told{1, 0}, Told{2, 0}, Told{2, 0}, Told{2, 1}, Told{2, 1},
                          Told{3, 1}, Told{3, 2}}) {
    const Call call = get_call();
    (void)co_await s.requester->send(call, s.caller);
    EXPECT_EQ(s.troubles.size(), told.troubles);
    EXPECT_EQ(s.recoveries, told.recoveries);
  }
  co_await s.end();
}

TEST(RequesterTest, tells_of_each_trouble_and_of_the_first_answer_after_it) {
  net::sync_wait(tell_trouble());
}

}  // namespace
}  // namespace sallyport::s3
