#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/transfer/operations.h"
#include "api/transfer/ssh_keys.h"
#include "session/registry.h"
#include "ssh/public_key.h"

namespace sallyport::api {

namespace {

using nlohmann::json;

}  // namespace

Outcome<model::SshPublicKeyId> add_ssh_public_key(const TransferContext& context, std::string body,
                                                  model::User& user) {
  const auto key = ssh::PublicKey::from_authorized_key(body);
  if (!key.ok()) return invalid_request("Unsupported or invalid SSH public key format");
  for (const auto& known : user.ssh_public_keys) {
    const auto other = ssh::PublicKey::from_authorized_key(known.body);
    if (other.ok() && *other == *key) {
      return Fault(Errc::kAlreadyExists, "SSH public key already exists for this user")
          .about("SshPublicKey", known.id.str());
    }
  }
  if (user.ssh_public_keys.size() >= context.limits.ssh_keys_per_user)
    return quota_exceeded("SshPublicKeysPerUser", context.limits.ssh_keys_per_user);
  model::SshPublicKey added{model::SshPublicKeyId(new_id(context, "key-")), std::move(body),
                            context.clock.wall()};
  user.ssh_public_keys.push_back(added);
  return added.id;
}

Task<Outcome<json>> import_ssh_public_key(const TransferContext& context, json request) {
  const model::ServerId server = server_id_of(request);
  const std::string name = text_of(request, "UserName");
  CO_TRY(co_await load_server(context, server));
  model::SshPublicKeyId id;
  CO_TRY(co_await change_user(context, server, name, [&](model::User& user) -> Outcome<bool> {
    TRY_ASSIGN(id, add_ssh_public_key(context, text_of(request, "SshPublicKeyBody"), user));
    return true;
  }));
  co_return json{{"ServerId", server.str()}, {"SshPublicKeyId", id.str()}, {"UserName", name}};
}

Task<Outcome<json>> delete_ssh_public_key(const TransferContext& context, json request) {
  const model::ServerId server = server_id_of(request);
  const std::string name = text_of(request, "UserName");
  const model::SshPublicKeyId id(text_of(request, "SshPublicKeyId"));
  CO_TRY(co_await load_server(context, server));
  CO_TRY(co_await change_user(context, server, name, [&id](model::User& user) -> Outcome<bool> {
    const auto removed =
        std::erase_if(user.ssh_public_keys, [&id](const auto& key) { return key.id == id; });
    if (removed == 0)
      return Fault(Errc::kNotFound, "Unknown SSH public key").about("SshPublicKey", id.str());
    return true;
  }));
  context.sessions.end_key(server, name, id);
  co_return json();
}

}  // namespace sallyport::api
