#include "ssh/negotiation.h"

#include <algorithm>

#include "ssh/compression.h"
#include "ssh/messages.h"
#include "ssh/public_key.h"

namespace sallyport::ssh {
namespace {

constexpr std::string_view kStrictServer = "kex-strict-s-v00@openssh.com";

const std::string* first_common(const NameList& client, const NameList& server) {
  for (const std::string& name : client) {
    if (contains_name(server, name)) return &name;
  }
  return nullptr;
}

Disagreement nothing_in_common(std::string_view what, const NameList& client) {
  return {"no matching " + std::string(what) + " found", join_names(client)};
}

std::string_view first_of(const NameList& names) {
  return names.empty() ? std::string_view() : std::string_view(names.front());
}

// Chooses cipher, MAC and compression of one direction.
std::optional<Disagreement> choose_direction(const NameList& ciphers, const NameList& our_ciphers,
                                             const NameList& macs, const NameList& our_macs,
                                             const NameList& compressions,
                                             const NameList& our_compressions,
                                             const CipherSpec*& cipher, const MacSpec*& mac,
                                             bool& compressed) {
  const std::string* cipher_name = first_common(ciphers, our_ciphers);
  if (cipher_name == nullptr) return nothing_in_common("cipher", ciphers);
  cipher = find_cipher(*cipher_name);
  if (!cipher->has_own_mac()) {
    const std::string* mac_name = first_common(macs, our_macs);
    if (mac_name == nullptr) return nothing_in_common("MAC", macs);
    mac = find_mac(*mac_name);
  }
  const std::string* compression = first_common(compressions, our_compressions);
  if (compression == nullptr) return nothing_in_common("compression", compressions);
  compressed = *compression == kDelayedCompression;
  return std::nullopt;
}

}  // namespace

NameList split_names(std::string_view list) {
  NameList names;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    names.emplace_back(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
  return names;
}

std::string join_names(const NameList& names) {
  std::string joined;
  for (const std::string& name : names) {
    if (!joined.empty()) joined += ',';
    joined += name;
  }
  return joined;
}

bool contains_name(const NameList& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Result<KexInit> KexInit::parse(ByteView payload) {
  ByteReader in(payload);
  in.u8();
  KexInit init;
  const ByteView cookie = in.raw(init.cookie.size());
  std::copy(cookie.begin(), cookie.end(), init.cookie.begin());
  for (NameList* list :
       {&init.kex, &init.host_key_algorithms, &init.ciphers_in, &init.ciphers_out, &init.macs_in,
        &init.macs_out, &init.compressions_in, &init.compressions_out}) {
    *list = split_names(in.text());
  }
  in.text();  // languages, which nobody uses
  in.text();
  init.first_packet_follows = in.boolean();
  in.u32();  // reserved
  if (!in.done()) return Error(Errc::kInvalidArgument, "malformed KEXINIT");
  return init;
}

Bytes KexInit::payload() const {
  ByteWriter out;
  out.u8(kMsgKexInit).raw(cookie);
  for (const NameList* list : {&kex, &host_key_algorithms, &ciphers_in, &ciphers_out, &macs_in,
                               &macs_out, &compressions_in, &compressions_out}) {
    out.string(join_names(*list));
  }
  out.string(std::string_view()).string(std::string_view());
  out.boolean(first_packet_follows).u32(0);
  return out.take();
}

std::optional<std::size_t> host_key_for(const ServerSettings& settings,
                                        std::string_view algorithm) {
  const std::string_view type = key_type_of_signature_algorithm(algorithm);
  if (type.empty()) return std::nullopt;
  for (std::size_t i = 0; i < settings.host_keys.size(); ++i) {
    if (settings.host_keys[i].type == type) return i;
  }
  return std::nullopt;
}

KexInit server_kex_init(const ServerSettings& settings, bool first) {
  KexInit init;
  for (const std::string& name : settings.kex) {
    if (find_kex_method(name) != nullptr) init.kex.push_back(name);
  }
  if (first) init.kex.emplace_back(kStrictServer);
  for (const std::string& name : settings.host_key_algorithms) {
    if (host_key_for(settings, name)) init.host_key_algorithms.push_back(name);
  }
  for (const std::string& name : settings.ciphers) {
    if (find_cipher(name) != nullptr) init.ciphers_in.push_back(name);
  }
  for (const std::string& name : settings.macs) {
    if (find_mac(name) != nullptr) init.macs_in.push_back(name);
  }
  init.ciphers_out = init.ciphers_in;
  init.macs_out = init.macs_in;
  init.compressions_in = {std::string(kNoCompression), std::string(kDelayedCompression)};
  init.compressions_out = init.compressions_in;
  return init;
}

std::variant<Agreement, Disagreement> negotiate(const KexInit& client, const KexInit& server) {
  Agreement agreed;
  // Signals such as ext-info-c stand among the client's methods; none of them has a method's name.
  for (const std::string& name : client.kex) {
    if (!contains_name(server.kex, name)) continue;
    agreed.kex = find_kex_method(name);
    if (agreed.kex != nullptr) break;
  }
  if (agreed.kex == nullptr) return nothing_in_common("key exchange method", client.kex);

  const std::string* host_key =
      first_common(client.host_key_algorithms, server.host_key_algorithms);
  if (host_key == nullptr) {
    return nothing_in_common("host key type", client.host_key_algorithms);
  }
  agreed.host_key_algorithm = *host_key;

  if (auto bad = choose_direction(client.ciphers_in, server.ciphers_in, client.macs_in,
                                  server.macs_in, client.compressions_in, server.compressions_in,
                                  agreed.cipher_in, agreed.mac_in, agreed.compressed_in)) {
    return *std::move(bad);
  }
  if (auto bad = choose_direction(client.ciphers_out, server.ciphers_out, client.macs_out,
                                  server.macs_out, client.compressions_out, server.compressions_out,
                                  agreed.cipher_out, agreed.mac_out, agreed.compressed_out)) {
    return *std::move(bad);
  }
  agreed.ignore_guessed_packet =
      client.first_packet_follows &&
      (first_of(client.kex) != first_of(server.kex) ||
       first_of(client.host_key_algorithms) != first_of(server.host_key_algorithms));
  return agreed;
}

}  // namespace sallyport::ssh
