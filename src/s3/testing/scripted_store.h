// A requester whose store says prepared answers, on the loop of the test. For tests only.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/test_script.h"
#include "net/test_tls.h"
#include "s3/requester.h"

namespace sallyport::s3::testing_support {

// Gives the first of its keys until they are refused, then the next; the last ones for ever.
class KeyRow final : public KeySource {
 public:
  Task<Result<Keys>> get() override {
    auto held = std::make_shared<HeldKeys>();
    held->keys.access_key = names.at(std::min(refusals, names.size() - 1));
    held->keys.secret = SecretString("secret");
    held->expires = expires;
    Keys keys = std::move(held);
    co_return keys;
  }
  void refused(const Keys&) override { ++refusals; }

  std::vector<std::string> names{"AKIAFIRST", "AKIASECOND"};
  std::optional<WallTime> expires;
  std::size_t refusals = 0;
};

// Draws the greatest number there is.
class MostRandom final : public Random {
 public:
  void fill(MutableBytes out) override {
    for (auto& byte : out) byte = 0;
  }
};

class ScriptedStore {
 public:
  explicit ScriptedStore(std::vector<std::string> answers,
                         const std::string& endpoint = "http://s3.example")
      : script{std::move(answers), {}, {}},
        server([this](int fd) { return http::testing_support::play_plain(fd, script); }),
        resolver([this](std::string host, std::uint16_t) { return look_up(std::move(host)); },
                 clock, std::chrono::hours(1)),
        dialer(resolver, nullptr) {
    http::PoolOptions options;
    options.retry.attempts = 1;
    pool.emplace(dialer, clock, random, options);
    Place place;
    place.name = "scripted";
    place.endpoint = http::parse_url(endpoint).value();
    requester.emplace(
        std::move(place), *pool, clock, random, http::RetryOptions(),
        [this](std::chrono::milliseconds time) { return pass(time); },
        [this](const Error& error) { troubles.push_back(error.reason); }, [this] { ++recoveries; });
  }
  // What the server's tasks wait for is the end of the pool's connections.
  Task<void> end() {
    requester.reset();
    pool.reset();
    co_await server.join();
  }

  ManualClock clock{from_unix_ms(1'767'323'045'000)};  // 2026-01-02T03:04:05Z
  MostRandom random;
  std::vector<std::int64_t> waits;    // ms, between attempts
  std::vector<std::string> troubles;  // reasons of what the operator is told
  int recoveries = 0;                 // that were told
  std::string nowhere;                // a host that is not found
  http::testing_support::Script script;
  net::testing_support::LocalServer server;
  http::Resolver resolver;
  http::Dialer dialer;
  std::optional<http::ClientPool> pool;
  KeyRow keys;
  Caller caller{keys};
  std::optional<Requester> requester;

 private:
  Task<Result<std::vector<net::Endpoint>>> look_up(std::string host) {
    if (host == nowhere) co_return Error(Errc::kUnavailable, "looking up " + host);
    co_return std::vector<net::Endpoint>{server.at()};
  }
  Task<void> pass(std::chrono::milliseconds time) {
    waits.push_back(time.count());
    clock.advance(time + std::chrono::seconds(1));
    co_return;
  }
};

inline std::string error_xml(const std::string& code, const std::string& more = "") {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + code +
         "</Code><Message>m</Message>" + more + "<RequestId>R1</RequestId></Error>";
}

}  // namespace sallyport::s3::testing_support
