#include "api/transfer/host_keys.h"

#include <algorithm>

#include "process/key_vault.h"

namespace sallyport::api {

namespace {

// More than a server can have.
constexpr std::uint32_t kAtOnce = 1000;

// A record without its key.
model::HostKeyRecord new_record(const TransferContext& context, const model::ServerId& server) {
  model::HostKeyRecord record;
  record.id = model::HostKeyId(new_id(context, "hostkey-"));
  record.server_id = server;
  record.date_imported = context.clock.wall();
  return record;
}

model::HostKeyRecord with_key(model::HostKeyRecord record, process::NewKey key) {
  record.type = std::move(key.type);
  record.fingerprint = std::move(key.fingerprint);
  record.sealed_private_key = std::move(key.sealed);
  return record;
}

bool contains(const std::vector<model::HostKeyRecord>& keys, const model::HostKeyId& id) {
  return std::any_of(keys.begin(), keys.end(), [&id](const auto& key) { return key.id == id; });
}

// What makes `after` of `before`.
std::vector<state::ResourceChange> difference(const std::vector<model::HostKeyRecord>& before,
                                              const std::vector<model::HostKeyRecord>& after) {
  std::vector<state::ResourceChange> changes;
  for (const auto& key : before)
    if (!contains(after, key.id))
      changes.push_back(HostKeys::removal(key.server_id.str(), key.id.str()));
  for (const auto& key : after)
    if (!contains(before, key.id)) changes.push_back(HostKeys::insertion(key));
  return changes;
}

}  // namespace

Task<Outcome<std::vector<model::HostKeyRecord>>> generate_host_keys(const TransferContext& context,
                                                                    model::ServerId server) {
  std::vector<model::HostKeyRecord> records;
  for (const auto type :
       {ssh::HostKeyType::kRsa3072, ssh::HostKeyType::kEcdsaP256, ssh::HostKeyType::kEd25519}) {
    model::HostKeyRecord record = new_record(context, server);
    std::string seal = host_key_seal_context(server, record.id);
    CO_TRY_ASSIGN(auto key, co_await context.host_keys.generate(type, std::move(seal)));
    records.push_back(with_key(std::move(record), std::move(key)));
  }
  co_return records;
}

Task<Outcome<model::HostKeyRecord>> read_host_key(const TransferContext& context,
                                                  model::ServerId server, SecretString body) {
  model::HostKeyRecord record = new_record(context, server);
  std::string seal = host_key_seal_context(server, record.id);
  auto key = co_await context.host_keys.import(std::move(body), std::move(seal));
  if (key.ok()) co_return with_key(std::move(record), std::move(*key));
  if (key.error().code == Errc::kInvalidArgument)
    co_return invalid_request("Invalid host key format");
  co_return std::move(key).error();
}

Task<Result<std::vector<model::HostKeyRecord>>> load_host_keys(state::ResourceStore& resources,
                                                               model::ServerId server) {
  CO_TRY_ASSIGN(auto page, co_await HostKeys(resources).list(server.str(), "", kAtOnce));
  std::vector<model::HostKeyRecord> keys;
  for (auto& item : page.items) keys.push_back(std::move(item.value));
  std::stable_sort(keys.begin(), keys.end(),
                   [](const auto& a, const auto& b) { return a.date_imported < b.date_imported; });
  co_return keys;
}

std::string shown_fingerprint(const std::vector<model::HostKeyRecord>& keys) {
  for (const auto& key : keys)
    if (key.type == "ssh-rsa") return key.fingerprint;
  return keys.empty() ? std::string() : keys.front().fingerprint;
}

Outcome<Done> replace_type(const TransferContext& context, std::vector<model::HostKeyRecord>& keys,
                           model::HostKeyRecord imported) {
  std::erase_if(keys, [&imported](const auto& key) { return key.type == imported.type; });
  if (keys.size() >= context.limits.host_keys_per_server)
    return quota_exceeded("HostKeysPerServer", context.limits.host_keys_per_server);
  keys.push_back(std::move(imported));
  return done();
}

Task<Outcome<Done>> change_host_keys(const TransferContext& context, model::ServerId server,
                                     HostKeysChange change, ServerChange also,
                                     Beside<model::Server> beside) {
  for (int attempt = 0;; ++attempt) {
    CO_TRY_ASSIGN(auto stored, co_await load_server(context, server));
    CO_TRY_ASSIGN(const auto before, co_await load_host_keys(context.resources, server));
    auto after = before;
    CO_TRY(change(after));
    if (also) CO_TRY(also(stored.value));
    stored.value.host_key_fingerprint = shown_fingerprint(after);
    ResourceChanges changes = difference(before, after);
    changes.push_back(Servers::updating(stored.value, stored.version));
    if (beside) {
      CO_TRY_ASSIGN(auto more, co_await beside(stored.value));
      append(changes, std::move(more));
    }
    CO_TRY_ASSIGN(const bool taken, co_await try_changes(context, std::move(changes), attempt));
    if (taken) co_return done();
  }
}

Fault unknown_host_key(const model::HostKeyId& id) {
  return unknown<model::HostKeyRecord>(id.str());
}

Task<Outcome<state::Versioned<model::HostKeyRecord>>> load_host_key(const TransferContext& context,
                                                                    model::ServerId server,
                                                                    model::HostKeyId id) {
  CO_TRY(co_await load_server(context, server));
  co_return co_await load_stored<model::HostKeyRecord>(context, server.str(), id.str());
}

Task<Outcome<model::HostKeyRecord>> change_host_key(const TransferContext& context,
                                                    model::ServerId server, model::HostKeyId id,
                                                    HostKeyChange change) {
  CO_TRY(co_await load_server(context, server));
  co_return co_await change_stored<model::HostKeyRecord>(context, server.str(), id.str(),
                                                         std::move(change));
}

}  // namespace sallyport::api
