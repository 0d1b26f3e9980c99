// Signatures that AWS published for Signature Version 4: cases of its test suite (example.amazonaws.com,
// AKIDEXAMPLE, 2015-08-30) and the IAM ListUsers walk-through of the general reference.
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "http/sigv4.h"

namespace sallyport::http {
namespace {

struct SuiteCase {
  const char* name;
  const char* method;
  const char* target;
  std::vector<std::pair<const char*, const char*>> headers;
  const char* body;
  const char* signature;
};

const std::vector<SuiteCase>& suite() {
  static const std::vector<SuiteCase> cases = {
      {"get_vanilla", "GET", "/", {}, "",
       "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
      {"get_vanilla_query_order_key_case", "GET", "/?Param2=value2&Param1=value1", {}, "",
       "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
      {"get_utf8", "GET", "/\xe1\x88\xb4", {}, "",
       "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
      {"get_header_value_trim", "GET", "/", {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}}, "",
       "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
      {"post_vanilla", "POST", "/", {}, "",
       "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
      {"post_x_www_form_urlencoded", "POST", "/", {{"Content-Type", "application/x-www-form-urlencoded"}},
       "Param1=value1", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
  };
  return cases;
}

const Credentials kCredentials{"AKIDEXAMPLE", SecretString("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), ""};
const WallTime kTime = from_unix_ms(1440938160000);

HttpRequest request_of(const SuiteCase& c) {
  HttpRequest r;
  r.method = c.method;
  r.target = c.target;
  r.headers.add("Host", "example.amazonaws.com");
  for (const auto& [name, value] : c.headers) r.headers.add(name, value);
  return r;
}

class SigV4Suite : public testing::TestWithParam<SuiteCase> {};

TEST_P(SigV4Suite, SignedRequestIsAsPublishedAndVerifies) {
  const SuiteCase& c = GetParam();
  const std::string body_hash = sha256_hex(c.body);
  HttpRequest r = request_of(c);
  sign(r, kCredentials, body_hash, {"us-east-1", "service", kTime});
  const auto presented = parse_authorization(r);
  ASSERT_TRUE(presented.ok()) << presented.error().message;
  EXPECT_EQ(presented->signature, c.signature);
  EXPECT_EQ(presented->access_key, "AKIDEXAMPLE");
  EXPECT_TRUE(verify(*presented, r, body_hash, kCredentials.secret, kTime).ok());
  EXPECT_FALSE(verify(*presented, r, sha256_hex("another body"), kCredentials.secret, kTime).ok());
}

TEST_P(SigV4Suite, PresignedRequestVerifiesUntilItExpires) {
  const SuiteCase& c = GetParam();
  const std::string body_hash = sha256_hex(c.body);
  HttpRequest r = request_of(c);
  presign(r, kCredentials, body_hash, std::chrono::hours(1), {"us-east-1", "service", kTime});
  const auto presented = parse_authorization(r);
  ASSERT_TRUE(presented.ok()) << presented.error().message;
  EXPECT_TRUE(verify(*presented, r, body_hash, kCredentials.secret, kTime).ok());
  const auto late = verify(*presented, r, body_hash, kCredentials.secret, kTime + std::chrono::seconds(3601));
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, SigError::kRequestExpired);
}

INSTANTIATE_TEST_SUITE_P(Published, SigV4Suite, testing::ValuesIn(suite()),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(SigV4, ListUsersExampleOfTheGeneralReference) {
  HttpRequest r;
  r.method = "GET";
  r.target = "/?Action=ListUsers&Version=2010-05-08";
  r.headers.add("Host", "iam.amazonaws.com");
  r.headers.add("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  sign(r, kCredentials, sha256_hex(""), {"us-east-1", "iam", kTime});
  const auto presented = parse_authorization(r);
  ASSERT_TRUE(presented.ok());
  EXPECT_EQ(presented->signature, "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

}  // namespace
}  // namespace sallyport::http
