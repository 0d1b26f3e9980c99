#include "s3/sts.h"

#include <gtest/gtest.h>

#include "iam/authorizer.h"
#include "s3/test_service.h"

namespace sallyport::s3 {
namespace {

using http::testing_support::answer_of;
using testing_support::refusal_answer;
using testing_support::session_answer;
using testing_support::sts_at;
using testing_support::TestService;

const http::Credentials kDoor{"AKIADOOR", SecretString("door-secret"), ""};

std::shared_ptr<const iam::AssumeRoleRequest> session_of(std::string policy = {}) {
  auto out = std::make_shared<iam::AssumeRoleRequest>();
  out->role_arn = "arn:aws:iam::111122223333:role/svc/demo";
  out->session_name = "ann.0123@s-1";
  out->session_policy = std::move(policy);
  return out;
}

// What assuming came to, after `answers`.
struct Assumed {
  Result<Keys> keys = Error(Errc::kInternal, "");
  std::vector<std::string> heads, bodies;
};

Task<void> assume_once(Assumed& out, std::vector<std::string> answers,
                       std::shared_ptr<const iam::AssumeRoleRequest> session, bool drop) {
  TestService service(std::move(answers));
  Sts sts(sts_at("http://sts.example:8000/", drop), *service.pool, service.clock);
  out.keys = co_await sts.assume_role(kDoor, std::move(session));
  co_await service.end();
  out.heads = service.script.requests;
  out.bodies = service.script.bodies;
}

Assumed assumed(std::vector<std::string> answers,
                std::shared_ptr<const iam::AssumeRoleRequest> session = session_of(),
                bool drop = false) {
  Assumed out;
  net::sync_wait(assume_once(out, std::move(answers), std::move(session), drop));
  return out;
}

TEST(StsTest, asks_for_a_role_in_a_signed_form_without_a_plus) {
  const Assumed done = assumed({session_answer("AK1")}, session_of("{\"a b\": \"c+d\"}"));
  ASSERT_TRUE(done.keys.ok()) << done.keys.error().message;
  EXPECT_EQ((*done.keys)->keys.access_key, "AK1");
  EXPECT_EQ((*done.keys)->expires, from_unix_ms(1795293600000));
  ASSERT_EQ(done.bodies.size(), 1u);
  EXPECT_EQ(done.bodies[0],
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole"
            "%2Fsvc%2Fdemo&RoleSessionName=ann.0123%40s-1&DurationSeconds=3600&Policy=%7B%22a%20b"
            "%22%3A%20%22c%2Bd%22%7D");
  EXPECT_EQ(done.heads[0].substr(0, 15), "POST / HTTP/1.1");
  EXPECT_NE(done.heads[0].find("Host: sts.example:8000\r\n"), std::string::npos);
  EXPECT_NE(done.heads[0].find("Credential=AKIADOOR/20261121/eu-west-1/sts/aws4_request"),
            std::string::npos);
}

TEST(StsTest, account_numbers_go_where_the_store_knows_none) {
  SystemClock clock;
  http::Resolver resolver(nullptr, clock, std::chrono::hours(1));
  http::Dialer dialer(resolver, nullptr);
  SystemRandom random;
  http::ClientPool pool(dialer, clock, random);
  const Sts keep(sts_at("http://h"), pool, clock), drop(sts_at("http://h", true), pool, clock);
  const std::string arn = "arn:aws:iam::111122223333:role/a";
  EXPECT_EQ(keep.role_name_of(arn), arn);
  EXPECT_EQ(drop.role_name_of(arn), "arn:aws:iam:::role/a");
  for (const std::string same : {"arn:aws:iam:::role/a", "arn:aws:iam::RGW33567154695143645:role/a",
                                 "arn:x:role/a", "arn:aws:iam::111122223333", ""})
    EXPECT_EQ(drop.role_name_of(same), same);
  const Assumed done = assumed({session_answer("AK1")}, session_of(), true);
  EXPECT_NE(done.bodies[0].find("RoleArn=arn%3Aaws%3Aiam%3A%3A%3Arole%2F"), std::string::npos);
}

TEST(StsTest, a_role_with_a_smaller_maximum_is_assumed_for_fifteen_minutes) {
  for (const char* code : {"ValidationError", "InvalidArgument"}) {
    const Assumed done = assumed({refusal_answer(400, code), session_answer("AK1")});
    EXPECT_TRUE(done.keys.ok()) << code;
    ASSERT_EQ(done.bodies.size(), 2u);
    EXPECT_NE(done.bodies[1].find("DurationSeconds=900"), std::string::npos);
    const Assumed refused = assumed({refusal_answer(400, code)});
    EXPECT_EQ(refused.bodies.size(), 2u);
    ASSERT_FALSE(refused.keys.ok());
    EXPECT_EQ(refused.keys.error().code, Errc::kPermissionDenied);
  }
}

TEST(StsTest, refusals_of_the_role_are_told_with_the_stores_request_id) {
  struct Refusal {
    int status;
    const char* code;
  };
  for (const auto& [status, code] :
       {Refusal{403, "AccessDenied"}, Refusal{404, "NoSuchEntity"},
        Refusal{400, "MalformedPolicyDocument"}, Refusal{400, "PackedPolicyTooLarge"}}) {
    const Assumed done = assumed({refusal_answer(status, code)});
    ASSERT_FALSE(done.keys.ok()) << code;
    EXPECT_EQ(done.keys.error().code, Errc::kPermissionDenied) << code;
    EXPECT_EQ(done.keys.error().reason, code);
    EXPECT_NE(done.keys.error().message.find(code), std::string::npos);
    ASSERT_NE(done.keys.error().remote, nullptr);
    EXPECT_EQ(done.keys.error().remote->request_id, "tx1");
    EXPECT_EQ(done.bodies.size(), 1u);
  }
}

TEST(StsTest, what_the_role_is_not_to_blame_for_is_no_refusal) {
  const std::string all[] = {refusal_answer(503, "SlowDown"),
                             refusal_answer(400, "Throttling"),
                             refusal_answer(429, "TooManyRequests"),
                             refusal_answer(403, "RequestTimeTooSkewed"),
                             refusal_answer(403, "RegionDisabledException"),
                             refusal_answer(405, "MethodNotAllowed"),
                             refusal_answer(404, "NoSuchBucket"),
                             answer_of(404, "<html>"),
                             answer_of(301, ""),
                             answer_of(200, "<html>hello</html>"),
                             answer_of(200, std::string(200'000, 'x')),
                             answer_of(200, ""),
                             "SSH-2.0-x\r\n\r\n"};
  for (const std::string& answer : all) {
    const Assumed done = assumed({answer});
    ASSERT_FALSE(done.keys.ok()) << answer.substr(0, 100);
    EXPECT_EQ(done.keys.error().code, Errc::kUnavailable) << answer.substr(0, 100);
  }
}

TEST(StsTest, keys_that_the_service_does_not_know_are_told_apart) {
  for (const char* code : {"InvalidClientTokenId", "ExpiredToken", "SignatureDoesNotMatch"}) {
    const Assumed done = assumed({refusal_answer(403, code)});
    ASSERT_FALSE(done.keys.ok());
    EXPECT_EQ(done.keys.error().code, Errc::kUnavailable);
    EXPECT_EQ(done.keys.error().reason, kCallerRefused);
  }
}

TEST(StsTest, a_passing_failure_is_tried_again) {
  const Assumed done = assumed({refusal_answer(503, "SlowDown"), session_answer("AK1")});
  EXPECT_TRUE(done.keys.ok());
  EXPECT_EQ(done.bodies.size(), 2u);
  EXPECT_EQ(done.bodies[0], done.bodies[1]);
}

Task<void> ask_who(std::vector<std::string> answers, Result<std::string>& out) {
  TestService service(std::move(answers));
  Sts sts(sts_at("http://sts.example"), *service.pool, service.clock);
  out = co_await sts.caller_arn(kDoor);
  co_await service.end();
}

TEST(StsTest, as_whom_keys_act_where_the_store_tells) {
  Result<std::string> arn = std::string();
  net::sync_wait(ask_who({answer_of(200,
                                    "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>"
                                    "arn:aws:iam::1:user/u</Arn></GetCallerIdentityResult>"
                                    "</GetCallerIdentityResponse>")},
                         arn));
  EXPECT_EQ(arn.ok() ? *arn : arn.error().message, "arn:aws:iam::1:user/u");
  net::sync_wait(ask_who({refusal_answer(405, "MethodNotAllowed")}, arn));
  ASSERT_FALSE(arn.ok());
  EXPECT_EQ(arn.error().code, Errc::kUnsupported);
  net::sync_wait(ask_who({refusal_answer(403, "InvalidClientTokenId")}, arn));
  ASSERT_FALSE(arn.ok());
  EXPECT_EQ(arn.error().code, Errc::kPermissionDenied);
}

}  // namespace
}  // namespace sallyport::s3
