#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/moves/differences.h"
#include "api/moves/import.h"
#include "api/moves/shown.h"
#include "api/transfer/operations.h"

namespace sallyport::api {

namespace {

using nlohmann::json;

std::set<std::string> members_of(std::string_view operation) {
  std::set<std::string> out;
  const OperationModel* model = transfer_model().operation(operation);
  if (model == nullptr || model->input == nullptr) return out;
  for (const Shape::Member& member : model->input->members) out.insert(member.name);
  return out;
}

// Members that Create and Update operations take, but for names and secrets.
std::set<std::string> compared_members(const MovedKind& kind) {
  std::set<std::string> out = members_of(kind.create);
  out.merge(members_of(kind.update));
  for (const std::string_view name : {kind.id, kind.secret, std::string_view("ServerId")})
    out.erase(std::string(name));
  return out;
}

json taken(const json& content, const std::set<std::string>& members) {
  json out = json::object();
  for (const std::string& name : members)
    if (content.contains(name)) out[name] = content[name];
  return out;
}

Outcome<json> create_request(const MovedElement& element) {
  json request = taken(element.content, members_of(element.kind->create));
  if (!element.secret.empty()) request[std::string(element.kind->secret)] = element.secret;
  if (element.kind->extras != nullptr && element.kind->extras->prepare != nullptr)
    element.kind->extras->prepare(request);
  const auto tags = request.find("Tags");
  if (tags != request.end() && tags->empty()) request.erase(tags);
  return request;
}

Task<Outcome<Done>> settle(const TransferContext& context, const MovedElement& element, json have) {
  if (element.kind->extras == nullptr || element.kind->extras->settle == nullptr) co_return done();
  co_return co_await element.kind->extras->settle(context, element.content, std::move(have));
}

// A certificate can do without its key, and is another one then.
std::string missing_key(const MovedElement& element) {
  const bool had_one = text_of(element.content, "Type") == "CERTIFICATE_WITH_PRIVATE_KEY";
  return had_one && element.secret.empty() ? "without its private key, which is not in the file"
                                           : "";
}

bool lacks_its_key(const MovedElement& element, const json& have) {
  return !element.secret.empty() && text_of(have, "Type") == "CERTIFICATE";
}

Task<Outcome<ImportResult>> make(const TransferContext& context, const MovedElement& element) {
  if (element.listed)
    co_return invalid_request(fmt::format(
        "a list says too little to make it; give what {} prints of it", element.kind->describe));
  if (element.kind->secret_needed && element.secret.empty())
    co_return ImportResult{
        "skipped", {}, "its private key is not in the file: a server that is made gets new ones"};
  CO_TRY_ASSIGN(json request, create_request(element));
  TransferContext with = context;
  with.given_id = element.id;
  CO_TRY(co_await call_operation(std::move(with), std::string(element.kind->create),
                                 std::move(request)));
  CO_TRY(co_await settle(context, element, json()));
  co_return ImportResult{"made", {}, missing_key(element)};
}

// No Update operation takes tags.
Task<Outcome<Done>> change_tags(const TransferContext& context, json want, json have) {
  const json arn = have["Arn"];
  json gone = json::array();
  for (const json& tag : have.value("Tags", json::array())) {
    const auto same_key = [&tag](const json& other) { return other["Key"] == tag["Key"]; };
    if (std::none_of(want["Tags"].begin(), want["Tags"].end(), same_key))
      gone.push_back(tag["Key"]);
  }
  if (!gone.empty()) {
    json request{{"Arn", arn}, {"TagKeys", std::move(gone)}};
    CO_TRY(co_await call_operation(context, "UntagResource", std::move(request)));
  }
  if (!want["Tags"].empty()) {
    json request{{"Arn", arn}, {"Tags", want["Tags"]}};
    CO_TRY(co_await call_operation(context, "TagResource", std::move(request)));
  }
  co_return done();
}

bool contains(const std::set<std::string>& names, const json& name) {
  return names.contains(name.get<std::string>());
}

Task<Outcome<Done>> change(const TransferContext& context, const MovedElement& element, json have,
                           json found) {
  const MovedKind& kind = *element.kind;
  const std::set<std::string> updatable = members_of(kind.update);
  std::set<std::string> differing;
  for (const json& one : found) differing.insert(one["Member"].get<std::string>());
  const bool any = std::any_of(found.begin(), found.end(),
                               [&](const json& one) { return contains(updatable, one["Member"]); });
  if (any) {
    // Members of a user only make sense together; a server that is up takes only some.
    json request = taken(element.content, kind.update_in_parts ? differing : updatable);
    request.update(names_of(kind, element.server, element.id));
    CO_TRY(co_await call_operation(context, std::string(kind.update), std::move(request)));
  }
  if (differing.contains("Tags")) CO_TRY(co_await change_tags(context, element.content, have));
  co_return co_await settle(context, element, have);
}

bool is_kept(const json& difference) {
  return difference.contains("Kept");
}

// Members that differ and that nothing can change.
std::string fixed_members(const MovedKind& kind, const json& found) {
  const std::set<std::string> all = compared_members(kind), updatable = members_of(kind.update);
  std::string out;
  for (const json& one : found) {
    const std::string name = one["Member"];
    if (is_kept(one) || name == "Tags" || !all.contains(name) || updatable.contains(name)) continue;
    out += (out.empty() ? "" : ", ") + name;
  }
  return out;
}

}  // namespace

Task<Outcome<ImportResult>> import_resource(const TransferContext& context, MovedElement element) {
  const MovedKind& kind = *element.kind;
  CO_TRY_ASSIGN(json have, co_await show(context, kind, element.server, element.id));
  if (kind.extras != nullptr && kind.extras->rename != nullptr) kind.extras->rename(have);
  if (have.is_null()) co_return co_await make(context, element);
  if (lacks_its_key(element, have))
    co_return ImportResult{
        "refused",
        {},
        "it is here without its private key, which nothing can add: delete it first"};
  json found = differences(element.content, have, compared_members(kind), !element.listed);
  if (kind.extras != nullptr && kind.extras->compare != nullptr)
    kind.extras->compare(element.content, have, found);
  if (std::all_of(found.begin(), found.end(), is_kept))
    co_return ImportResult{"same", std::move(found), ""};
  if (const std::string fixed = fixed_members(kind, found); !fixed.empty())
    co_return ImportResult{"refused", std::move(found),
                           "cannot be changed once it is made: " + fixed};
  json wanted = json::array();
  for (const json& one : found)
    if (!is_kept(one)) wanted.push_back(one);
  CO_TRY(co_await change(context, element, have, std::move(wanted)));
  co_return ImportResult{"changed", std::move(found), ""};
}

}  // namespace sallyport::api
