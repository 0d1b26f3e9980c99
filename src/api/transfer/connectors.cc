#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "api/transfer/connector_form.h"
#include "api/transfer/operations.h"
#include "api/transfer/references.h"

namespace sallyport::api {

namespace {

using model::Connector;
using nlohmann::json;

constexpr const char* kDefaultPolicy = "TransferSFTPConnectorSecurityPolicy-2024-03";

// Its profiles, and the servers that take asynchronous receipts, are there and stay for as long as
// the connector names them; the servers speak AS2.
Task<Outcome<ResourceChanges>> check_and_hold(const TransferContext& context, Connector connector) {
  ResourceChanges changes;
  if (!connector.as2) co_return changes;
  const model::As2Config& as2 = *connector.as2;
  if (as2.async_mdn) {
    const auto& given = as2.async_mdn->server_ids;
    const std::set<std::string> ids(given.begin(), given.end());
    for (const std::string& id : ids) {
      CO_TRY_ASSIGN(const auto server, co_await load_server(context, model::ServerId(id)));
      const auto& protocols = server.value.protocols;
      if (std::find(protocols.begin(), protocols.end(), "AS2") == protocols.end())
        co_return invalid_request("Server " + id + " does not have protocol: AS2");
      changes.push_back(hold(server));
    }
  }
  CO_TRY_ASSIGN(auto profiles,
                co_await hold_profiles(context, as2.local_profile_id, as2.partner_profile_id));
  append(changes, std::move(profiles));
  co_return changes;
}

Beside<Connector> with_references(const TransferContext& context) {
  return [&context](const Connector& connector) { return check_and_hold(context, connector); };
}

ResourceChanges quota_of(const TransferContext& context, bool as2) {
  return within_quota<Connector>(
      "", as2 ? "As2ConnectorsPerAccount" : "SftpConnectorsPerAccount", context.limits.connectors,
      [as2](const Connector& connector) { return connector.as2.has_value() == as2; });
}

Outcome<Connector> new_connector(const TransferContext& context, const json& request) {
  Connector out;
  const bool as2 = request.contains("As2Config");
  if (as2 == request.contains("SftpConfig"))
    return invalid_request("Must specify either As2Config or SftpConfig");
  if (as2) {
    out.as2.emplace();
  } else {
    out.sftp.emplace();
    out.security_policy_name = kDefaultPolicy;
  }
  out.id = model::ConnectorId(new_id(context, "c-"));
  out.created = context.clock.wall();
  TRY(apply_connector_members(request, out));
  TRY(check_connector(out));
  TRY_ASSIGN(out.tags, read_tags(request, "Tags"));
  return out;
}

}  // namespace

Task<Outcome<json>> create_connector(const TransferContext& context, json request) {
  CO_TRY_ASSIGN(const auto connector, new_connector(context, request));
  const auto quota = quota_of(context, connector.as2.has_value());
  CO_TRY(co_await insert_stored(context, connector, quota, with_references(context)));
  co_return json{{"ConnectorId", connector.id.str()}};
}

Task<Outcome<json>> describe_connector(const TransferContext& context, json request) {
  CO_TRY_ASSIGN(const auto stored,
                co_await load_stored<Connector>(context, "", text_of(request, "ConnectorId")));
  co_return json{{"Connector", described_connector(context.place, stored.value)}};
}

Task<Outcome<json>> update_connector(const TransferContext& context, json request) {
  const std::string id = text_of(request, "ConnectorId");
  const Change<Connector> change = [&request](Connector& connector) -> Outcome<bool> {
    TRY(apply_connector_members(request, connector));
    TRY(check_connector(connector));
    return true;
  };
  CO_TRY(co_await change_stored<Connector>(context, "", id, change, with_references(context)));
  co_return json{{"ConnectorId", id}};
}

Task<Outcome<json>> delete_connector(const TransferContext& context, json request) {
  CO_TRY(co_await remove_stored<Connector>(context, "", text_of(request, "ConnectorId")));
  co_return json();
}

Task<Outcome<json>> list_connectors(const TransferContext& context, json request) {
  const Shown<Connector> show = [&context](const Connector& connector) {
    return listed_connector(context.place, connector);
  };
  co_return co_await list_stored<Connector>(context, "ListConnectors", "", std::move(request),
                                            "Connectors", show);
}

}  // namespace sallyport::api
