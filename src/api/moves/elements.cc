#include "api/moves/elements.h"

#include <fmt/format.h>
#include <time.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "api/decode.h"
#include "api/moves/arns.h"
#include "api/moves/lines.h"

namespace sallyport::api {

namespace {

using nlohmann::json;

// Command lines print times as text, the API as seconds.
void read_times(json& value, const Shape& shape) {
  if (shape.type == ShapeType::kTimestamp && value.is_string()) {
    if (const auto seconds = seconds_of_iso8601(value.get_ref<const std::string&>()))
      value = *seconds;
  } else if (shape.type == ShapeType::kList && value.is_array()) {
    for (json& one : value) read_times(one, *shape.element);
  } else if (shape.type == ShapeType::kStructure && value.is_object()) {
    for (const Shape::Member& member : shape.members)
      if (value.contains(member.name)) read_times(value[member.name], *member.shape);
  }
}

// The shape of a kind's member in its Describe operation's answer.
const Shape* described_shape(const MovedKind& kind) {
  const OperationModel* describe = transfer_model().operation(kind.describe);
  const Shape::Member* member = describe == nullptr || describe->output == nullptr
                                    ? nullptr
                                    : describe->output->member(kind.member);
  return member == nullptr ? nullptr : member->shape;
}

// What the command line prints of other things than resources that can be made: it may stand in a
// file that holds everything that was printed. Tags are in what is printed of their resource.
bool tells_of_no_resource(const json& answer) {
  if (!answer.is_object()) return false;
  for (const char* member :
       {"SecurityPolicy", "SecurityPolicyNames", "Execution", "Executions", "FileTransferResults"})
    if (answer.contains(member)) return true;
  return answer.contains("Arn") && answer.contains("Tags");
}

std::string take_text(json& object, std::string_view member) {
  std::string text = text_in(object, member);
  object.erase(std::string(member));
  return text;
}

// "arn:aws:transfer:REGION:ACCOUNT:host-key/s-…/hostkey-…": the part between the slashes.
std::string server_in_arn(const std::string& arn) {
  const auto first = arn.find('/'), second = arn.find('/', first + 1);
  if (first == std::string::npos || second == std::string::npos) return {};
  return arn.substr(first + 1, second - first - 1);
}

Result<MovedElement> read_element(const MovedKind& kind, const json& answer, json content,
                                  bool listed, const model::Place& place) {
  const std::string what = fmt::format("\"{}\"", listed ? kind.plural : kind.member);
  if (!content.is_object()) return Error(Errc::kInvalidArgument, what + " is not an object");
  MovedElement element;
  element.kind = &kind;
  element.listed = listed;
  if (!kind.secret.empty()) element.secret = take_text(content, kind.secret);
  rehome_arns(content, place);
  element.id = text_in(content, kind.id);
  if (element.id.empty())
    return Error(Errc::kInvalidArgument, fmt::format("{} has no {}", what, kind.id));
  if (kind.of_server) {
    element.server = text_in(answer, "ServerId");
    if (element.server.empty()) element.server = text_in(content, "ServerId");
    if (element.server.empty()) element.server = server_in_arn(text_in(content, "Arn"));
    if (element.server.empty())
      return Error(Errc::kInvalidArgument,
                   what + " does not say of which server it is; add \"ServerId\"");
  }
  if (const Shape* shape = described_shape(kind)) {
    read_times(content, *shape);
    std::vector<std::string> unknown;
    if (auto typed = check_types(content, *shape, unknown); !typed.ok())
      return Error(
          Errc::kInvalidArgument,
          fmt::format("{}: {}", name_of(kind, element.server, element.id), typed.error().message));
  }
  if (kind.extras != nullptr && kind.extras->rename != nullptr) kind.extras->rename(content);
  content[std::string(kind.id)] = element.id;
  if (kind.of_server) content["ServerId"] = element.server;
  element.content = std::move(content);
  return element;
}

}  // namespace

std::string name_of(const MovedKind& kind, std::string_view server, std::string_view id) {
  return server.empty() ? fmt::format("{} {}", kind.member, id)
                        : fmt::format("{} {} of {}", kind.member, id, server);
}

Result<std::vector<MovedElement>> read_elements(std::string_view line, const model::Place& place) {
  TRY_ASSIGN(const json answer, read_line(line));
  std::vector<MovedElement> out;
  if (answer.is_object() && answer.contains("Format")) return out;
  if (tells_of_no_resource(answer)) return out;
  for (const MovedKind& kind : moved_kinds()) {
    if (!answer.is_object()) break;
    if (const auto one = answer.find(kind.member); one != answer.end() && one->is_object()) {
      TRY_ASSIGN(MovedElement element, read_element(kind, answer, *one, false, place));
      out.push_back(std::move(element));
      return out;
    }
    if (kind.plural.empty()) continue;
    const auto all = answer.find(kind.plural);
    if (all == answer.end() || !all->is_array() || kind.create.empty()) continue;
    for (const json& one : *all) {
      TRY_ASSIGN(MovedElement element, read_element(kind, answer, one, true, place));
      out.push_back(std::move(element));
    }
    return out;
  }
  return Error(Errc::kInvalidArgument,
               "this is neither a line of an export nor what `aws transfer describe-…` or `list-…` "
               "prints of a "
               "resource");
}

std::optional<double> seconds_of_iso8601(std::string_view text) {
  const std::string copy(text.substr(0, 40));
  tm parts{};
  int used = 0;
  if (std::sscanf(copy.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%n", &parts.tm_year, &parts.tm_mon,
                  &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &used) != 6)
    return {};
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  double seconds = static_cast<double>(::timegm(&parts));
  std::string_view rest = std::string_view(copy).substr(static_cast<std::size_t>(used));
  if (rest.starts_with('.')) {
    double part = 0.1;
    for (rest.remove_prefix(1); !rest.empty() && rest[0] >= '0' && rest[0] <= '9';
         rest.remove_prefix(1), part /= 10)
      seconds += (rest[0] - '0') * part;
  }
  if (rest.empty() || rest == "Z") return seconds;
  int hours = 0, minutes = 0;
  const std::string zone(rest.substr(1));
  if ((rest[0] != '+' && rest[0] != '-') || zone.size() != 5 ||
      std::sscanf(zone.c_str(), "%2d:%2d", &hours, &minutes) != 2)
    return {};
  const double offset = hours * 3600 + minutes * 60;
  return rest[0] == '+' ? seconds - offset : seconds + offset;
}

}  // namespace sallyport::api
