#include <nlohmann/json.hpp>

#include "api/transfer/grant_form.h"
#include "api/transfer/operations.h"
#include "api/transfer/ssh_keys.h"
#include "api/transfer/stored.h"
#include "session/registry.h"

namespace sallyport::api {

namespace {

using nlohmann::json;

constexpr std::string_view kManaging = "SERVICE_MANAGED";

json keys_json(const std::vector<model::SshPublicKey>& keys) {
  json out = json::array();
  for (const auto& key : keys) {
    out.push_back({{"DateImported", timestamp_json(key.date_imported)},
                   {"SshPublicKeyBody", key.body},
                   {"SshPublicKeyId", key.id.str()}});
  }
  return out;
}

json listed_user(const model::User& user) {
  json out = listed_grant(user);
  out["Arn"] = user.arn;
  out["SshPublicKeyCount"] = user.ssh_public_keys.size();
  out["UserName"] = user.user_name;
  return out;
}

json described_user(const model::User& user) {
  json out = described_grant(user);
  out["Arn"] = user.arn;
  out["SshPublicKeys"] = keys_json(user.ssh_public_keys);
  out["Tags"] = tags_json(user.tags);
  out["UserName"] = user.user_name;
  return out;
}

Outcome<Done> check_user(const model::User& user, const model::Server& server,
                         const TransferLimits& limits) {
  if (user.home_directory_mappings.size() > limits.home_directory_mappings)
    return quota_exceeded("HomeDirectoryMappings", limits.home_directory_mappings);
  return check_grant(user, server, limits);
}

json user_names(const model::User& user) {
  return {{"ServerId", user.server_id.str()}, {"UserName", user.user_name}};
}

Outcome<model::User> new_user(const TransferContext& context, const json& request,
                              const model::Server& server) {
  model::User user;
  user.server_id = server.id;
  user.user_name = text_of(request, "UserName");
  if (user.user_name == "root") return invalid_request("User name root is not allowed");
  user.arn = context.place.user_arn(server.id, user.user_name);
  user.created = context.clock.wall();
  apply_grant_members(request, user);
  TRY(check_user(user, server, context.limits));
  TRY_ASSIGN(user.tags, read_tags(request, "Tags"));
  if (const std::string body = text_of(request, "SshPublicKeyBody"); !body.empty())
    TRY(add_ssh_public_key(context, body, user));
  return user;
}

}  // namespace

Task<Outcome<json>> create_user(const TransferContext& context, json request) {
  CO_TRY_ASSIGN(const auto server,
                co_await load_server_of(context, server_id_of(request), kManaging, "create user"));
  CO_TRY_ASSIGN(const auto user, new_user(context, request, server));
  const auto quota =
      within_quota<model::User>(server.id.str(), "UsersPerServer", context.limits.users_per_server);
  auto inserted = co_await insert_of_server(context, server.id, user, quota);
  if (!inserted.ok()) {
    if (inserted.error().code != Errc::kAlreadyExists) co_return std::move(inserted).error();
    co_return Fault(Errc::kAlreadyExists, "User already exists").about("User", user.user_name);
  }
  co_return user_names(user);
}

Task<Outcome<json>> describe_user(const TransferContext& context, json request) {
  const model::ServerId id = server_id_of(request);
  CO_TRY(co_await load_server(context, id));
  CO_TRY_ASSIGN(const auto stored, co_await load_user(context, id, text_of(request, "UserName")));
  co_return json{{"ServerId", id.str()}, {"User", described_user(stored.value)}};
}

Task<Outcome<json>> update_user(const TransferContext& context, json request) {
  const model::ServerId id = server_id_of(request);
  CO_TRY_ASSIGN(const auto server, co_await load_server(context, id));
  CO_TRY_ASSIGN(const auto user,
                co_await change_user(context, id, text_of(request, "UserName"),
                                     [&](model::User& changed) -> Outcome<bool> {
                                       apply_grant_members(request, changed);
                                       TRY(check_user(changed, server.value, context.limits));
                                       return true;
                                     }));
  co_return user_names(user);
}

Task<Outcome<json>> delete_user(const TransferContext& context, json request) {
  const model::ServerId id = server_id_of(request);
  const std::string name = text_of(request, "UserName");
  CO_TRY(co_await load_server(context, id));
  auto removed = co_await Users(context.resources).remove(id.str(), name);
  if (!removed.ok()) {
    if (removed.error().code == Errc::kNotFound) co_return unknown_user(name);
    co_return std::move(removed).error();
  }
  context.sessions.end_user(id, name);
  co_return json();
}

Task<Outcome<json>> list_users(const TransferContext& context, json request) {
  const model::ServerId id = server_id_of(request);
  CO_TRY(co_await load_server_of(context, id, kManaging, "list users"));
  CO_TRY_ASSIGN(json answer,
                co_await list_stored<model::User>(context, "ListUsers|" + id.str(), id.str(),
                                                  std::move(request), "Users", &listed_user));
  answer["ServerId"] = id.str();
  co_return answer;
}

}  // namespace sallyport::api
