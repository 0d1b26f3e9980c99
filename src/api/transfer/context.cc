#include "api/transfer/context.h"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>

#include "api/transfer/stored.h"
#include "model/compatibility.h"
#include "model/port_tag.h"

namespace sallyport::api {

using nlohmann::json;

namespace {

constexpr int kMoreAttempts = 8;

}  // namespace

bool moved_underneath(const Error& error) {
  return error.code == Errc::kConflict || error.code == Errc::kNotFound;
}

bool made_or_moved_underneath(const Error& error) {
  return moved_underneath(error) || error.code == Errc::kAlreadyExists;
}

Task<Result<bool>> try_changes(const TransferContext& context,
                               std::vector<state::ResourceChange> changes, int attempt,
                               bool (*again)(const Error&)) {
  auto applied = co_await context.resources.apply(std::move(changes));
  if (applied.ok()) co_return true;
  if (again(applied.error()) && attempt < kMoreAttempts) co_return false;
  co_return std::move(applied).error();
}

void append(ResourceChanges& changes, ResourceChanges more) {
  changes.insert(changes.end(), std::make_move_iterator(more.begin()),
                 std::make_move_iterator(more.end()));
}

Task<Outcome<ResourceChanges>> require_server(const TransferContext& context,
                                              model::ServerId server) {
  CO_TRY(co_await load_server(context, server));
  co_return ResourceChanges{Servers::required("", server.str())};
}

std::string new_id(const TransferContext& context, std::string_view prefix) {
  if (context.given_id.starts_with(prefix)) return context.given_id;
  return std::string(prefix) + context.random.hex(17);
}

std::string host_key_seal_context(const model::ServerId& server, const model::HostKeyId& key) {
  return fmt::format("hostkey:{}/{}", server.str(), key.str());
}

Fault unknown_server(const model::ServerId& id) {
  return unknown<model::Server>(id.str());
}

Fault unknown_user(std::string_view user_name) {
  return unknown<model::User>(std::string(user_name));
}

Fault invalid_request(std::string message) {
  return {Errc::kInvalidArgument, std::move(message)};
}

Fault quota_exceeded(std::string_view what, std::uint32_t limit) {
  return {Errc::kLimitExceeded, fmt::format("Cannot exceed quota for {}: {}", what, limit)};
}

Task<Outcome<state::Versioned<model::Server>>> load_server(const TransferContext& context,
                                                           model::ServerId id) {
  return load_stored<model::Server>(context, "", id.str());
}

Task<Outcome<model::Server>> load_server_of(const TransferContext& context, model::ServerId id,
                                            std::string_view provider_type, std::string_view act) {
  CO_TRY_ASSIGN(auto stored, co_await load_server(context, std::move(id)));
  if (stored.value.identity_provider_type != provider_type) {
    co_return invalid_request(fmt::format("Cannot {} on server with IdP type: {}", act,
                                          stored.value.identity_provider_type));
  }
  co_return std::move(stored.value);
}

Task<Outcome<state::Versioned<model::User>>> load_user(const TransferContext& context,
                                                       model::ServerId id, std::string user_name) {
  return load_stored<model::User>(context, id.str(), std::move(user_name));
}

Task<Outcome<model::Server>> change_server(const TransferContext& context, model::ServerId id,
                                           ServerChange change) {
  return change_stored<model::Server>(context, "", id.str(), std::move(change));
}

Task<Outcome<model::User>> change_user(const TransferContext& context, model::ServerId id,
                                       std::string user_name, UserChange change) {
  return change_stored<model::User>(context, id.str(), std::move(user_name), std::move(change));
}

Outcome<PageRequest> read_page_request(const TransferContext& context, std::string_view listing,
                                       const json& request) {
  PageRequest page;
  page.limit = request.value("MaxResults", page.limit);
  if (request.contains("NextToken")) {
    TRY_ASSIGN(page.after, context.tokens.open(text_of(request, "NextToken"), listing));
  }
  return page;
}

std::string text_of(const json& in, std::string_view member) {
  const auto it = in.find(member);
  return it == in.end() ? std::string() : it->get<std::string>();
}

model::ServerId server_id_of(const json& in) {
  return model::ServerId(text_of(in, "ServerId"));
}

void set_text(const json& in, std::string_view member, std::string& out) {
  if (in.contains(member)) out = text_of(in, member);
}

void set_texts(const json& in, std::string_view member, std::vector<std::string>& out) {
  if (in.contains(member)) out = texts_of(in, member);
}

void put_text(json& out, const char* member, const std::string& value) {
  if (!value.empty()) out[member] = value;
}

void put_texts(json& out, const char* member, const std::vector<std::string>& values) {
  if (!values.empty()) out[member] = values;
}

std::vector<std::string> texts_of(const json& in, std::string_view member) {
  const auto it = in.find(member);
  return it == in.end() ? std::vector<std::string>() : it->get<std::vector<std::string>>();
}

Outcome<std::vector<model::Tag>> read_tags(const json& in, std::string_view member) {
  std::vector<model::Tag> tags;
  std::vector<std::string> keys;
  const auto it = in.find(member);
  if (it == in.end()) return tags;
  for (const auto& tag : *it) {
    model::Tag next{text_of(tag, "Key"), text_of(tag, "Value")};
    if (next.key.empty()) return invalid_request("Tag keys must not be empty");
    keys.push_back(next.key);
    tags.push_back(std::move(next));
  }
  TRY(check_unique(keys, "Tag keys"));
  if (const auto said = model::tagged_compatibility(tags); !said.ok())
    return invalid_request(said.error().message);
  if (const auto ports = model::tagged_ports(tags); !ports.ok())
    return invalid_request(ports.error().message);
  return tags;
}

json tags_json(const std::vector<model::Tag>& tags) {
  json out = json::array();
  for (const auto& tag : tags) out.push_back({{"Key", tag.key}, {"Value", tag.value}});
  return out;
}

json timestamp_json(WallTime time) {
  return static_cast<double>(to_unix_ms(time)) / 1000.0;
}

}  // namespace sallyport::api
