#include "api/query/audit_note.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>

#include "api/query/parameters.h"
#include "codec/json.h"

namespace sallyport::api {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxActionName = 64;
constexpr std::size_t kMaxParts = 8;  // of a parameter's name

bool is_secret(std::string_view name) {
  static constexpr std::string_view kSecrets[] = {"SecretAccessKey", "SessionToken", "TokenCode"};
  return std::find(std::begin(kSecrets), std::end(kSecrets), name) != std::end(kSecrets);
}

bool reads_only(std::string_view action) {
  return action.starts_with("Get") || action.starts_with("List");
}

std::string_view source_of(QueryApi api) {
  return api == QueryApi::kIam ? "iam.amazonaws.com" : "sts.amazonaws.com";
}

std::vector<std::string_view> split_name(std::string_view name) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto dot = name.find('.');
    parts.push_back(name.substr(0, dot));
    if (dot == std::string_view::npos || parts.size() > kMaxParts) return parts;
    name.remove_prefix(dot + 1);
  }
}

// Puts "Tags.member.2.Key" at {"tags": [{}, {"key": …}]}; what does not fit what is there already
// is left out.
void put_parameter(Json& root, std::string_view name, std::string_view value) {
  const auto parts = split_name(name);
  if (parts.size() > kMaxParts) return;
  Json* at = &root;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    std::size_t number = 0;
    if (parts[i] == "member" && i + 1 < parts.size()) {
      const std::string_view digits = parts[++i];
      const auto [end, error] =
          std::from_chars(digits.data(), digits.data() + digits.size(), number);
      const bool plain = error == std::errc() && end == digits.data() + digits.size();
      if (at->is_null()) *at = Json::array();
      if (!plain || !at->is_array() || number == 0 || number > at->size() + 1) return;
      if (number == at->size() + 1) at->push_back(nullptr);
      at = &(*at)[number - 1];
    } else {
      if (at->is_null()) *at = Json::object();
      if (!at->is_object()) return;
      at = &(*at)[lower_camel(parts[i])];
    }
  }
  if (at->is_null()) *at = is_secret(parts.back()) ? kHiddenInAudit : value;
}

Json json_of(const pugi::xml_node& node) {
  Json out;
  for (const auto& child : node.children()) {
    if (child.type() != pugi::node_element) continue;
    const std::string_view name = child.name();
    if (name == "member") {
      out.push_back(json_of(child));
    } else {
      out[lower_camel(name)] = is_secret(name) ? Json(kHiddenInAudit) : json_of(child);
    }
  }
  if (out.is_null()) out = node.text().get();
  return out;
}

}  // namespace

void note_request(const QueryCall& call) {
  if (call.caller.audit == nullptr) return;
  AuditNote& note = *call.caller.audit;
  const QueryRow& row = call.row;
  note.event_source = source_of(row.api);
  note.event_name = row.action;
  // AssumeRole changes nothing that is kept.
  note.read_only = reads_only(row.action) || row.api == QueryApi::kSts;
  Json parameters;
  for (const auto& [name, value] : call.form.fields())
    if (name != "Action" && name != "Version") put_parameter(parameters, name, value);
  if (!parameters.is_null()) note.request_parameters = codec::write_json(parameters);
  if (const auto role = call.form.find("RoleArn")) {
    const Json resource = {
        {"accountId", call.context.place.account}, {"type", "AWS::IAM::Role"}, {"ARN", *role}};
    note.resources = codec::write_json(Json::array({resource}));
  }
}

void note_unknown_action(const Caller& caller, QueryApi api, std::string_view action) {
  const bool plain =
      action.size() <= kMaxActionName && std::all_of(action.begin(), action.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
      });
  if (caller.audit == nullptr || !plain) return;
  caller.audit->event_source = source_of(api);
  caller.audit->event_name = action;
  caller.audit->read_only = reads_only(action);
}

void note_answer(const QueryCall& call, std::string_view xml) {
  const QueryRow& row = call.row;
  AuditNote* note = call.caller.audit;
  if (note == nullptr || !row.has_result || reads_only(row.action)) return;
  const auto parsed = codec::parse_xml(xml);
  if (!parsed.ok()) return;
  const std::string result = std::string(row.action) + "Result";
  Json json = json_of((*parsed)->document_element().child(result.c_str()));
  if (json.is_object()) note->response_elements = codec::write_json(json);
}

void note_error(const Caller& caller, const WireError& error) {
  if (caller.audit == nullptr) return;
  caller.audit->error_code = error.code;
  caller.audit->error_message = error.message;
}

}  // namespace sallyport::api
