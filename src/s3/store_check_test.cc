#include "s3/store_check.h"

#include <gtest/gtest.h>

#include "s3/test_service.h"

namespace sallyport::s3 {
namespace {

using http::testing_support::answer_of;
using testing_support::refusal_answer;
using testing_support::session_answer;
using testing_support::sts_at;
using testing_support::TestService;

const std::string kHere = answer_of(403, "", "Date: Sat, 21 Nov 2026 19:40:30 GMT\r\n");
const std::string kNoIdentity = refusal_answer(405, "MethodNotAllowed");
const std::string kNoSuchRole = refusal_answer(404, "NoSuchEntity");
const std::string kListed = answer_of(200, "<ListAllMyBucketsResult/>");

std::string identity_answer(const std::string& arn) {
  return answer_of(200, "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>" + arn +
                            "</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>");
}

// Refuses to give any.
class NoKeys final : public KeySource {
 public:
  Task<Result<Keys>> get() override {
    co_return Error(Errc::kInvalidArgument, "the file /k: nothing");
  }
  void refused(const Keys&) override {}
};

struct Asked {
  std::vector<std::string> answers;
  bool use_sts = true;
  bool amazon = false;
  bool has_keys = true;
};

Task<void> examine_into(Asked asked, std::vector<StoreFinding>& out) {
  TestService service(std::move(asked.answers));
  const auto fixed = fixed_keys({"AKIADOOR", SecretString("door-secret"), ""});
  NoKeys none;
  Place place;
  place.name = "s";
  place.endpoint = *http::parse_url("http://s3.example:8000");
  StoreToCheck store{place, asked.use_sts, sts_at("http://sts.example", !asked.amazon),
                     asked.has_keys ? *fixed : static_cast<KeySource&>(none), service.tools()};
  out = co_await examine_store(store);
  co_await service.end();
}

std::vector<StoreFinding> found(Asked asked) {
  std::vector<StoreFinding> out;
  net::sync_wait(examine_into(std::move(asked), out));
  for (const StoreFinding& one : out) {
    EXPECT_EQ(one.text.find("door-secret"), std::string::npos);
    EXPECT_FALSE(one.text.empty());
  }
  return out;
}

// "reach:ok sts:problem"
std::string summary(const std::vector<StoreFinding>& all) {
  const char* const words[] = {"ok", "warning", "problem"};
  std::string out;
  for (const StoreFinding& one : all)
    out += (out.empty() ? "" : " ") + one.kind + ":" + words[static_cast<int>(one.level)];
  return out;
}

TEST(StoreCheckTest, an_amazon_key_that_may_only_assume_roles_is_well) {
  const auto all =
      found({{kHere, identity_answer("arn:aws:iam::111122223333:user/door"),
              refusal_answer(403, "AccessDenied"), refusal_answer(403, "AccessDenied")},
             true,
             true});
  EXPECT_EQ(summary(all), "reach:ok sts:ok keys:ok roles:ok");
  EXPECT_NE(all[2].text.find("arn:aws:iam::111122223333:user/door"), std::string::npos);
  EXPECT_EQ(all[3].next,
            "env -u AWS_ENDPOINT_URL aws iam update-assume-role-policy --role-name ROLE "
            "--policy-document '{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
            "\"Principal\":{\"AWS\":\"arn:aws:iam::111122223333:user/door\"},\"Action\":"
            "\"sts:AssumeRole\"}]}'");
}

TEST(StoreCheckTest, a_session_is_trusted_by_its_role) {
  EXPECT_EQ(trusted_principal("arn:aws:sts::111122223333:assumed-role/door/i-0123"),
            "arn:aws:iam::111122223333:role/door");
  EXPECT_EQ(trusted_principal("arn:aws-cn:sts::1:assumed-role/door/x"),
            "arn:aws-cn:iam::1:role/door");
  for (const char* same : {"arn:aws:iam::1:user/a", "arn:aws:sts::1:federated-user/a", "",
                           ":sts::", ":assumed-role/x:sts::"})
    EXPECT_EQ(trusted_principal(same), same);
}

TEST(StoreCheckTest, the_root_user_can_assume_no_role) {
  const auto all = found({{kHere, identity_answer("arn:aws:iam::111122223333:root"),
                           refusal_answer(403, "AccessDenied"), kListed},
                          true,
                          true});
  EXPECT_EQ(summary(all), "reach:ok sts:ok keys:ok roles:problem");
}

TEST(StoreCheckTest, a_store_that_knows_no_caller_identity_proves_the_key_by_the_missing_role) {
  const auto all = found({{kHere, kNoIdentity, kNoSuchRole, refusal_answer(403, "AccessDenied")}});
  EXPECT_EQ(summary(all), "reach:ok sts:ok keys:ok roles:ok");
  EXPECT_NE(all[3].next.find("env aws --endpoint-url http://s3.example:8000 iam"),
            std::string::npos);
}

TEST(StoreCheckTest, keys_that_are_not_taken) {
  EXPECT_EQ(summary(found({{kHere, refusal_answer(403, "InvalidClientTokenId")}})),
            "reach:ok sts:problem keys:problem roles:ok");
  EXPECT_EQ(summary(found({{kHere, refusal_answer(403, "SignatureDoesNotMatch")}, false})),
            "reach:ok keys:problem roles:ok");
  EXPECT_EQ(summary(found({{kHere, refusal_answer(403, "AccessDenied")}, false})),
            "reach:ok keys:warning roles:ok");
  EXPECT_EQ(summary(found({{kHere}, true, false, false})), "reach:ok keys:problem");
}

TEST(StoreCheckTest, an_endpoint_without_sts_and_one_that_gives_every_role) {
  const auto none = found({{kHere, kNoIdentity, refusal_answer(501, "NotImplemented"), kListed}});
  EXPECT_EQ(summary(none), "reach:ok sts:problem keys:ok roles:ok");
  EXPECT_NE(none[1].text.find("sts = false"), std::string::npos);
  EXPECT_EQ(summary(found({{kHere, kNoIdentity, session_answer("AK"), kListed}})),
            "reach:ok sts:warning keys:ok roles:ok");
}

TEST(StoreCheckTest, a_clock_that_is_off_is_told) {
  const auto at = [](const char* date) {
    return answer_of(403, "", "Date: " + std::string(date) + "\r\n");
  };
  EXPECT_EQ(summary(found({{at("Sat, 21 Nov 2026 19:43:00 GMT"), kListed}, false})),
            "reach:ok clock:warning keys:ok roles:ok");
  EXPECT_EQ(summary(found({{at("Sat, 21 Nov 2026 20:43:00 GMT"), kListed}, false})),
            "reach:ok clock:problem keys:ok roles:ok");
}

TEST(StoreCheckTest, what_does_not_speak_http_is_not_reached) {
  EXPECT_EQ(summary(found({{"SSH-2.0-x\r\n\r\n"}})), "reach:problem");
}

}  // namespace
}  // namespace sallyport::s3
