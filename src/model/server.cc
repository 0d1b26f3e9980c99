#include "model/server.h"

#include <utility>

namespace sallyport::model {
namespace {

constexpr std::pair<ServerState, std::string_view> kStateNames[] = {
    {ServerState::kOffline, "OFFLINE"},          {ServerState::kOnline, "ONLINE"},
    {ServerState::kStarting, "STARTING"},        {ServerState::kStopping, "STOPPING"},
    {ServerState::kStartFailed, "START_FAILED"}, {ServerState::kStopFailed, "STOP_FAILED"},
};

}  // namespace

std::string_view communication_mode_name(bool client_talks_first) {
  return client_talks_first ? "CLIENT_TALK_FIRST" : "SERVER_TALK_FIRST";
}

std::string_view server_state_name(ServerState state) {
  for (const auto& [value, name] : kStateNames) {
    if (value == state) return name;
  }
  return "OFFLINE";
}

std::optional<ServerState> server_state_from(std::string_view name) {
  for (const auto& [value, known] : kStateNames) {
    if (known == name) return value;
  }
  return std::nullopt;
}

const std::string* Server::tag(std::string_view key) const {
  for (const Tag& tag : tags) {
    if (tag.key == key) return &tag.value;
  }
  return nullptr;
}

}  // namespace sallyport::model
