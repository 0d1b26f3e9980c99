#include "app/unsettled.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

namespace sallyport::app {

namespace {

constexpr std::chrono::milliseconds kPause(1000);

}  // namespace

bool Unsettled::may_pass(const Error& error) {
  return error.code == Errc::kUnavailable || error.code == Errc::kIo ||
         error.code == Errc::kTimeout;
}

void Unsettled::add(const std::string& server_id, const Error& why) {
  // Once for each, as it may last.
  if (servers_.insert(server_id).second)
    spdlog::error("server {}: {}; it is tried again every second", server_id, why.message);
  if (!stopped_ && !std::exchange(waiting_, true)) live_.start(loop_, look_later());
}

void Unsettled::stop() {
  stopped_ = true;
  sleep_.cancel();
}

Task<void> Unsettled::look_later() {
  co_await sleep_.wait(kPause);
  waiting_ = false;
  if (stopped_) co_return;
  const std::set<std::string> servers = servers_;
  for (const std::string& server_id : servers) look_(server_id);
}

}  // namespace sallyport::app
