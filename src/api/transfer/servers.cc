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
using Agreements = state::Repository<model::Agreement>;

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

// The store's view of an update, made once more for each attempt.
Outcome<bool> apply_update(const TransferContext& context, const json& request,
                           model::Server& server) {
  const model::Server before = server;
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

// What is in the way of a server's end.
Task<Outcome<Done>> check_deletion(const TransferContext& context, const model::Server& server) {
  const std::string id = server.id.str();
  // Those whom another identity provider left behind are in nobody's way: they cannot be listed.
  const std::string& provider = server.identity_provider_type;
  CO_TRY_ASSIGN(const auto users, co_await Users(context.resources).count(id));
  if (users > 0 && provider == "SERVICE_MANAGED")
    co_return invalid_request("Server has users; delete them before deleting the server");
  CO_TRY_ASSIGN(const auto agreements, co_await Agreements(context.resources).count(id));
  if (agreements > 0)
    co_return invalid_request("Server has agreements; delete them before deleting the server");
  CO_TRY_ASSIGN(const auto accesses, co_await Accesses(context.resources).count(id));
  if (accesses > 0 && provider == "AWS_DIRECTORY_SERVICE")
    co_return invalid_request("Server has accesses; delete them before deleting the server");
  co_return co_await check_server_unused(context, server.id);
}

}  // namespace

Task<Outcome<json>> create_server(const TransferContext& context, json request) {
  model::Server server;
  server.domain = request.value("Domain", server.domain);
  CO_TRY(apply_server_members(request, server));
  CO_TRY(check_new_server(request, server));
  if (server.endpoint_type == "VPC_ENDPOINT")
    CO_TRY(co_await check_vpc_endpoint_allowed(context, server.id));
  give_vpc_endpoint(context, server);
  CO_TRY_ASSIGN(server.tags, read_tags(request, "Tags"));
  CO_TRY(
      co_await check_room<model::Server>(context, "", "ServersPerAccount", context.limits.servers));

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
  CO_TRY(co_await insert_stored(context, server, beside));
  co_return json{{"ServerId", server.id.str()}};
}

Task<Outcome<json>> describe_server(const TransferContext& context, json request) {
  CO_TRY_ASSIGN(const auto stored, co_await load_server(context, server_id_of(request)));
  CO_TRY_ASSIGN(const auto users, co_await Users(context.resources).count(stored.value.id.str()));
  co_return json{{"Server", described_server(stored.value, users)}};
}

Task<Outcome<json>> update_server(const TransferContext& context, json request) {
  const model::ServerId id = server_id_of(request);
  const ServerChange update = [&](model::Server& server) {
    return apply_update(context, request, server);
  };
  const Beside<model::Server> beside = [&context](const model::Server& server) {
    return hold_workflows(context, server);
  };
  if (text_of(request, "EndpointType") == "VPC_ENDPOINT") {
    CO_TRY_ASSIGN(const auto stored, co_await load_server(context, id));
    if (stored.value.endpoint_type != "VPC_ENDPOINT")
      CO_TRY(co_await check_vpc_endpoint_allowed(context, id));
  }
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
    CO_TRY(co_await check_deletion(context, stored.value));
    ResourceChanges changes{hold(stored), Servers::removal("", id.str())};
    changes.push_back(Accesses::removal_of_all(id.str()));
    changes.push_back(Agreements::removal_of_all(id.str()));
    changes.push_back(HostKeys::removal_of_all(id.str()));
    changes.push_back(Users::removal_of_all(id.str()));
    CO_TRY_ASSIGN(const bool taken, co_await try_changes(context, std::move(changes), attempt));
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
