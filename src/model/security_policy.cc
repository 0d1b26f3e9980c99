#include "model/security_policy.h"

#include <algorithm>
#include <initializer_list>

namespace sallyport::model {
namespace {

using Names = std::vector<std::string_view>;

constexpr std::string_view kGcm128 = "aes128-gcm@openssh.com", kGcm256 = "aes256-gcm@openssh.com",
                           kCtr128 = "aes128-ctr", kCtr192 = "aes192-ctr", kCtr256 = "aes256-ctr",
                           kChacha = "chacha20-poly1305@openssh.com";

constexpr std::string_view kMlkemX = "mlkem768x25519-sha256", kMlkem768 = "mlkem768nistp256-sha256",
                           kMlkem1024 = "mlkem1024nistp384-sha384", kEcdh256 = "ecdh-sha2-nistp256",
                           kEcdh384 = "ecdh-sha2-nistp384", kEcdh521 = "ecdh-sha2-nistp521",
                           kC25519 = "curve25519-sha256", kC25519L = "curve25519-sha256@libssh.org",
                           kGex = "diffie-hellman-group-exchange-sha256",
                           kG14 = "diffie-hellman-group14-sha256",
                           kG14Sha1 = "diffie-hellman-group14-sha1",
                           kG16 = "diffie-hellman-group16-sha512",
                           kG18 = "diffie-hellman-group18-sha512";

constexpr std::string_view kEtm256 = "hmac-sha2-256-etm@openssh.com",
                           kEtm512 = "hmac-sha2-512-etm@openssh.com",
                           kEtmSha1 = "hmac-sha1-etm@openssh.com", kMac256 = "hmac-sha2-256",
                           kMac512 = "hmac-sha2-512", kMacSha1 = "hmac-sha1",
                           kMacSha1Short = "hmac-sha1-96", kUmac64 = "umac-64@openssh.com",
                           kUmac128 = "umac-128@openssh.com",
                           kUmac64Etm = "umac-64-etm@openssh.com",
                           kUmac128Etm = "umac-128-etm@openssh.com";

enum class SshRsa : bool { kNo, kYes };

Names with(Names list, std::initializer_list<std::string_view> more) {
  list.insert(list.end(), more.begin(), more.end());
  return list;
}
Names without(Names list, std::string_view name) {
  list.erase(std::remove(list.begin(), list.end(), name), list.end());
  return list;
}

SecurityPolicy server(std::string_view name, Names ciphers, Names kexs, Names macs,
                      SshRsa ssh_rsa = SshRsa::kNo) {
  SecurityPolicy out;
  out.name = name;
  out.fips = name.find("-FIPS-") != std::string_view::npos;
  out.ssh_ciphers = std::move(ciphers);
  out.ssh_kexs = std::move(kexs);
  out.ssh_macs = std::move(macs);
  out.ssh_host_key_algorithms = {"rsa-sha2-256",        "rsa-sha2-512",
                                 "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
                                 "ecdsa-sha2-nistp521", "ssh-ed25519"};
  if (ssh_rsa == SshRsa::kYes) out.ssh_host_key_algorithms.push_back("ssh-rsa");
  out.tls_ciphers = {
      "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
      "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
      "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
      "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"};
  out.content_encryption_ciphers = {"aes256-cbc", "aes192-cbc", "aes128-cbc", "3des-cbc"};
  out.hash_algorithms = {"sha256", "sha384", "sha512", "sha1"};
  out.protocols = {"SFTP", "FTPS"};
  return out;
}

SecurityPolicy connector(std::string_view name, Names ciphers, Names kexs, Names macs,
                         Names host_keys) {
  SecurityPolicy out;
  out.name = name;
  out.type = SecurityPolicyType::kConnector;
  out.fips = name.find("-FIPS-") != std::string_view::npos;
  out.ssh_ciphers = std::move(ciphers);
  out.ssh_kexs = std::move(kexs);
  out.ssh_macs = std::move(macs);
  out.ssh_host_key_algorithms = std::move(host_keys);
  out.protocols = {"SFTP"};
  return out;
}

std::vector<SecurityPolicy> make_server_policies() {
  const Names gcm_ctr{kGcm128, kGcm256, kCtr128, kCtr256, kCtr192};
  const Names gcm_ctr_2025{kGcm256, kGcm128, kCtr128, kCtr256, kCtr192};
  const Names gcm_ctr_fips_2025{kGcm256, kGcm128, kCtr256, kCtr192, kCtr128};
  const Names gcm_ctr_2022{kGcm256, kGcm128, kCtr256, kCtr192};
  const Names old_ciphers{kChacha, kCtr128, kCtr192, kCtr256, kGcm128, kGcm256};
  const Names kex_2025{kMlkemX, kMlkem768, kMlkem1024, kEcdh256, kEcdh384, kEcdh521,
                       kC25519, kC25519L,  kG16,       kG18,     kGex};
  const Names kex_fips_2024{kEcdh256, kEcdh384, kEcdh521, kG18, kG16, kGex};
  const Names kex_2022{kC25519, kC25519L, kG16, kG18, kGex};
  const Names kex_2020{kEcdh256, kEcdh384, kEcdh521, kGex, kG16, kG18, kG14};
  const Names kex_2018{kC25519, kC25519L, kEcdh256, kEcdh384, kEcdh521,
                       kGex,    kG16,     kG18,     kG14,     kG14Sha1};
  const Names etm{kEtm256, kEtm512}, etm_512_first{kEtm512, kEtm256};
  const Names macs_2020{kUmac128Etm, kEtm256, kEtm512, kUmac128, kMac256, kMac512};
  const Names macs_2018{kUmac64Etm, kUmac128Etm, kEtm256, kEtm512, kEtmSha1,
                        kUmac64,    kUmac128,    kMac256, kMac512, kMacSha1};

  std::vector<SecurityPolicy> out;
  const auto add = [&out](SecurityPolicy policy) -> SecurityPolicy& {
    out.push_back(std::move(policy));
    return out.back();
  };
  for (const auto& [name, ciphers] :
       {std::pair{"TransferSecurityPolicy-2018-11", old_ciphers},
        std::pair{"TransferSecurityPolicy-Restricted-2018-11", without(old_ciphers, kChacha)}}) {
    // The guide adds ssh-rsa to 2018-11; its restricted twin is told as the same without chacha.
    auto& policy = add(server(name, ciphers, kex_2018, macs_2018, SshRsa::kYes));
    if (!policy.name.ends_with("Restricted-2018-11"))
      policy.tls_ciphers = with(std::move(policy.tls_ciphers), {"TLS_RSA_WITH_AES_128_CBC_SHA256",
                                                                "TLS_RSA_WITH_AES_256_CBC_SHA256"});
  }
  add(server("TransferSecurityPolicy-2020-06", old_ciphers, kex_2020, macs_2020, SshRsa::kYes));
  add(server("TransferSecurityPolicy-Restricted-2020-06", without(old_ciphers, kChacha), kex_2020,
             macs_2020, SshRsa::kYes));
  add(server("TransferSecurityPolicy-FIPS-2020-06", without(old_ciphers, kChacha), kex_2020,
             {kEtm256, kEtm512, kMac256, kMac512}, SshRsa::kYes));
  add(server("TransferSecurityPolicy-2022-03", gcm_ctr_2022, kex_2022,
             {kEtm512, kEtm256, kMac512, kMac256}));
  add(server("TransferSecurityPolicy-2023-05", gcm_ctr_2022, kex_2022, etm_512_first));
  add(server("TransferSecurityPolicy-FIPS-2023-05", gcm_ctr_2022, {kG16, kG18, kGex}, etm,
             SshRsa::kYes));
  const Names kex_2024{kEcdh256, kEcdh384, kEcdh521, kC25519, kC25519L, kG18, kG16, kGex};
  add(server("TransferSecurityPolicy-2024-01", gcm_ctr, kex_2024, etm));
  // Not in the guide; the service lists it, as 2024-01 with two MACs more
  // (hashicorp/terraform-provider-aws pull request 39871).
  add(server("TransferSecurityPolicy-Restricted-2024-06", gcm_ctr, kex_2024,
             with(etm, {kMac256, kMac512})));
  add(server("TransferSecurityPolicy-FIPS-2024-01", gcm_ctr, kex_fips_2024, etm, SshRsa::kYes));
  add(server("TransferSecurityPolicy-FIPS-2024-05", gcm_ctr, kex_fips_2024, etm));
  add(server("TransferSecurityPolicy-SshAuditCompliant-2025-02", gcm_ctr,
             {kC25519, kC25519L, kG18, kG16, kGex}, etm));
  add(server("TransferSecurityPolicy-2025-03", gcm_ctr_2025, kex_2025, etm));
  add(server("TransferSecurityPolicy-FIPS-2025-03", gcm_ctr_fips_2025,
             {kMlkemX, kMlkem768, kMlkem1024, kEcdh256, kEcdh384, kEcdh521, kGex, kG16, kG18},
             etm_512_first));
  auto& as2 =
      add(server("TransferSecurityPolicy-AS2Restricted-2025-07", gcm_ctr_2025, kex_2025, etm));
  as2.content_encryption_ciphers = without(std::move(as2.content_encryption_ciphers), "3des-cbc");
  as2.hash_algorithms = without(std::move(as2.hash_algorithms), "sha1");
  as2.protocols = {"AS2"};
  return out;
}

std::vector<SecurityPolicy> make_connector_policies() {
  const Names kex{kC25519, kC25519L, kG16, kG18, kGex};
  const Names macs{kEtm512, kEtm256, kMac512, kMac256};
  const Names host_keys{"rsa-sha2-256", "rsa-sha2-512", "ecdsa-sha2-nistp256",
                        "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"};
  return {connector("TransferSFTPConnectorSecurityPolicy-2023-07",
                    {kGcm128, kCtr192, kCtr256, kGcm256, kCtr128}, with(kex, {kG14Sha1}),
                    with(macs, {kMacSha1, kMacSha1Short}), with(host_keys, {"ssh-rsa"})),
          connector("TransferSFTPConnectorSecurityPolicy-2024-03",
                    {kGcm128, kCtr192, kCtr256, kGcm256}, kex, macs, host_keys),
          connector("TransferSFTPConnectorSecurityPolicy-FIPS-2024-10", {kGcm128, kGcm256},
                    {kEcdh256, kEcdh384, kEcdh521}, {kMac512, kMac256},
                    {"rsa-sha2-256", "rsa-sha2-512", "ecdsa-sha2-nistp256"})};
}

std::vector<SecurityPolicy> make_all() {
  std::vector<SecurityPolicy> all = make_server_policies();
  for (SecurityPolicy& policy : make_connector_policies()) all.push_back(std::move(policy));
  std::sort(all.begin(), all.end(),
            [](const SecurityPolicy& a, const SecurityPolicy& b) { return a.name < b.name; });
  return all;
}

}  // namespace

std::span<const SecurityPolicy> security_policies() {
  static const std::vector<SecurityPolicy> all = make_all();
  return all;
}

const SecurityPolicy* find_security_policy(std::string_view name) {
  for (const SecurityPolicy& policy : security_policies())
    if (policy.name == name) return &policy;
  return nullptr;
}

}  // namespace sallyport::model
