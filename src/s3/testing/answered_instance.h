// A remote store whose server gives prepared answers, on the loop of the test. For tests only.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/message.h"
#include "http/test_script.h"
#include "net/test_tls.h"
#include "s3/testing/remote_instance.h"

namespace sallyport::s3::testing_support {

// Time stands still. co_await end() before its end.
struct AnsweredInstance {
  explicit AnsweredInstance(std::vector<std::string> answers, std::string region = "us-east-1")
      : script{std::move(answers), {}, {}},
        server([this](int fd) { return http::testing_support::play_plain(fd, script); }) {
    RemoteSetup setup;
    setup.endpoint = "http://" + server.at().to_string();
    setup.region = std::move(region);
    setup.keys.access_key = "AKIA";
    setup.keys.secret = SecretString("secret");
    instance = std::make_unique<RemoteInstance>(std::move(setup), clock);
  }
  Task<void> end() {
    instance.reset();
    co_await server.join();
  }

  ManualClock clock{from_unix_ms(1795290000000)};
  http::testing_support::Script script;
  net::testing_support::LocalServer server;
  std::unique_ptr<RemoteInstance> instance;
};

}  // namespace sallyport::s3::testing_support
