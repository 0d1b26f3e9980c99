#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/transfer/host_keys.h"
#include "api/transfer/operations.h"
#include "api/transfer/stored.h"

namespace sallyport::api {

namespace {

using model::HostKeyRecord;
using nlohmann::json;

struct KeyName {
  model::ServerId server;
  model::HostKeyId key;
};
KeyName key_name_of(const json& request) {
  return {model::ServerId(text_of(request, "ServerId")),
          model::HostKeyId(text_of(request, "HostKeyId"))};
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

}  // namespace

Task<Outcome<json>> import_host_key(const TransferContext& context, json request) {
  const model::ServerId server = server_id_of(request);
  CO_TRY(co_await load_server(context, server));
  CO_TRY_ASSIGN(auto record, co_await read_host_key(context, server,
                                                    SecretString(text_of(request, "HostKeyBody"))));
  record.description = text_of(request, "Description");
  CO_TRY_ASSIGN(record.tags, read_tags(request, "Tags"));
  const auto add = [&](std::vector<HostKeyRecord>& keys) -> Outcome<Done> {
    for (const HostKeyRecord& key : keys)
      if (key.fingerprint == record.fingerprint)
        return Fault(Errc::kAlreadyExists, "Host key already exists for this server")
            .about("HostKey", key.id.str());
    if (keys.size() >= context.limits.host_keys_per_server)
      return quota_exceeded("HostKeysPerServer", context.limits.host_keys_per_server);
    keys.push_back(record);
    return done();
  };
  CO_TRY(co_await change_host_keys(context, server, add));
  co_return json{{"ServerId", server.str()}, {"HostKeyId", record.id.str()}};
}

Task<Outcome<json>> describe_host_key(const TransferContext& context, json request) {
  const KeyName name = key_name_of(request);
  CO_TRY_ASSIGN(const auto stored, co_await load_host_key(context, name.server, name.key));
  json key = shown_key(context, stored.value, "HostKeyFingerprint");
  if (!stored.value.tags.empty()) key["Tags"] = tags_json(stored.value.tags);
  co_return json{{"HostKey", std::move(key)}};
}

Task<Outcome<json>> update_host_key(const TransferContext& context, json request) {
  const KeyName name = key_name_of(request);
  const std::string description = text_of(request, "Description");
  const auto change = [&description](HostKeyRecord& key) -> Outcome<bool> {
    key.description = description;
    return true;
  };
  CO_TRY(co_await change_host_key(context, name.server, name.key, change));
  co_return json{{"ServerId", name.server.str()}, {"HostKeyId", name.key.str()}};
}

Task<Outcome<json>> delete_host_key(const TransferContext& context, json request) {
  const KeyName name = key_name_of(request);
  const auto drop = [&name](std::vector<HostKeyRecord>& keys) -> Outcome<Done> {
    if (std::erase_if(keys, [&](const HostKeyRecord& key) { return key.id == name.key; }) == 0)
      return unknown_host_key(name.key);
    if (keys.empty())
      return invalid_request(
          "The last host key of a server cannot be deleted; import another first");
    return done();
  };
  CO_TRY(co_await change_host_keys(context, name.server, drop));
  co_return json();
}

Task<Outcome<json>> list_host_keys(const TransferContext& context, json request) {
  const model::ServerId server = server_id_of(request);
  CO_TRY(co_await load_server(context, server));
  const Shown<HostKeyRecord> show = [&context](const HostKeyRecord& key) {
    return shown_key(context, key, "Fingerprint");
  };
  CO_TRY_ASSIGN(json answer, co_await list_stored<HostKeyRecord>(
                                 context, "ListHostKeys|" + server.str(), server.str(),
                                 std::move(request), "HostKeys", show));
  answer["ServerId"] = server.str();
  co_return answer;
}

}  // namespace sallyport::api
