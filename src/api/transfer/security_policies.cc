#include <nlohmann/json.hpp>

#include "api/transfer/context.h"
#include "api/transfer/operations.h"
#include "model/security_policy.h"

namespace sallyport::api {

namespace {

using model::SecurityPolicy;
using model::SecurityPolicyType;
using nlohmann::json;

json policy_json(const SecurityPolicy& policy) {
  const bool server = policy.type == SecurityPolicyType::kServer;
  json out{{"SecurityPolicyName", policy.name}, {"Fips", policy.fips},
           {"SshCiphers", policy.ssh_ciphers},  {"SshKexs", policy.ssh_kexs},
           {"SshMacs", policy.ssh_macs},        {"Type", server ? "SERVER" : "CONNECTOR"},
           {"Protocols", policy.protocols}};
  if (server) {
    out["TlsCiphers"] = policy.tls_ciphers;
    out["ContentEncryptionCiphers"] = policy.content_encryption_ciphers;
    out["HashAlgorithms"] = policy.hash_algorithms;
  } else {
    out["SshHostKeyAlgorithms"] = policy.ssh_host_key_algorithms;
  }
  return out;
}

}  // namespace

Task<Outcome<json>> describe_security_policy(const TransferContext&, json request) {
  const std::string name = text_of(request, "SecurityPolicyName");
  const SecurityPolicy* policy = model::find_security_policy(name);
  if (policy == nullptr) {
    co_return Fault(Errc::kNotFound, "Unknown security policy " + name)
        .about("SecurityPolicy", name);
  }
  co_return json{{"SecurityPolicy", policy_json(*policy)}};
}

Task<Outcome<json>> list_security_policies(const TransferContext& context, json request) {
  constexpr std::string_view kListing = "ListSecurityPolicies";
  CO_TRY_ASSIGN(const auto wanted, read_page_request(context, kListing, request));
  json names = json::array();
  json out = json::object();
  for (const SecurityPolicy& policy : model::security_policies()) {
    if (policy.name <= wanted.after) continue;
    if (names.size() == wanted.limit) {
      out["NextToken"] = context.tokens.make(kListing, names.back().get<std::string>());
      break;
    }
    names.push_back(policy.name);
  }
  out["SecurityPolicyNames"] = std::move(names);
  co_return out;
}

}  // namespace sallyport::api
