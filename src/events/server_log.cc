#include "events/server_log.h"

#include "events/json_text.h"

namespace sallyport::events {
namespace {

constexpr std::size_t kMaxFieldBytes = 8 * 1024;
// A key is only of use whole; the largest that an SSH packet can carry fits.
constexpr std::size_t kMaxKeyBytes = 64 * 1024;
// Of CloudWatch Logs: a stream's name has at most 512 characters, and no ':' or '*'.
constexpr std::size_t kMaxStreamUserBytes = 400;

std::size_t bound_of(std::string_view key) {
  return key == "ssh-public-key" ? kMaxKeyBytes : kMaxFieldBytes;
}

// Fields of the service's lines are ASCII words; anything else is this program's mistake, and
// harmless.
void append_field(std::string& out, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  if (out.size() > 1) out.push_back(',');
  append_json_string(out, clean_utf8(key, kMaxFieldBytes));
  out.push_back(':');
  append_json_string(out, clean_utf8(value, bound_of(key)));
}

std::string message_of(const ServerEvent& event, std::string_view arn) {
  std::string out = "{";
  append_field(out, "activity-type", event.activity_type);
  for (const auto& [key, value] : event.fields) append_field(out, key, value);
  append_field(out, "resource-arn", arn);
  out.push_back('}');
  return out;
}

std::string stream_of(const std::string& server_id, std::string_view user) {
  if (user.empty()) return server_id;
  std::string name = clean_utf8(user, kMaxStreamUserBytes);
  for (char& c : name) {
    if (c == ':' || c == '*' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '_';
  }
  return server_id + "/" + name;
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

std::string log_group_of(const model::Server& server) {
  if (!server.structured_log_destinations.empty()) {
    const auto group = group_in(server.structured_log_destinations.front());
    if (!group.empty()) return std::string(group);
  }
  return "/aws/transfer/" + server.id.str();
}

ServerLog::ServerLog(EventLog& log, const Clock& clock, const model::Server& server)
    : log_(&log),
      clock_(&clock),
      group_(log_group_of(server)),
      server_id_(server.id.str()),
      arn_(server.arn) {}

void ServerLog::write(ServerEvent event) const {
  log_->emit(
      {group_, stream_of(server_id_, event.user), clock_->wall(), message_of(event, arn_), 0},
      event.importance);
}

void ServerLog::write_error_stream(ServerEvent event) const {
  log_->emit({group_, "ERRORS", clock_->wall(), message_of(event, arn_), 0}, Importance::kAccess);
}

}  // namespace sallyport::events
