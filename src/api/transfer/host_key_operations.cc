#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/transfer/host_keys.h"
#include "api/transfer/operations.h"

namespace sallyport::api {

namespace {

using model::HostKeyRecord;
using nlohmann::json;
using VersionedKey = state::Versioned<HostKeyRecord>;

constexpr int kConflictRetries = 8;

struct KeyName {
  model::ServerId server;
  model::HostKeyId key;
};
KeyName name_of(const json& request) {
  return {model::ServerId(text_of(request, "ServerId")),
          model::HostKeyId(text_of(request, "HostKeyId"))};
}

Fault unknown_host_key(const model::HostKeyId& id) {
  return Fault(Errc::kNotFound, "Unknown host key").about("HostKey", id.str());
}

Task<Outcome<VersionedKey>> load_host_key(const TransferContext& context, KeyName name) {
  CO_TRY(co_await load_server(context, name.server));
  auto found = co_await HostKeys(context.resources).get(name.server.str(), name.key.str());
  if (found.ok()) co_return std::move(found).value();
  if (found.error().code == Errc::kNotFound) co_return unknown_host_key(name.key);
  co_return std::move(found).error();
}

// What DescribeHostKey and ListHostKeys both show; they name the fingerprint differently.
json shown_key(const TransferContext& context, const HostKeyRecord& key, const char* fingerprint) {
  json out{{"Arn", context.place.host_key_arn(key.server_id, key.id)},
           {"HostKeyId", key.id.str()},
           {fingerprint, key.fingerprint},
           {"Type", key.type},
           {"DateImported", timestamp_json(key.date_imported)}};
  if (!key.description.empty()) out["Description"] = key.description;
  return out;
}

// Applies `changes` together with the fingerprint that the server shows from then on.
Task<Outcome<Done>> apply_with_fingerprint(const TransferContext& context, model::ServerId server,
                                           std::vector<HostKeyRecord> keys_after,
                                           std::vector<state::ResourceChange> changes) {
  const std::string fingerprint = shown_fingerprint(keys_after);
  const auto set = [&fingerprint](model::Server& stored) -> Outcome<bool> {
    stored.host_key_fingerprint = fingerprint;
    return true;
  };
  CO_TRY(co_await change_server(context, server, set, std::move(changes)));
  co_return done();
}

std::vector<HostKeyRecord> values_of(std::vector<VersionedKey> keys) {
  std::vector<HostKeyRecord> out;
  for (VersionedKey& key : keys) out.push_back(std::move(key.value));
  return out;
}

}  // namespace

Task<Outcome<json>> import_host_key(const TransferContext& context, json request) {
  const model::ServerId server(text_of(request, "ServerId"));
  CO_TRY(co_await load_server(context, server));
  CO_TRY_ASSIGN(auto record, co_await read_host_key(context, server,
                                                    SecretString(text_of(request, "HostKeyBody"))));
  record.description = text_of(request, "Description");
  CO_TRY_ASSIGN(record.tags, read_tags(request, "Tags"));
  CO_TRY_ASSIGN(auto stored, co_await load_host_keys(context, server));
  auto keys = values_of(std::move(stored));
  for (const HostKeyRecord& key : keys) {
    if (key.fingerprint != record.fingerprint) continue;
    co_return Fault(Errc::kAlreadyExists, "Host key already exists for this server")
        .about("HostKey", key.id.str());
  }
  if (keys.size() >= context.limits.host_keys_per_server)
    co_return quota_exceeded("HostKeysPerServer", context.limits.host_keys_per_server);
  keys.push_back(record);
  std::vector<state::ResourceChange> changes{HostKeys::insertion(record)};
  CO_TRY(co_await apply_with_fingerprint(context, server, std::move(keys), std::move(changes)));
  co_return json{{"ServerId", server.str()}, {"HostKeyId", record.id.str()}};
}

Task<Outcome<json>> describe_host_key(const TransferContext& context, json request) {
  CO_TRY_ASSIGN(const auto stored, co_await load_host_key(context, name_of(request)));
  json key = shown_key(context, stored.value, "HostKeyFingerprint");
  key["Tags"] = tags_json(stored.value.tags);
  co_return json{{"HostKey", std::move(key)}};
}

Task<Outcome<json>> update_host_key(const TransferContext& context, json request) {
  const KeyName name = name_of(request);
  const std::string description = text_of(request, "Description");
  const auto change = [&description](HostKeyRecord& key) -> Outcome<bool> {
    key.description = description;
    return true;
  };
  CO_TRY(co_await change_host_key(context, name.server, name.key, change));
  co_return json{{"ServerId", name.server.str()}, {"HostKeyId", name.key.str()}};
}

Task<Outcome<json>> delete_host_key(const TransferContext& context, json request) {
  const KeyName name = name_of(request);
  CO_TRY(co_await load_host_key(context, name));
  CO_TRY_ASSIGN(auto stored, co_await load_host_keys(context, name.server));
  auto keys = values_of(std::move(stored));
  std::erase_if(keys, [&name](const HostKeyRecord& key) { return key.id == name.key; });
  if (keys.empty())
    co_return invalid_request(
        "The last host key of a server cannot be deleted; import another first");
  std::vector<state::ResourceChange> changes{HostKeys::removal(name.server.str(), name.key.str())};
  auto applied =
      co_await apply_with_fingerprint(context, name.server, std::move(keys), std::move(changes));
  if (!applied.ok()) co_return std::move(applied).error();
  co_return json();
}

Task<Outcome<json>> list_host_keys(const TransferContext& context, json request) {
  const model::ServerId server(text_of(request, "ServerId"));
  CO_TRY(co_await load_server(context, server));
  const std::string listing = "ListHostKeys|" + server.str();
  CO_TRY_ASSIGN(const auto wanted, read_page_request(context, listing, request));
  CO_TRY_ASSIGN(
      const auto page,
      co_await HostKeys(context.resources).list(server.str(), wanted.after, wanted.limit));
  json keys = json::array();
  for (const VersionedKey& key : page.items)
    keys.push_back(shown_key(context, key.value, "Fingerprint"));
  json answer{{"ServerId", server.str()}, {"HostKeys", std::move(keys)}};
  if (page.more)
    answer["NextToken"] = context.tokens.make(listing, page.items.back().value.id.str());
  co_return answer;
}

Task<Outcome<HostKeyRecord>> change_host_key(const TransferContext& context, model::ServerId server,
                                             model::HostKeyId id, HostKeyChange change) {
  for (int attempt = 0;; ++attempt) {
    const KeyName name{server, id};
    CO_TRY_ASSIGN(auto stored, co_await load_host_key(context, name));
    CO_TRY_ASSIGN(const bool changed, change(stored.value));
    if (!changed) co_return std::move(stored.value);
    auto updated = co_await HostKeys(context.resources).update(stored.value, stored.version);
    if (updated.ok()) co_return std::move(stored.value);
    const Errc code = updated.error().code;
    const bool again = code == Errc::kConflict || code == Errc::kNotFound;
    if (!again || attempt == kConflictRetries) co_return std::move(updated).error();
  }
}

}  // namespace sallyport::api
