#include "api/transfer/references.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace sallyport::api {

namespace {

Fault in_use(std::string_view what, std::string_view user, const std::string& id) {
  return invalid_request(fmt::format("{} is still in use by {} {}", what, user, id));
}

// A profile's own certificates sign or decrypt, so their private keys are here.
Outcome<Done> check_fits(const model::Certificate& certificate, const std::string& profile_type) {
  if (profile_type != "LOCAL") return done();
  if (certificate.usage == "TLS")
    return invalid_request(fmt::format(
        "Certificate {} of usage TLS cannot be used by a LOCAL profile", certificate.id.str()));
  if (certificate.sealed_private_key.empty())
    return invalid_request(
        fmt::format("Certificate {} has no private key and cannot be used by a LOCAL profile",
                    certificate.id.str()));
  return done();
}

}  // namespace

Task<Outcome<ResourceChanges>> hold_certificates(const TransferContext& context,
                                                 std::string profile_type,
                                                 std::vector<std::string> certificates) {
  ResourceChanges changes;
  for (const std::string& id : certificates) {
    CO_TRY_ASSIGN(const auto stored, co_await load_stored<model::Certificate>(context, "", id));
    CO_TRY(check_fits(stored.value, profile_type));
    changes.push_back(hold(stored));
  }
  co_return changes;
}

Task<Outcome<ResourceChanges>> hold_profiles(const TransferContext& context, model::ProfileId local,
                                             model::ProfileId partner) {
  ResourceChanges changes;
  for (const bool is_local : {true, false}) {
    const std::string& id = is_local ? local.str() : partner.str();
    const char* type = is_local ? "LOCAL" : "PARTNER";
    CO_TRY_ASSIGN(const auto stored, co_await load_stored<model::Profile>(context, "", id));
    if (stored.value.type != type)
      co_return invalid_request(fmt::format("Profile {} is not of type {}", id, type));
    changes.push_back(hold(stored));
  }
  co_return changes;
}

Task<Outcome<ResourceChanges>> hold_workflows(const TransferContext& context,
                                              model::Server server) {
  std::set<std::string> ids;
  for (const auto* list : {&server.on_upload, &server.on_partial_upload})
    for (const model::WorkflowDetail& detail : *list) ids.insert(detail.workflow_id);
  ResourceChanges changes;
  for (const std::string& id : ids) {
    CO_TRY_ASSIGN(const auto stored, co_await load_stored<model::Workflow>(context, "", id));
    changes.push_back(hold(stored));
  }
  co_return changes;
}

Task<Outcome<Done>> check_certificate_unused(const TransferContext& context,
                                             model::CertificateId id) {
  CO_TRY_ASSIGN(const auto profiles, co_await load_all<model::Profile>(context, ""));
  for (const model::Profile& profile : profiles) {
    const auto& used = profile.certificate_ids;
    if (std::find(used.begin(), used.end(), id.str()) != used.end())
      co_return in_use("Certificate", "profile", profile.id.str());
  }
  co_return done();
}

Task<Outcome<Done>> check_profile_unused(const TransferContext& context, model::ProfileId id) {
  CO_TRY_ASSIGN(const auto connectors, co_await load_all<model::Connector>(context, ""));
  for (const model::Connector& connector : connectors) {
    if (!connector.as2) continue;
    if (connector.as2->local_profile_id == id || connector.as2->partner_profile_id == id)
      co_return in_use("Profile", "connector", connector.id.str());
  }
  CO_TRY_ASSIGN(const auto servers, co_await load_all<model::Server>(context, ""));
  for (const model::Server& server : servers) {
    CO_TRY_ASSIGN(const auto agreements,
                  co_await load_all<model::Agreement>(context, server.id.str()));
    for (const model::Agreement& agreement : agreements) {
      if (agreement.local_profile_id == id || agreement.partner_profile_id == id)
        co_return in_use("Profile", "agreement", agreement.id.str());
    }
  }
  co_return done();
}

Task<Outcome<Done>> check_server_unused(const TransferContext& context, model::ServerId id) {
  CO_TRY_ASSIGN(const auto connectors, co_await load_all<model::Connector>(context, ""));
  for (const model::Connector& connector : connectors) {
    if (!connector.as2 || !connector.as2->async_mdn) continue;
    const auto& used = connector.as2->async_mdn->server_ids;
    if (std::find(used.begin(), used.end(), id.str()) != used.end())
      co_return in_use("Server", "connector", connector.id.str());
  }
  co_return done();
}

Task<Outcome<Done>> check_workflow_unused(const TransferContext& context, model::WorkflowId id) {
  CO_TRY_ASSIGN(const auto servers, co_await load_all<model::Server>(context, ""));
  for (const model::Server& server : servers) {
    for (const auto* list : {&server.on_upload, &server.on_partial_upload})
      for (const model::WorkflowDetail& detail : *list)
        if (detail.workflow_id == id.str()) co_return in_use("Workflow", "server", server.id.str());
  }
  co_return done();
}

}  // namespace sallyport::api
