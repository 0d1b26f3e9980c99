// A scripted HTTP service and a pool that knows no other, on the loop of the test. For tests only.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "codec/form.h"
#include "http/client_pool.h"
#include "http/test_script.h"
#include "s3/key_sources.h"

namespace sallyport::s3::testing_support {

inline Task<void> pass_at_once(ManualClock& clock, std::chrono::milliseconds time) {
  clock.advance(time);
  co_return;
}

// Time stands still but for the waits between attempts. co_await end() before its end.
struct TestService {
  explicit TestService(std::vector<std::string> answers)
      : script{std::move(answers), {}},
        server([this](int fd) { return http::testing_support::play_plain(fd, script); }),
        resolver(
            [this](std::string host, std::uint16_t) {
              hosts.push_back(std::move(host));
              return http::testing_support::found_addresses({server.at()});
            },
            clock, std::chrono::hours(1)),
        dialer(resolver, nullptr) {
    pool.emplace(dialer, clock, random, http::PoolOptions(),
                 [this](std::chrono::milliseconds time) { return pass_at_once(clock, time); });
  }
  Task<void> end() {
    pool.reset();
    co_await server.join();
  }
  KeyTools tools() { return {*pool, files, clock}; }
  std::size_t calls() const { return script.requests.size(); }
  // The fields of a call's form.
  codec::Form form(std::size_t i) const {
    auto parsed = codec::parse_form(script.bodies.at(i));
    EXPECT_TRUE(parsed.ok());
    return parsed.ok() ? *parsed : codec::Form();
  }

  ManualClock clock{from_unix_ms(1795290000000)};  // 2026-11-21T19:40:00Z
  SystemRandom random;
  std::vector<std::string> hosts;  // that were looked up
  net::BlockingPool files{"files", 1};
  http::testing_support::Script script;
  net::testing_support::LocalServer server;
  http::Resolver resolver;
  http::Dialer dialer;
  std::optional<http::ClientPool> pool;
};

// What an STS gives for an action; the session ends at 20:40 unless told otherwise.
inline std::string session_answer(const std::string& key, const std::string& action = "AssumeRole",
                                  const std::string& expires = "2026-11-21T20:40:00.000000001Z") {
  return http::testing_support::answer_of(
      200, "<" + action + "Response><" + action + "Result><Credentials><AccessKeyId>" + key +
               "</AccessKeyId><Expiration>" + expires +
               "</Expiration><SecretAccessKey>SK</SecretAccessKey><SessionToken>T/+=</SessionToken>"
               "</Credentials></" +
               action + "Result></" + action + "Response>");
}

inline std::string refusal_answer(int status, const std::string& code) {
  return http::testing_support::answer_of(
      status, "<Error><Code>" + code + "</Code><Message>no</Message></Error>",
      "x-amz-request-id: tx1\r\n");
}

inline StsOptions sts_at(std::string_view url, bool drop_accounts = false) {
  StsOptions out;
  out.endpoint = *http::parse_url(url);
  out.region = "eu-west-1";
  out.drop_accounts = drop_accounts;
  return out;
}

}  // namespace sallyport::s3::testing_support
