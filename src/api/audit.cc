#include "api/audit.h"

#include <nlohmann/json.hpp>

#include "api/caller.h"
#include "api/request_id.h"
#include "codec/json.h"
#include "events/event_log.h"

namespace sallyport::api {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxText = 1024;  // of what the caller chose: user agent, error message
constexpr std::string_view kOmitted = R"({"omitted":true})";

// "2026-01-02T03:04:05Z"
std::string seconds_of(WallTime time) {
  std::string text = to_iso8601_ms(time);
  return text.substr(0, text.find('.')) + "Z";
}

Json session_context(const iam::Identity& identity) {
  const std::string& role = identity.role_arn();
  return {{"sessionIssuer",
           {{"type", "Role"},
            {"principalId", identity.user_id().substr(0, identity.user_id().find(':'))},
            {"arn", role},
            {"accountId", identity.account()},
            {"userName", role.substr(role.rfind('/') + 1)}}},
          {"attributes",
           {{"creationDate", seconds_of(identity.issued())}, {"mfaAuthenticated", "false"}}}};
}

// CloudTrail user guide, "CloudTrail userIdentity element".
Json user_identity(const Caller& caller, const std::string& account) {
  const iam::Identity& identity = caller.identity;
  using Kind = iam::Identity::Kind;
  if (identity.kind() == Kind::kAnonymous) {
    if (caller.access_key.empty())
      return {{"type", "AWSAccount"}, {"principalId", ""}, {"accountId", "anonymous"}};
    return {{"type", "Unknown"}, {"accountId", account}, {"accessKeyId", caller.access_key}};
  }
  const char* type = identity.kind() == Kind::kRoot   ? "Root"
                     : identity.kind() == Kind::kUser ? "IAMUser"
                                                      : "AssumedRole";
  Json out{{"type", type},
           {"principalId", identity.user_id()},
           {"arn", identity.caller_arn()},
           {"accountId", identity.account()},
           {"accessKeyId", caller.access_key}};
  if (identity.kind() == Kind::kUser) out["userName"] = identity.user_name();
  if (identity.kind() == Kind::kRole) out["sessionContext"] = session_context(identity);
  return out;
}

std::string cut(const std::string& text) {
  return text.size() <= kMaxText ? text : text.substr(0, kMaxText) + "...";
}

// A service's own text of JSON is put in as it is.
void append_part(std::string& out, std::string_view name, std::string_view json) {
  out.append(",\"").append(name).append("\":");
  out.append(json.empty() ? "null" : json.size() > kMaxAuditPart ? kOmitted : json);
}

// `members` without its braces, behind what is there.
void append_members(std::string& out, const Json& members) {
  const std::string text = codec::write_json(members);
  out.append(",").append(text, 1, text.size() - 2);
}

}  // namespace

void AuditLog::write(const Caller& caller, const AuditNote& note) {
  if (note.event_name.empty() || (note.data_event && !data_events_)) return;
  const std::string& account = place_.account;
  Json head{{"eventVersion", "1.08"},
            {"userIdentity", user_identity(caller, account)},
            {"eventTime", seconds_of(caller.time)},
            {"eventSource", note.event_source},
            {"eventName", note.event_name},
            {"awsRegion", place_.region},
            {"sourceIPAddress", caller.source_ip},
            {"userAgent", cut(caller.user_agent)}};
  if (!note.error_code.empty()) {
    head["errorCode"] = note.error_code;
    head["errorMessage"] = cut(note.error_message);
  }
  std::string text = codec::write_json(head);
  text.pop_back();
  append_part(text, "requestParameters", note.request_parameters);
  append_part(text, "responseElements", note.response_elements);
  Json tail{{"requestID", caller.request_id},
            {"eventID", new_request_id(random_)},
            {"readOnly", note.read_only}};
  append_members(text, tail);
  if (!note.resources.empty()) append_part(text, "resources", note.resources);
  append_members(text, {{"eventType", "AwsApiCall"},
                        {"managementEvent", !note.data_event},
                        {"recipientAccountId", account},
                        {"eventCategory", note.data_event ? "Data" : "Management"}});
  text.push_back('}');

  state::LogLine line;
  line.group = kAuditLogGroup;
  line.stream = account + "_CloudTrail_" + place_.region;
  line.time = caller.time;
  line.message = std::move(text);
  const bool first_to_go = note.read_only || note.data_event || !note.error_code.empty();
  log_.emit(std::move(line),
            first_to_go ? events::Importance::kAccess : events::Importance::kTransfer);
}

}  // namespace sallyport::api
