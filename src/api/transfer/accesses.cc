#include <nlohmann/json.hpp>

#include "api/transfer/grant_form.h"
#include "api/transfer/operations.h"
#include "api/transfer/stored.h"
#include "codec/json.h"

namespace sallyport::api {

namespace {

using model::Access;
using nlohmann::json;

constexpr std::string_view kDirectory = "AWS_DIRECTORY_SERVICE";

// A directory's groups may have more mappings than a user; their text is bounded instead.
Outcome<Done> check_access_form(const Access& access, const model::Server& server,
                                const TransferLimits& limits) {
  if (codec::write_json(mappings_json(access.home_directory_mappings)).size() >
      limits.access_mappings_bytes)
    return quota_exceeded("HomeDirectoryMappingsBytes", limits.access_mappings_bytes);
  return check_grant(access, server, limits);
}

json access_names(const Access& access) {
  return {{"ServerId", access.server_id.str()}, {"ExternalId", access.external_id}};
}

json listed_access(const Access& access) {
  json out = listed_grant(access);
  out["ExternalId"] = access.external_id;
  return out;
}

}  // namespace

Task<Outcome<json>> create_access(const TransferContext& context, json request) {
  CO_TRY_ASSIGN(const auto server, co_await load_server_of(context, server_id_of(request),
                                                           kDirectory, "create access"));
  Access access;
  access.server_id = server.id;
  access.external_id = text_of(request, "ExternalId");
  access.created = context.clock.wall();
  apply_grant_members(request, access);
  CO_TRY(check_access_form(access, server, context.limits));
  const auto quota = within_quota<Access>(server.id.str(), "AccessesPerServer",
                                          context.limits.accesses_per_server);
  auto inserted = co_await insert_of_server(context, server.id, access, quota);
  if (!inserted.ok()) {
    if (inserted.error().code != Errc::kAlreadyExists) co_return std::move(inserted).error();
    co_return Fault(Errc::kAlreadyExists, "Access already exists")
        .about("Access", access.external_id);
  }
  co_return access_names(access);
}

Task<Outcome<json>> describe_access(const TransferContext& context, json request) {
  const model::ServerId id = server_id_of(request);
  CO_TRY(co_await load_server(context, id));
  CO_TRY_ASSIGN(const auto stored,
                co_await load_stored<Access>(context, id.str(), text_of(request, "ExternalId")));
  json shown = described_grant(stored.value);
  shown["ExternalId"] = stored.value.external_id;
  co_return json{{"ServerId", id.str()}, {"Access", std::move(shown)}};
}

Task<Outcome<json>> update_access(const TransferContext& context, json request) {
  const model::ServerId id = server_id_of(request);
  CO_TRY_ASSIGN(const auto server, co_await load_server(context, id));
  const Change<Access> change = [&](Access& access) -> Outcome<bool> {
    apply_grant_members(request, access);
    TRY(check_access_form(access, server.value, context.limits));
    return true;
  };
  CO_TRY_ASSIGN(const auto access, co_await change_stored<Access>(
                                       context, id.str(), text_of(request, "ExternalId"), change));
  co_return access_names(access);
}

Task<Outcome<json>> delete_access(const TransferContext& context, json request) {
  const model::ServerId id = server_id_of(request);
  CO_TRY(co_await load_server(context, id));
  CO_TRY(co_await remove_stored<Access>(context, id.str(), text_of(request, "ExternalId")));
  co_return json();
}

Task<Outcome<json>> list_accesses(const TransferContext& context, json request) {
  const std::string id = text_of(request, "ServerId");
  CO_TRY(co_await load_server_of(context, server_id_of(request), kDirectory, "list accesses"));
  CO_TRY_ASSIGN(json answer,
                co_await list_stored<Access>(context, "ListAccesses|" + id, id, std::move(request),
                                             "Accesses", &listed_access));
  answer["ServerId"] = id;
  co_return answer;
}

}  // namespace sallyport::api
