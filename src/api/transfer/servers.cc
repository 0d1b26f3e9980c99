#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/transfer/host_keys.h"
#include "api/transfer/operations.h"
#include "api/transfer/references.h"
#include "api/transfer/server_endpoint.h"
#include "api/transfer/server_form.h"
#include "session/registry.h"

namespace sallyport::api {

namespace {

using nlohmann::json;
using Accesses = state::Repository<model::Access>;

Task<Outcome<std::vector<model::HostKeyRecord>>> new_host_keys(const TransferContext& context,
                                                               model::ServerId id,
                                                               SecretString body) {
  std::optional<model::HostKeyRecord> imported;
  if (!body.empty()) {
    CO_TRY_ASSIGN(imported, co_await read_host_key(context, id, std::move(body)));
  }
  CO_TRY_ASSIGN(auto keys, co_await generate_host_keys(context, id));
  if (imported) CO_TRY(replace_type(context, keys, std::move(*imported)));
  co_return keys;
}

// What comes with a new server.
Task<Outcome<ResourceChanges>> with_keys(const TransferContext& context, model::Server server,
                                         std::vector<model::HostKeyRecord> keys) {
  CO_TRY_ASSIGN(auto changes, co_await hold_workflows(context, server));
  for (const auto& key : keys) changes.push_back(HostKeys::insertion(key));
  co_return changes;
}

ResourceChanges quotas_of(const TransferContext& context, const model::Server& server) {
  auto quotas = within_quota<model::Server>("", "ServersPerAccount", context.limits.servers);
  if (is_vpc_endpoint(server)) append(quotas, within_vpc_endpoint_quota(context));
  return quotas;
}

// What comes with an update.
Task<Outcome<ResourceChanges>> beside_update(const TransferContext& context, model::Server server,
                                             bool turned_vpc_endpoint) {
  CO_TRY_ASSIGN(auto changes, co_await hold_workflows(context, std::move(server)));
  if (turned_vpc_endpoint) append(changes, within_vpc_endpoint_quota(context));
  co_return changes;
}

// The store's view of an update, made once more for each attempt.
Outcome<bool> apply_update(const TransferContext& context, const json& request,
                           model::Server& server) {
  const model::Server before = server;
  if (text_of(request, "EndpointType") == "VPC_ENDPOINT" && !is_vpc_endpoint(before))
    TRY(check_vpc_endpoint_allowed(context));
  // Details of the kind that is left behind do not carry over.
  if (request.contains("EndpointType") && text_of(request, "EndpointType") != before.endpoint_type)
    server.endpoint_details.reset();
  // Users and accesses of the provider that is left stay, unasked: documents say that they are not
  // migrated, not that they are lost, and so a change can be taken back.
  if (request.contains("IdentityProviderType") &&
      text_of(request, "IdentityProviderType") != before.identity_provider_type)
    server.identity_provider_details.reset();
  TRY(apply_server_members(request, server));
  TRY(check_server_change(request, before, server));
  give_vpc_endpoint(context, server);
  return true;
}

Outcome<bool> begin_start(model::Server& server) {
  switch (server.state) {
    case model::ServerState::kOnline:
    case model::ServerState::kStarting: return false;
    case model::ServerState::kOffline:
    case model::ServerState::kStopping:
    case model::ServerState::kStartFailed:
    case model::ServerState::kStopFailed: break;
  }
  server.state = model::ServerState::kStarting;
  server.state_reason.clear();
  return true;
}

Outcome<bool> begin_stop(model::Server& server) {
  if (server.state == model::ServerState::kOffline || server.state == model::ServerState::kStopping)
    return false;
  server.state = model::ServerState::kStopping;
  server.state_reason.clear();
  return true;
}

template <class T>
state::ResourceChange none_of(const std::string& server, const char* what) {
  return state::Repository<T>::at_most(
      0, server, fmt::format("Server has {}; delete them before deleting the server", what));
}

// The end of a server in whose way nothing is.
ResourceChanges deletion_of(const state::Versioned<model::Server>& stored) {
  const std::string id = stored.value.id.str();
  const std::string& provider = stored.value.identity_provider_type;
  ResourceChanges changes{hold(stored), Servers::removal("", id)};
  // Those whom another identity provider left behind are in nobody's way: they cannot be listed.
  if (provider == "SERVICE_MANAGED") changes.push_back(none_of<model::User>(id, "users"));
  changes.push_back(none_of<model::Agreement>(id, "agreements"));
  if (provider == "AWS_DIRECTORY_SERVICE")
    changes.push_back(none_of<model::Access>(id, "accesses"));
  changes.push_back(Accesses::removal_of_all(id));
  changes.push_back(HostKeys::removal_of_all(id));
  changes.push_back(Users::removal_of_all(id));
  return changes;
}

}  // namespace

Task<Outcome<json>> create_server(const TransferContext& context, json request) {
  model::Server server;
  server.domain = request.value("Domain", server.domain);
  CO_TRY(apply_server_members(request, server));
  CO_TRY(check_new_server(request, server));
  if (is_vpc_endpoint(server)) CO_TRY(check_vpc_endpoint_allowed(context));
  give_vpc_endpoint(context, server);
  CO_TRY_ASSIGN(server.tags, read_tags(request, "Tags"));

  server.id = model::ServerId(new_id(context, "s-"));
  server.arn = context.place.server_arn(server.id);
  server.created = context.clock.wall();
  server.state = model::ServerState::kStarting;
  CO_TRY_ASSIGN(const auto keys, co_await new_host_keys(context, server.id,
                                                        SecretString(text_of(request, "HostKey"))));
  server.host_key_fingerprint = shown_fingerprint(keys);

  const Beside<model::Server> beside = [&](const model::Server&) {
    return with_keys(context, server, keys);
  };
  CO_TRY(co_await insert_stored(context, server, quotas_of(context, server), beside));
  co_return json{{"ServerId", server.id.str()}};
}

Task<Outcome<json>> describe_server(const TransferContext& context, json request) {
  CO_TRY_ASSIGN(const auto stored, co_await load_server(context, server_id_of(request)));
  CO_TRY_ASSIGN(const auto users, co_await Users(context.resources).count(stored.value.id.str()));
  co_return json{{"Server", described_server(stored.value, users)}};
}

Task<Outcome<json>> update_server(const TransferContext& context, json request) {
  const model::ServerId id = server_id_of(request);
  bool turned = false;
  const ServerChange update = [&](model::Server& server) -> Outcome<bool> {
    const bool was = is_vpc_endpoint(server);
    TRY_ASSIGN(const bool changed, apply_update(context, request, server));
    turned = !was && is_vpc_endpoint(server);
    return changed;
  };
  const Beside<model::Server> beside = [&](const model::Server& server) {
    return beside_update(context, server, turned);
  };
  SecretString body(text_of(request, "HostKey"));
  if (body.empty()) {
    CO_TRY(co_await change_stored<model::Server>(context, "", id.str(), update, beside));
  } else {
    CO_TRY(co_await load_server(context, id));
    CO_TRY_ASSIGN(const auto imported, co_await read_host_key(context, id, std::move(body)));
    const HostKeysChange replace = [&](std::vector<model::HostKeyRecord>& keys) {
      return replace_type(context, keys, imported);
    };
    CO_TRY(co_await change_host_keys(context, id, replace, update, beside));
  }
  co_return json{{"ServerId", id.str()}};
}

Task<Outcome<json>> delete_server(const TransferContext& context, json request) {
  const model::ServerId id = server_id_of(request);
  for (int attempt = 0;; ++attempt) {
    CO_TRY_ASSIGN(const auto stored, co_await load_server(context, id));
    CO_TRY(co_await check_server_unused(context, id));
    CO_TRY_ASSIGN(const bool taken, co_await try_changes(context, deletion_of(stored), attempt));
    if (taken) break;
  }
  context.sessions.end_server(id);
  co_return json();
}

Task<Outcome<json>> list_servers(const TransferContext& context, json request) {
  constexpr std::string_view kListing = "ListServers";
  CO_TRY_ASSIGN(const auto wanted, read_page_request(context, kListing, request));
  CO_TRY_ASSIGN(const auto page,
                co_await Servers(context.resources).list("", wanted.after, wanted.limit));
  json servers = json::array();
  for (const auto& server : page.items) {
    CO_TRY_ASSIGN(const auto users, co_await Users(context.resources).count(server.value.id.str()));
    servers.push_back(listed_server(server.value, users));
  }
  json answer = {{"Servers", std::move(servers)}};
  if (page.more)
    answer["NextToken"] = context.tokens.make(kListing, page.items.back().value.id.str());
  co_return answer;
}

Task<Outcome<json>> start_server(const TransferContext& context, json request) {
  CO_TRY(co_await change_server(context, server_id_of(request), &begin_start));
  co_return json();
}

Task<Outcome<json>> stop_server(const TransferContext& context, json request) {
  const model::ServerId id = server_id_of(request);
  CO_TRY(co_await change_server(context, id, &begin_stop));
  context.sessions.end_server(id);
  co_return json();
}

}  // namespace sallyport::api
