#include "events/server_log.h"

#include "events/json_text.h"
#include "events/line_format.h"

namespace sallyport::events {
namespace {

// Of CloudWatch Logs: a stream's name has at most 512 characters, and no ':' or '*'.
constexpr std::size_t kMaxStreamUserBytes = 400;

// A user's name as a part of a stream's name.
std::string stream_part(std::string_view user) {
  std::string name = clean_utf8(user, kMaxStreamUserBytes);
  for (char& c : name) {
    if (c == ':' || c == '*' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '_';
  }
  return name;
}

std::string json_stream(const std::string& server_id, const ServerEvent& event) {
  return event.user.empty() ? server_id : server_id + "/" + stream_part(event.user);
}

std::string text_stream(const ServerEvent& event) {
  std::string name = stream_part(event.user);
  for (const auto& [key, value] : event.fields) {
    if (key == "session-id") return name.append(".").append(value);
  }
  return name;
}

// "arn:aws:logs:<region>:<account>:log-group:<name>:*" → name; empty if it is not of that form.
std::string_view group_in(std::string_view arn) {
  for (int colons = 0; colons < 6; ++colons) {
    const std::size_t colon = arn.find(':');
    if (colon == std::string_view::npos) return {};
    if (colons == 5 && arn.substr(0, colon) != "log-group") return {};
    arn.remove_prefix(colon + 1);
  }
  if (arn.ends_with(":*")) arn.remove_suffix(2);
  return arn.find(':') == std::string_view::npos ? arn : std::string_view();
}

}  // namespace

LogGroups log_groups_of(const model::Server& server) {
  const std::string own = "/aws/transfer/" + server.id.str();
  LogGroups groups;
  if (!server.logging_role.empty()) groups.text = own;
  if (!server.structured_log_destinations.empty()) {
    const auto group = group_in(server.structured_log_destinations.front());
    groups.json = group.empty() ? own : std::string(group);
  } else if (groups.text.empty()) {
    groups.json = own;
  }
  return groups;
}

ServerLog::ServerLog(EventLog& log, const Clock& clock, const model::Server& server)
    : log_(&log),
      clock_(&clock),
      groups_(log_groups_of(server)),
      server_id_(server.id.str()),
      arn_(server.arn) {}

void ServerLog::write(const ServerEvent& event) const {
  const WallTime time = clock_->wall();
  if (!groups_.json.empty()) {
    log_->emit({groups_.json, json_stream(server_id_, event), time, json_line(event, arn_), 0},
               event.importance);
  }
  if (!groups_.text.empty()) {
    log_->emit({groups_.text, text_stream(event), time, text_line(event, false), 0},
               event.importance);
  }
}

void ServerLog::write_error_stream(const ServerEvent& event) const {
  const WallTime time = clock_->wall();
  if (!groups_.json.empty()) {
    log_->emit({groups_.json, "ERRORS", time, json_line(event, arn_), 0}, Importance::kAccess);
  }
  if (!groups_.text.empty()) {
    log_->emit({groups_.text, "ERRORS", time, text_line(event, true), 0}, Importance::kAccess);
  }
}

}  // namespace sallyport::events
