#include "api/transfer/host_keys.h"

#include <algorithm>

#include "crypto/seal.h"
#include "net/blocking_pool.h"
#include "ssh/host_key.h"

namespace sallyport::api {

namespace {

Outcome<model::HostKeyRecord> to_record(const TransferContext& context,
                                        const model::ServerId& server, const ssh::HostKey& key) {
  model::HostKeyRecord record;
  record.id = model::HostKeyId(new_id(context, "hostkey-"));
  record.server_id = server;
  record.type = std::string(key.public_key().type());
  record.fingerprint = key.public_key().fingerprint_sha256_padded();
  record.date_imported = context.clock.wall();
  TRY_ASSIGN(record.sealed_private_key,
             context.secrets.seal(key.to_pem(), host_key_seal_context(server, record.id)));
  return record;
}

Result<std::vector<ssh::HostKey>> generate_all() {
  std::vector<ssh::HostKey> keys;
  for (const auto type :
       {ssh::HostKeyType::kRsa3072, ssh::HostKeyType::kEcdsaP256, ssh::HostKeyType::kEd25519}) {
    TRY_ASSIGN(ssh::HostKey key, ssh::HostKey::generate(type));
    keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace

Task<Outcome<std::vector<model::HostKeyRecord>>> generate_host_keys(const TransferContext& context,
                                                                    model::ServerId server) {
  auto keys = co_await context.crypto_pool.run([] { return generate_all(); });
  if (!keys.ok()) co_return std::move(keys).error();
  std::vector<model::HostKeyRecord> records;
  for (const auto& key : *keys) {
    CO_TRY_ASSIGN(auto record, to_record(context, server, key));
    records.push_back(std::move(record));
  }
  co_return records;
}

Task<Outcome<model::HostKeyRecord>> read_host_key(const TransferContext& context,
                                                  model::ServerId server, SecretString body) {
  auto key = co_await context.crypto_pool.run([&body] { return ssh::HostKey::parse(body); });
  if (!key.ok()) co_return invalid_request("Invalid host key format");
  co_return to_record(context, server, *key);
}

Task<Outcome<std::vector<state::Versioned<model::HostKeyRecord>>>> load_host_keys(
    const TransferContext& context, model::ServerId server) {
  CO_TRY_ASSIGN(auto page, co_await HostKeys(context.resources).list(server.str(), "", 1000));
  std::stable_sort(page.items.begin(), page.items.end(), [](const auto& a, const auto& b) {
    return a.value.date_imported < b.value.date_imported;
  });
  co_return std::move(page.items);
}

std::string shown_fingerprint(const std::vector<model::HostKeyRecord>& keys) {
  for (const auto& key : keys)
    if (key.type == "ssh-rsa") return key.fingerprint;
  return keys.empty() ? std::string() : keys.front().fingerprint;
}

}  // namespace sallyport::api
