#include "model/security_policy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace sallyport::model {
namespace {

using Names = std::vector<std::string_view>;

const SecurityPolicy& policy(std::string_view short_name) {
  const auto* found = find_security_policy("TransferSecurityPolicy-" + std::string(short_name));
  EXPECT_NE(found, nullptr) << short_name;
  return *found;
}

// User guide, "Cryptographic algorithms": the columns of some policies, in their order.
TEST(SecurityPolicies, ListTheDocumentedAlgorithmsInOrder) {
  const SecurityPolicy& p = policy("2024-01");
  EXPECT_EQ(p.ssh_ciphers, (Names{"aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr",
                                  "aes256-ctr", "aes192-ctr"}));
  EXPECT_EQ(p.ssh_kexs, (Names{"ecdh-sha2-nistp256", "ecdh-sha2-nistp384", "ecdh-sha2-nistp521",
                               "curve25519-sha256", "curve25519-sha256@libssh.org",
                               "diffie-hellman-group18-sha512", "diffie-hellman-group16-sha512",
                               "diffie-hellman-group-exchange-sha256"}));
  EXPECT_EQ(p.ssh_macs, (Names{"hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com"}));
  EXPECT_FALSE(p.fips);
  EXPECT_EQ(policy("2018-11").ssh_macs.front(), "umac-64-etm@openssh.com");
  EXPECT_EQ(policy("2018-11").ssh_macs.back(), "hmac-sha1");
  EXPECT_EQ(policy("2018-11").ssh_kexs.back(), "diffie-hellman-group14-sha1");
  EXPECT_EQ(policy("2025-03").ssh_kexs.front(), "mlkem768x25519-sha256");
  EXPECT_EQ(policy("FIPS-2023-05").ssh_kexs,
            (Names{"diffie-hellman-group16-sha512", "diffie-hellman-group18-sha512",
                   "diffie-hellman-group-exchange-sha256"}));
}

TEST(SecurityPolicies, RestrictedOnesAreTheOthersWithoutChacha) {
  for (const char* year : {"2018-11", "2020-06"}) {
    const SecurityPolicy& open = policy(year);
    const SecurityPolicy& restricted = policy("Restricted-" + std::string(year));
    Names expected = open.ssh_ciphers;
    expected.erase(std::remove(expected.begin(), expected.end(), "chacha20-poly1305@openssh.com"),
                   expected.end());
    EXPECT_EQ(expected.size() + 1, open.ssh_ciphers.size());
    EXPECT_EQ(restricted.ssh_ciphers, expected);
    EXPECT_EQ(restricted.ssh_kexs, open.ssh_kexs);
  }
}

TEST(SecurityPolicies, ARestrictedOneIsAnotherWithTwoMacsMore) {
  const SecurityPolicy& restricted = policy("Restricted-2024-06");
  Names expected = policy("2024-01").ssh_macs;
  expected.insert(expected.end(), {"hmac-sha2-256", "hmac-sha2-512"});
  EXPECT_EQ(restricted.ssh_macs, expected);
  EXPECT_EQ(restricted.ssh_ciphers, policy("2024-01").ssh_ciphers);
  EXPECT_EQ(restricted.ssh_kexs, policy("2024-01").ssh_kexs);
}

TEST(SecurityPolicies, OldSignaturesStandOnlyWhereTheGuideHasThem) {
  std::set<std::string_view> with_ssh_rsa;
  for (const SecurityPolicy& p : security_policies()) {
    const auto& list = p.ssh_host_key_algorithms;
    if (std::find(list.begin(), list.end(), "ssh-rsa") != list.end()) with_ssh_rsa.insert(p.name);
  }
  EXPECT_EQ(
      with_ssh_rsa,
      (std::set<std::string_view>{
          "TransferSecurityPolicy-2018-11", "TransferSecurityPolicy-2020-06",
          "TransferSecurityPolicy-Restricted-2018-11", "TransferSecurityPolicy-Restricted-2020-06",
          "TransferSecurityPolicy-FIPS-2020-06", "TransferSecurityPolicy-FIPS-2023-05",
          "TransferSecurityPolicy-FIPS-2024-01", "TransferSFTPConnectorSecurityPolicy-2023-07"}));
}

TEST(SecurityPolicies, NoFipsPolicyHasCurve25519OrChacha) {
  int fips = 0;
  for (const SecurityPolicy& p : security_policies()) {
    if (!p.fips) continue;
    ++fips;
    for (const Names* list : {&p.ssh_kexs, &p.ssh_ciphers})
      for (const std::string_view name : *list) {
        EXPECT_FALSE(name.starts_with("curve25519")) << p.name;
        EXPECT_FALSE(name.starts_with("chacha20")) << p.name;
      }
  }
  EXPECT_EQ(fips, 6);
}

TEST(SecurityPolicies, UnknownNamesAreNotFound) {
  for (const char* name : {"", "TransferSecurityPolicy-", "TransferSecurityPolicy-1999-01",
                           "transfersecuritypolicy-2024-01", "TransferSecurityPolicy-2024-01 "})
    EXPECT_EQ(find_security_policy(name), nullptr) << name;
}

TEST(SecurityPolicies, NamesAreSortedAndNoneComesTwice) {
  const auto all = security_policies();
  for (std::size_t i = 1; i < all.size(); ++i) EXPECT_LT(all[i - 1].name, all[i].name);
}

}  // namespace
}  // namespace sallyport::model
