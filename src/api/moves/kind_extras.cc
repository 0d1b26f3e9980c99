#include "api/moves/kind_extras.h"

#include <nlohmann/json.hpp>
#include <tuple>

#include "api/transfer/operations.h"
#include "api/transfer/server_form.h"

namespace sallyport::api {

namespace {

using nlohmann::json;

bool should_run(const json& server) {
  const std::string state = text_of(server, "State");
  return state != "OFFLINE" && state != "STOPPING" && state != "STOP_FAILED";
}

// DescribeServer does not show them.
void add_security_groups(const json& document, json& shown) {
  if (!shown.contains("EndpointDetails") || !document.contains("EndpointDetails")) return;
  const json groups = document["EndpointDetails"].value("SecurityGroupIds", json::array());
  if (!groups.empty()) shown["EndpointDetails"]["SecurityGroupIds"] = groups;
}

// The id of an endpoint that AWS made says nothing here, and comes with a new VPC endpoint.
void drop_made_endpoint(json& server) {
  if (text_of(server, "EndpointType") == "VPC" && server.contains("EndpointDetails"))
    server["EndpointDetails"].erase("VpcEndpointId");
}

// CreateServer does not take them.
void drop_addresses(json& request) {
  if (request.contains("EndpointDetails")) request["EndpointDetails"].erase("AddressAllocationIds");
}

// UpdateServer would want the new server stopped first.
Task<Outcome<Done>> settle_addresses(const TransferContext& context, json want) {
  const json details = want.value("EndpointDetails", json::object());
  const auto addresses = texts_of(details, "AddressAllocationIds");
  if (addresses.empty()) co_return done();
  const ServerChange put = [&addresses](model::Server& server) -> Outcome<bool> {
    if (!server.endpoint_details) return false;
    server.endpoint_details->address_allocation_ids = addresses;
    TRY(check_server(server));
    return true;
  };
  CO_TRY(co_await change_server(context, server_id_of(want), put));
  co_return done();
}

void compare_state(const json& want, const json& have, json& differences) {
  if (!want.contains("State") || should_run(want) == should_run(have)) return;
  differences.push_back({{"Member", "State"}, {"Here", have["State"]}, {"File", want["State"]}});
}

Task<Outcome<Done>> settle_server(const TransferContext& context, json want, json have) {
  if (have.is_null()) CO_TRY(co_await settle_addresses(context, want));
  // A new server starts by itself.
  const bool running = have.is_null() || should_run(have);
  if (!want.contains("State") || should_run(want) == running) co_return done();
  const json request{{"ServerId", want["ServerId"]}};
  if (running) {
    CO_TRY(co_await stop_server(context, request));
  } else {
    CO_TRY(co_await start_server(context, request));
  }
  co_return done();
}

// A web app's details carry another name when they are described, and what the service gave; so is
// an AccessEndpoint that is the app's own address.
void rename_described(json& shown) {
  if (shown.is_object() && text_of(shown, "AccessEndpoint") == text_of(shown, "WebAppEndpoint"))
    shown.erase("AccessEndpoint");
  for (const auto& [details, part, given] :
       {std::tuple("IdentityProviderDetails", "IdentityCenterConfig", "ApplicationArn"),
        std::tuple("EndpointDetails", "Vpc", "VpcEndpointId")}) {
    const std::string described = std::string("Described") + details;
    if (!shown.contains(described)) continue;
    json value = std::move(shown[described]);
    shown.erase(described);
    if (value.is_object() && value.contains(part) && value[part].is_object())
      value[part].erase(given);
    shown[details] = std::move(value);
  }
}

bool has_key(const json& user, const json& key) {
  if (!user.is_object()) return false;
  for (const json& one : user.value("SshPublicKeys", json::array()))
    if (one.value("SshPublicKeyBody", "") == key.value("SshPublicKeyBody", "")) return true;
  return false;
}

json keys_of(const json& user) {
  const auto it = user.find("SshPublicKeys");
  return it != user.end() && it->is_array() ? *it : json::array();
}

void compare_keys(const json& want, const json& have, json& differences) {
  if (!want.contains("SshPublicKeys")) return;
  for (const json& key : keys_of(want))
    if (key.is_object() && !has_key(have, key))
      differences.push_back({{"Member", "SshPublicKeys"},
                             {"Here", nullptr},
                             {"File", key.value("SshPublicKeyBody", "")}});
  for (const json& key : keys_of(have))
    if (!has_key(want, key))
      differences.push_back({{"Member", "SshPublicKeys"},
                             {"Here", key.value("SshPublicKeyBody", "")},
                             {"Kept", true}});
}

Task<Outcome<Done>> settle_keys(const TransferContext& context, json want, json have) {
  for (const json& key : keys_of(want)) {
    if (!key.is_object() || has_key(have, key)) continue;
    TransferContext with = context;
    with.given_id = text_of(key, "SshPublicKeyId");
    const json request{{"ServerId", want["ServerId"]},
                       {"UserName", want["UserName"]},
                       {"SshPublicKeyBody", text_of(key, "SshPublicKeyBody")}};
    CO_TRY(co_await import_ssh_public_key(with, request));
  }
  co_return done();
}

}  // namespace

const MovedExtras kServerExtras{.complete = &add_security_groups,
                                .rename = &drop_made_endpoint,
                                .prepare = &drop_addresses,
                                .compare = &compare_state,
                                .settle = &settle_server};
const MovedExtras kUserExtras{.compare = &compare_keys, .settle = &settle_keys};
const MovedExtras kWebAppExtras{.rename = &rename_described};

}  // namespace sallyport::api
