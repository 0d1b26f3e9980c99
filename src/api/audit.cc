#include "api/audit.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/caller.h"
#include "api/request_id.h"
#include "codec/json.h"
#include "events/event_log.h"

namespace sallyport::api {

namespace {

constexpr std::size_t kMaxText = 1024;  // of what the caller chose: user agent, error message
constexpr std::string_view kOmitted = R"({"omitted":true})";

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
}

// An event is written for every call, so its text is put together without a tree of values.
class EventText {
 public:
  EventText() { out_.reserve(1024); }

  EventText& member(std::string_view name, std::string_view text) {
    begin(name);
    if (is_plain(text)) {
      out_.append("\"").append(text).append("\"");
    } else {
      out_ += codec::write_json(nlohmann::json(text));
    }
    return *this;
  }
  EventText& cut(std::string_view name, const std::string& text) {
    return member(name, text.size() <= kMaxText ? text : text.substr(0, kMaxText) + "...");
  }
  EventText& flag(std::string_view name, bool value) { return raw(name, value ? "true" : "false"); }
  // A service's own text of JSON, put in as it is.
  EventText& part(std::string_view name, std::string_view json) {
    return raw(name, json.empty() ? "null" : json.size() > kMaxAuditPart ? kOmitted : json);
  }
  EventText& open(std::string_view name) {
    begin(name);
    out_ += '{';
    return *this;
  }
  EventText& close() {
    out_ += '}';
    return *this;
  }
  std::string take() {
    out_ += '}';
    return std::move(out_);
  }

 private:
  // Names are our own and plain.
  void begin(std::string_view name) {
    if (out_.back() != '{') out_ += ',';
    out_.append("\"").append(name).append("\":");
  }
  EventText& raw(std::string_view name, std::string_view json) {
    begin(name);
    out_ += json;
    return *this;
  }

  std::string out_{"{"};
};

// "2026-01-02T03:04:05Z"
std::string seconds_of(WallTime time) {
  const std::string text = to_iso8601_ms(time);
  return text.substr(0, text.find('.')) + "Z";
}

void write_session(const iam::Identity& identity, EventText& out) {
  const std::string& role = identity.role_arn();
  out.open("sessionContext").open("sessionIssuer");
  out.member("type", "Role");
  out.member("principalId", identity.user_id().substr(0, identity.user_id().find(':')));
  out.member("arn", role).member("accountId", identity.account());
  out.member("userName", std::string_view(role).substr(role.rfind('/') + 1)).close();
  out.open("attributes").member("creationDate", seconds_of(identity.issued()));
  out.member("mfaAuthenticated", "false").close().close();
}

// CloudTrail user guide, "CloudTrail userIdentity element".
void write_identity(const Caller& caller, const std::string& account, EventText& out) {
  const iam::Identity& identity = caller.identity;
  using Kind = iam::Identity::Kind;
  out.open("userIdentity");
  if (identity.kind() == Kind::kAnonymous && caller.access_key.empty()) {
    out.member("type", "AWSAccount").member("principalId", "").member("accountId", "anonymous");
    out.close();
    return;
  }
  if (identity.kind() == Kind::kAnonymous) {
    out.member("type", "Unknown").member("accountId", account);
    out.member("accessKeyId", caller.access_key).close();
    return;
  }
  const std::string_view type = identity.kind() == Kind::kRoot   ? "Root"
                                : identity.kind() == Kind::kUser ? "IAMUser"
                                                                 : "AssumedRole";
  out.member("type", type).member("principalId", identity.user_id());
  out.member("arn", identity.caller_arn()).member("accountId", identity.account());
  out.member("accessKeyId", caller.access_key);
  if (identity.kind() == Kind::kUser) out.member("userName", identity.user_name());
  if (identity.kind() == Kind::kRole) write_session(identity, out);
  out.close();
}

}  // namespace

void AuditLog::write(const Caller& caller, const AuditNote& note) {
  if (note.event_name.empty() || (note.data_event && !data_events_)) return;
  const std::string& account = place_.account;
  EventText text;
  text.member("eventVersion", "1.08");
  write_identity(caller, account, text);
  text.member("eventTime", seconds_of(caller.time));
  text.member("eventSource", note.event_source).member("eventName", note.event_name);
  text.member("awsRegion", place_.region).member("sourceIPAddress", caller.source_ip);
  text.cut("userAgent", caller.user_agent);
  if (!note.error_code.empty())
    text.member("errorCode", note.error_code).cut("errorMessage", note.error_message);
  text.part("requestParameters", note.request_parameters);
  text.part("responseElements", note.response_elements);
  text.member("requestID", caller.request_id).member("eventID", new_request_id(random_));
  text.flag("readOnly", note.read_only);
  if (!note.resources.empty()) text.part("resources", note.resources);
  text.member("eventType", "AwsApiCall").flag("managementEvent", !note.data_event);
  text.member("recipientAccountId", account);
  text.member("eventCategory", note.data_event ? "Data" : "Management");

  state::LogLine line;
  line.group = kAuditLogGroup;
  line.stream = account + "_CloudTrail_" + place_.region;
  line.time = caller.time;
  line.message = text.take();
  const bool first_to_go = note.read_only || note.data_event || !note.error_code.empty();
  log_.emit(std::move(line),
            first_to_go ? events::Importance::kAccess : events::Importance::kTransfer);
}

}  // namespace sallyport::api
