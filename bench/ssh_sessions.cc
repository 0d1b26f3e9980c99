// Opens SSH sessions with SFTP running and keeps them, or opens and closes them; for benches.
//
//     ssh_sessions ADDRESS PORT USER KEYFILE
//
// reads commands from standard input and answers each with one line:
//     open N     opens N more sessions and keeps them      → N MEDIAN_MS P99_MS MAX_MS
//     login N    opens and ends N sessions, in turn        → N MEDIAN_MS P99_MS MAX_MS
//     ask N      asks N of the open sessions something      → N MEDIAN_MS P99_MS MAX_MS
// Times are of one login (connect to the answer to SSH_FXP_INIT) or one question.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "ssh_client.h"

namespace {

using sallyport::bench::SshClient;
using Clients = std::vector<std::unique_ptr<SshClient>>;

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "ssh_sessions: %s\n", why.c_str());
  std::exit(1);
}

void repeat(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::vector<double> times;
  for (std::size_t i = 0; i < count; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work(i);
    times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(times.begin(), times.end());
  if (times.empty()) times.push_back(0);
  std::printf("%zu %.2f %.2f %.2f\n", count, times[times.size() / 2], times[times.size() * 99 / 100], times.back());
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) fail("usage: ssh_sessions ADDRESS PORT USER KEYFILE");
  std::ifstream file(argv[4]);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto key = sallyport::ssh::HostKey::parse(sallyport::SecretString(text));
  if (!key.ok()) fail(key.error().message);
  const auto log_in = [&] {
    auto client = SshClient::log_in(argv[1], static_cast<std::uint16_t>(std::atoi(argv[2])), argv[3], *key);
    if (!client.ok()) fail(client.error().message);
    return std::move(*client);
  };

  Clients open;
  std::string command;
  std::size_t count = 0;
  while (std::cin >> command >> count) {
    if (command == "open") {
      repeat(count, [&](std::size_t) { open.push_back(log_in()); });
    } else if (command == "login") {
      repeat(count, [&](std::size_t) { log_in(); });
    } else if (command == "ask" && !open.empty()) {
      repeat(count, [&](std::size_t i) {
        const auto answer = open[i * 7919 % open.size()]->ask();
        if (!answer.ok()) fail(answer.error().message);
      });
    } else {
      fail("no command '" + command + "' here");
    }
  }
  return 0;
}
