#include "s3/key_sources.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <map>

#include "s3/store_setup.h"
#include "s3/test_service.h"

namespace sallyport::s3 {
namespace {

using http::testing_support::answer_of;
using net::testing_support::TemporaryFile;
using std::chrono::minutes;
using std::chrono::seconds;
using testing_support::refusal_answer;
using testing_support::session_answer;
using testing_support::TestService;

Environment environment_of(std::map<std::string, std::string> values) {
  return [values](const char* name) -> std::optional<std::string> {
    const auto at = values.find(name);
    return at == values.end() ? std::nullopt : std::optional<std::string>(at->second);
  };
}

// "AK SK token", or the error.
Task<std::string> keys_from(KeySource& source) {
  auto keys = co_await source.get();
  if (!keys.ok()) co_return std::string(errc_name(keys.error().code)) + ": " + keys.error().message;
  const http::Credentials& found = (*keys)->keys;
  co_return found.access_key + " " + std::string(found.secret.reveal()) + " " + found.session_token;
}

void replace_file(const std::string& path, const std::string& text) {
  std::ofstream(path + ".new") << text;
  ASSERT_EQ(::rename((path + ".new").c_str(), path.c_str()), 0);
}

TEST(KeySourcesTest, of_the_environment) {
  auto both = environment_keys(
      environment_of({{"AWS_ACCESS_KEY_ID", "AK"}, {"AWS_SECRET_ACCESS_KEY", "SK"}}));
  ASSERT_TRUE(both.ok());
  EXPECT_EQ(net::sync_wait(keys_from(**both)), "AK SK ");
  auto session = environment_keys(environment_of(
      {{"AWS_ACCESS_KEY_ID", "AK"}, {"AWS_SECRET_ACCESS_KEY", "SK"}, {"AWS_SESSION_TOKEN", "T="}}));
  EXPECT_EQ(net::sync_wait(keys_from(**session)), "AK SK T=");
  for (const auto& [values, missing] :
       std::vector<std::pair<std::map<std::string, std::string>, std::string>>{
           {{}, "AWS_ACCESS_KEY_ID"},
           {{{"AWS_ACCESS_KEY_ID", "AK"}}, "AWS_SECRET_ACCESS_KEY"},
           {{{"AWS_ACCESS_KEY_ID", "A K"}, {"AWS_SECRET_ACCESS_KEY", "very-secret"}},
            "access key"}}) {
    auto none = environment_keys(environment_of(values));
    ASSERT_FALSE(none.ok());
    EXPECT_EQ(none.error().code, Errc::kInvalidArgument);
    EXPECT_NE(none.error().message.find(missing), std::string::npos) << none.error().message;
    EXPECT_EQ(none.error().message.find("very-secret"), std::string::npos);
  }
}

constexpr const char* kProfiles =
    "# two\n[default]\naws_access_key_id = AK1\naws_secret_access_key=SK1\n\n[ door ]\r\n"
    "aws_access_key_id=AK2\r\n; note\naws_secret_access_key = SK2==\naws_session_token = T\n"
    "[half]\naws_access_key_id = AK3\n";

Task<void> of_profiles() {
  TestService service({""});
  const TemporaryFile file(kProfiles);
  const auto keys = [&](std::string profile) -> std::unique_ptr<KeySource> {
    return shared_file_keys(file.path(), std::move(profile), service.tools());
  };
  EXPECT_EQ(co_await keys_from(*keys("default")), "AK1 SK1 ");
  EXPECT_EQ(co_await keys_from(*keys("door")), "AK2 SK2== T");
  const std::string half = co_await keys_from(*keys("half"));
  EXPECT_EQ(half.substr(0, 17), "invalid_argument:");
  EXPECT_NE(half.find("[half]"), std::string::npos);
  EXPECT_EQ(half.find("AK3"), std::string::npos);
  EXPECT_EQ((co_await keys_from(*keys("none"))).substr(0, 17), "invalid_argument:");
  co_await service.end();
}

TEST(KeySourcesTest, of_a_profile_in_a_file) {
  net::sync_wait(of_profiles());
}

Task<void> of_changing_file() {
  TestService service({""});
  const TemporaryFile file("secret-1\n");
  const auto source = secret_file_keys("AK", file.path(), service.tools());
  EXPECT_EQ(co_await keys_from(*source), "AK secret-1 ");
  const Keys first = *co_await source->get();
  service.clock.advance(seconds(5));
  EXPECT_EQ(*co_await source->get(), first);  // not read again
  replace_file(file.path(), "  secret-two \n");
  EXPECT_EQ(co_await keys_from(*source), "AK secret-1 ");  // not looked at
  service.clock.advance(seconds(5));
  EXPECT_EQ(co_await keys_from(*source), "AK secret-two ");
  // What cannot be used leaves the old ones, and is looked at until it can.
  replace_file(file.path(), "");
  service.clock.advance(seconds(5));
  EXPECT_EQ(co_await keys_from(*source), "AK secret-two ");
  ::unlink(file.path().c_str());
  service.clock.advance(seconds(10));
  EXPECT_EQ(co_await keys_from(*source), "AK secret-two ");
  replace_file(file.path(), "secret-3");
  service.clock.advance(seconds(10));
  EXPECT_EQ(co_await keys_from(*source), "AK secret-3 ");
  co_await service.end();
}

TEST(KeySourcesTest, of_a_file_follow_its_changes) {
  net::sync_wait(of_changing_file());
}

Task<void> of_wrong_files() {
  TestService service({""});
  const TemporaryFile empty(" \n"), binary(std::string("a\0b", 3)), two_lines("a\nb\n");
  const TemporaryFile large(std::string((1 << 20) + 1, 'x'));
  const TemporaryFile fifo("");
  ::unlink(fifo.path().c_str());
  EXPECT_EQ(::mkfifo(fifo.path().c_str(), 0600), 0);
  for (const std::string& path :
       {empty.path(), binary.path(), two_lines.path(), large.path(), fifo.path(), std::string("/"),
        std::string("/nonexistent/file")}) {
    const auto source = secret_file_keys("AK", path, service.tools());
    const std::string found = co_await keys_from(*source);
    EXPECT_EQ(found.substr(0, 17), "invalid_argument:") << path;
    EXPECT_NE(found.find(path), std::string::npos) << found;
  }
  co_await service.end();
}

TEST(KeySourcesTest, files_that_hold_no_key_are_named) {
  net::sync_wait(of_wrong_files());
}

Task<void> of_web_identity() {
  constexpr const char* kAction = "AssumeRoleWithWebIdentity";
  TestService service({session_answer("AK1", kAction),
                       session_answer("AK2", kAction, "2026-11-21T21:40:00Z"),
                       refusal_answer(400, "InvalidIdentityToken")});
  const TemporaryFile file("to+ken/1\n");
  config::StoreSection section;
  section.endpoint = "http://s3.eu-west-1.amazonaws.com";
  section.sts_endpoint = "http://sts.example/in";
  section.credentials = "web-identity";
  section.role_arn = "arn:aws:iam::111122223333:role/door";
  section.web_identity_token_file = file.path();
  auto source = make_key_source("s", section, service.tools(), environment_of({}));
  EXPECT_TRUE(source.ok());
  EXPECT_EQ(co_await keys_from(**source), "AK1 SK T/+=");
  EXPECT_EQ(service.form(0).get("Action"), kAction);
  EXPECT_EQ(service.form(0).get("RoleArn"), section.role_arn);
  EXPECT_EQ(service.form(0).get("WebIdentityToken"), "to+ken/1");
  EXPECT_EQ(service.script.requests[0].find("Authorization"), std::string::npos);
  EXPECT_EQ(service.script.requests[0].substr(0, 8), "POST /in");
  replace_file(file.path(), "token-2");
  service.clock.advance(minutes(56));
  EXPECT_EQ(co_await keys_from(**source), "AK2 SK T/+=");
  EXPECT_EQ(service.form(1).get("WebIdentityToken"), "token-2");
  service.clock.advance(minutes(64));
  const std::string refused = co_await keys_from(**source);
  EXPECT_EQ(refused.substr(0, 18), "permission_denied:");
  EXPECT_EQ(refused.find("token-2"), std::string::npos);
  replace_file(file.path(), "\n");
  service.clock.advance(seconds(1));
  EXPECT_EQ((co_await keys_from(**source)).substr(0, 17), "invalid_argument:");
  EXPECT_EQ(service.calls(), 3u);
  source->reset();
  co_await service.end();
}

TEST(KeySourcesTest, of_a_web_identity_read_the_token_each_time) {
  net::sync_wait(of_web_identity());
}

// --- Instance and container ---

std::string metadata_keys(const std::string& more = "\"Code\":\"Success\",") {
  return "{" + more +
         "\"AccessKeyId\":\"AK\",\"SecretAccessKey\":\"SK\",\"Token\":\"T\","
         "\"Expiration\":\"2026-11-21T20:40:00Z\"}";
}

Task<void> get_of_machine(std::vector<std::string> answers, std::map<std::string, std::string> env,
                          std::string& found, http::testing_support::Script* script = nullptr,
                          std::vector<std::string>* hosts = nullptr) {
  TestService service(std::move(answers));
  auto source = instance_keys(environment_of(std::move(env)), service.tools());
  found = source.ok() ? co_await keys_from(**source) : source.error().message;
  if (source.ok()) source->reset();
  co_await service.end();
  if (script != nullptr) *script = service.script;
  if (hosts != nullptr) *hosts = service.hosts;
}

TEST(InstanceKeysTest, of_an_instance_with_a_token) {
  std::string found;
  http::testing_support::Script script;
  std::vector<std::string> hosts;
  net::sync_wait(get_of_machine(
      {answer_of(200, "TOK=="), answer_of(200, "door-role\n"), answer_of(200, metadata_keys())}, {},
      found, &script, &hosts));
  EXPECT_EQ(found, "AK SK T");
  EXPECT_EQ(hosts, std::vector<std::string>{"169.254.169.254"});
  ASSERT_EQ(script.requests.size(), 3u);
  EXPECT_EQ(script.requests[0].substr(0, 21), "PUT /latest/api/token");
  EXPECT_NE(script.requests[0].find("X-aws-ec2-metadata-token-ttl-seconds: 300"),
            std::string::npos);
  EXPECT_NE(script.requests[1].find("X-aws-ec2-metadata-token: TOK=="), std::string::npos);
  EXPECT_EQ(script.requests[2].substr(0, 62),
            "GET /latest/meta-data/iam/security-credentials/door-role HTTP/");
}

TEST(InstanceKeysTest, hostile_and_empty_answers_of_an_instance_are_refused) {
  const std::string token = answer_of(200, "TOK"), role = answer_of(200, "role");
  const std::vector<std::string> all[] = {
      {answer_of(403, "")},
      {answer_of(200, "")},
      {answer_of(200, "a b")},
      {answer_of(200, std::string(5000, 'x'))},
      {token, answer_of(404, "")},
      {token, answer_of(200, "")},
      {token, answer_of(200, "../../user-data")},
      {token, answer_of(200, "a?b")},
      {token, role, answer_of(200, "")},
      {token, role, answer_of(200, "[]")},
      {token, role, answer_of(200, "{\"Code\":\"AssumeRoleUnauthorizedAccess\"}")},
      {token, role, answer_of(200, metadata_keys("\"Code\":5,"))},
      {token, role, answer_of(200, "{\"Code\":\"Success\",\"AccessKeyId\":\"AK\"}")},
      {token, role, answer_of(200, std::string(100'000, '['))},
  };
  for (const auto& answers : all) {
    std::string found;
    net::sync_wait(get_of_machine(answers, {}, found));
    EXPECT_TRUE(
        found.starts_with("unavailable: the instance metadata service at 169.254.169.254") ||
        found.starts_with("permission_denied: the instance metadata service"))
        << found;
    EXPECT_LT(found.size(), 300u);
  }
}

TEST(InstanceKeysTest, of_a_container_with_its_authorization) {
  std::string found;
  http::testing_support::Script script;
  std::vector<std::string> hosts;
  net::sync_wait(
      get_of_machine({answer_of(200, metadata_keys(""))},
                     {{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/x?y=1"}}, found,
                     &script, &hosts));
  EXPECT_EQ(found, "AK SK T");
  EXPECT_EQ(hosts, std::vector<std::string>{"169.254.170.2"});
  EXPECT_EQ(script.requests.at(0).substr(0, 26), "GET /v2/credentials/x?y=1 ");
  const TemporaryFile token("Basic abc=\n");
  for (const auto& env : std::vector<std::map<std::string, std::string>>{
           {{"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token.path()}},
           {{"AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic abc="}}}) {
    std::map<std::string, std::string> whole = env;
    whole["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://127.0.0.1:8080/keys";
    net::sync_wait(get_of_machine({answer_of(200, metadata_keys(""))}, whole, found, &script));
    EXPECT_EQ(found, "AK SK T");
    EXPECT_NE(script.requests.at(0).find("Authorization: Basic abc=\r\n"), std::string::npos);
  }
}

TEST(InstanceKeysTest, of_a_container_have_a_path_that_no_error_names) {
  std::string found;
  for (const int status : {403, 404}) {
    net::sync_wait(get_of_machine(
        {answer_of(status, "")},
        {{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/f00d-cafe"}}, found));
    EXPECT_NE(found.find("answers " + std::to_string(status)), std::string::npos) << found;
    EXPECT_EQ(found.find("f00d"), std::string::npos) << found;
  }
}

TEST(InstanceKeysTest, a_container_that_is_set_up_wrongly_is_told_so) {
  std::string found;
  constexpr const char* kFull = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
  const TemporaryFile empty("");
  for (const auto& env : std::vector<std::map<std::string, std::string>>{
           {{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "v2/x"}},
           {{kFull, "http://evil.example/keys"}},
           {{kFull, "http://169.254.170.2.evil.example/"}},
           {{kFull, "nonsense"}},
           {{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "nonsense"}},
           {{kFull, "http://localhost/"}, {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "a\r\nb"}},
           {{kFull, "http://[::1]/"}, {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", empty.path()}}}) {
    http::testing_support::Script script;
    net::sync_wait(get_of_machine({answer_of(200, metadata_keys(""))}, env, found, &script));
    EXPECT_EQ(script.requests.size(), 0u) << found;
    EXPECT_TRUE(found.find("AWS_") != std::string::npos ||
                found.find(empty.path()) != std::string::npos)
        << found;
  }
}

}  // namespace
}  // namespace sallyport::s3
