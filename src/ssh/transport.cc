#include "ssh/transport.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/secret.h"
#include "ssh/key_derivation.h"

namespace sallyport::ssh {
namespace {

// RFC 4253 section 4.2, with CR and LF.
constexpr std::size_t kMaxIdentLine = 255;
// RFC 4344 section 3.1: new keys before this many packets.
constexpr std::uint64_t kRekeyPackets = std::uint64_t{1} << 31;

constexpr std::string_view kStrictClient = "kex-strict-c-v00@openssh.com";
constexpr std::string_view kExtInfoClient = "ext-info-c";
constexpr std::string_view kImplicitMac = "<implicit>";

bool acceptable_ident(std::string_view ident) {
  const bool printable =
      std::all_of(ident.begin(), ident.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  return printable && (ident.starts_with("SSH-2.0-") || ident.starts_with("SSH-1.99-"));
}

std::string mac_name(const MacSpec* mac) {
  return std::string(mac == nullptr ? kImplicitMac : mac->name);
}

}  // namespace

Transport::Transport(const ServerSettings& settings, Random& random, EventQueue& events,
                     const std::shared_ptr<BufferPool>& pool)
    : settings_(settings), random_(random), events_(events), reader_(pool), writer_(pool) {
  if (!settings_.client_talks_first) send_ident();
}

void Transport::send_ident() {
  writer_.send_raw(as_bytes(settings_.ident + "\r\n"));
  send_kexinit();
}

Handled Transport::read_version() {
  const std::string_view text = as_text(reader_.pending());
  const std::size_t line_end = text.substr(0, kMaxIdentLine).find('\n');
  if (line_end == std::string_view::npos && text.size() < kMaxIdentLine) {
    // What cannot become an identification string is not waited for.
    const std::string_view prefix = std::string_view("SSH-").substr(0, text.size());
    if (text.starts_with(prefix)) return std::nullopt;
  }
  std::string_view ident = text.substr(0, std::min(line_end, text.size()));
  if (ident.ends_with('\r')) ident.remove_suffix(1);
  if (line_end == std::string_view::npos || !acceptable_ident(ident)) {
    writer_.send_raw(as_bytes("Invalid SSH identification string.\r\n"));
    return DisconnectReason{kDisconnectProtocolVersionNotSupported,
                            "Invalid SSH identification string."};
  }
  facts_.client_ident = std::string(ident);
  version_known_ = true;
  reader_.skip(line_end + 1);
  if (settings_.client_talks_first) send_ident();
  return std::nullopt;
}

Phase Transport::phase(Phase otherwise) const {
  switch (kex_) {
    case Kex::kIdle: return otherwise;
    case Kex::kSentInit: return first_ ? Phase::kInitialKexInit : otherwise;
    case Kex::kGotInit:
    case Kex::kComputing:
    case Kex::kSigning: return first_ ? Phase::kInitialMethod : Phase::kRekeyMethod;
    case Kex::kAwaitNewKeys: return first_ ? Phase::kInitialNewKeys : Phase::kRekeyNewKeys;
  }
  return otherwise;
}

bool Transport::is_wrong_guess(std::uint8_t message) {
  if (!guess_to_ignore_ || kex_ != Kex::kGotInit || message < 30 || message > 49) return false;
  guess_to_ignore_ = false;
  return true;
}

void Transport::send_kexinit() {
  server_init_ = server_kex_init(settings_, first_);
  random_.fill(server_init_.cookie);
  server_init_payload_ = server_init_.payload();
  writer_.send(server_init_payload_);
  writer_.hold();
  kex_ = Kex::kSentInit;
}

void Transport::start_rekey() {
  if (kex_ == Kex::kIdle && !first_) send_kexinit();
}

void Transport::rekey_if_due() {
  if (kex_ != Kex::kIdle) return;
  const std::uint64_t bytes = std::max(reader_.bytes_under_keys(), writer_.bytes_under_keys());
  const std::uint64_t packets =
      std::max(reader_.packets_under_keys(), writer_.packets_under_keys());
  if (bytes >= settings_.rekey_bytes || packets >= kRekeyPackets) start_rekey();
}

Handled Transport::handle_kexinit(ByteView payload) {
  auto client = KexInit::parse(payload);
  if (!client.ok()) return protocol_error("Malformed KEXINIT.");
  if (first_) {
    client_takes_ext_info_ = contains_name(client->kex, kExtInfoClient);
    facts_.strict_kex = contains_name(client->kex, kStrictClient);
    if (facts_.strict_kex && reader_.last_sequence() != 0) {
      return protocol_error("strict KEX violation: KEXINIT was not the first packet");
    }
  }
  if (kex_ == Kex::kIdle) send_kexinit();
  client_init_payload_ = to_bytes(payload);

  auto outcome = negotiate(*client, server_init_);
  if (auto* bad = std::get_if<Disagreement>(&outcome)) {
    events_.push(NegotiationFailed{bad->message, std::move(bad->client_list)});
    return DisconnectReason{kDisconnectKeyExchangeFailed, std::move(bad->message)};
  }
  agreed_ = std::get<Agreement>(std::move(outcome));
  const auto host_key = host_key_for(settings_, agreed_.host_key_algorithm);
  if (!host_key) return DisconnectReason{kDisconnectKeyExchangeFailed, "No such host key."};
  host_key_ = *host_key;
  guess_to_ignore_ = agreed_.ignore_guessed_packet;
  kex_ = Kex::kGotInit;
  return std::nullopt;
}

Handled Transport::handle_gex_request(ByteView payload) {
  if (agreed_.kex->kind != KexKind::kGex || gex_group_)
    return protocol_error("A group was asked for in a key exchange without one to choose.");
  ByteReader in(payload);
  in.u8();
  const std::uint32_t min = in.u32(), wanted = in.u32(), max = in.u32();
  if (!in.done() || min > wanted || wanted > max) return protocol_error("Malformed group request.");
  gex_group_ = choose_gex_group(min, wanted, max);
  if (!gex_group_) {
    return DisconnectReason{kDisconnectKeyExchangeFailed,
                            "No group of the size asked for is offered."};
  }
  const std::uint8_t generator = 2;
  const Bytes prime = crypto::modp_prime(*gex_group_);
  gex_hashed_ =
      ByteWriter().u32(min).u32(wanted).u32(max).mpint(prime).mpint({&generator, 1}).take();
  ByteWriter out;
  out.u8(kMsgKexGexGroup).mpint(prime).mpint({&generator, 1});
  writer_.send(out.bytes());
  return std::nullopt;
}

Handled Transport::handle_method_init(ByteView payload) {
  const bool gex = agreed_.kex->kind == KexKind::kGex;
  ByteReader in(payload);
  if (in.u8() != (gex ? kMsgKexGexInit : kMsgKexMethodInit) || (gex && !gex_group_))
    return protocol_error("That is no message of the key exchange agreed on.");
  // A string or an mpint: the same on the wire.
  client_public_ = to_bytes(in.string());
  if (!in.done()) return protocol_error("Malformed key exchange message.");
  kex_ = Kex::kComputing;
  const auto group = gex ? *gex_group_ : agreed_.kex->group;
  const std::uint64_t before = first_ ? 0 : reader_.bytes_under_keys() + writer_.bytes_under_keys();
  events_.push(ComputeKex{[method = agreed_.kex, group, client_public = client_public_] {
                            return method->compute_in(group, client_public);
                          },
                          before});
  return std::nullopt;
}

Bytes Transport::exchange_hash(const KexResult& result) const {
  ByteWriter head;
  head.string(facts_.client_ident).string(settings_.ident);
  head.string(client_init_payload_).string(server_init_payload_);
  head.string(settings_.host_keys[host_key_].blob).raw(gex_hashed_).string(client_public_);
  if (agreed_.kex->sends_strings()) {
    head.string(result.server_public);
  } else {
    head.mpint(result.server_public);
  }
  return crypto::Digest(agreed_.kex->hash)
      .update(head.bytes())
      .update(result.shared_secret)
      .finish();
}

Handled Transport::kex_computed(Result<KexResult> result) {
  if (kex_ != Kex::kComputing) return std::nullopt;
  if (!result.ok()) {
    return DisconnectReason{kDisconnectKeyExchangeFailed, "Key exchange failed."};
  }
  kex_result_ = std::move(result).value();
  exchange_hash_ = exchange_hash(kex_result_);
  kex_ = Kex::kSigning;
  events_.push(SignExchangeHash{agreed_.host_key_algorithm, host_key_, exchange_hash_});
  return std::nullopt;
}

Handled Transport::signature(Result<Bytes> signature_blob) {
  if (kex_ != Kex::kSigning) return std::nullopt;
  if (!signature_blob.ok()) {
    return DisconnectReason{kDisconnectKeyExchangeFailed, "Key exchange failed."};
  }
  ByteWriter reply;
  reply.u8(agreed_.kex->kind == KexKind::kGex ? kMsgKexGexReply : kMsgKexMethodReply);
  reply.string(settings_.host_keys[host_key_].blob);
  if (agreed_.kex->sends_strings()) {
    reply.string(kex_result_.server_public);
  } else {
    reply.mpint(kex_result_.server_public);
  }
  reply.string(*signature_blob);
  writer_.send(reply.bytes());
  const std::uint8_t newkeys = kMsgNewKeys;
  writer_.send({&newkeys, 1});
  if (first_) session_id_ = exchange_hash_;
  if (auto bad = install_keys()) return bad;
  if (first_) send_ext_info();
  writer_.release();
  kex_ = Kex::kAwaitNewKeys;
  return std::nullopt;
}

// Ours from now on; the client's wait for its NEWKEYS.
Handled Transport::install_keys() {
  const KeyMaterial from{agreed_.kex->hash, kex_result_.shared_secret, exchange_hash_, session_id_};
  auto sealer = make_sealer(*agreed_.cipher_out, agreed_.mac_out,
                            server_to_client_keys(from, *agreed_.cipher_out, agreed_.mac_out));
  auto opener = make_opener(*agreed_.cipher_in, agreed_.mac_in,
                            client_to_server_keys(from, *agreed_.cipher_in, agreed_.mac_in));
  wipe(kex_result_.shared_secret.data(), kex_result_.shared_secret.size());
  kex_result_ = {};
  if (!sealer.ok() || !opener.ok()) {
    return DisconnectReason{kDisconnectKeyExchangeFailed, "Key exchange failed."};
  }
  writer_.set_sealer(std::move(sealer).value(), facts_.strict_kex);
  writer_.set_compressed(may_compress_ && agreed_.compressed_out);
  next_opener_ = std::move(opener).value();
  return std::nullopt;
}

void Transport::begin_compression() {
  may_compress_ = true;
  reader_.set_compressed(facts_.compressed_in);
  writer_.set_compressed(facts_.compressed_out);
}

void Transport::send_ext_info() {
  if (!client_takes_ext_info_) return;
  ByteWriter out;
  out.u8(kMsgExtInfo).u32(1);
  out.string("server-sig-algs").string(join_names(settings_.public_key_algorithms));
  writer_.send(out.bytes());
}

Handled Transport::handle_newkeys(ByteView payload) {
  if (payload.size() != 1) return protocol_error("Malformed NEWKEYS.");
  reader_.set_opener(std::move(next_opener_), facts_.strict_kex);
  reader_.set_compressed(may_compress_ && agreed_.compressed_in);
  facts_.kex = std::string(agreed_.kex->name);
  facts_.host_key_algorithm = agreed_.host_key_algorithm;
  facts_.cipher_in = std::string(agreed_.cipher_in->name);
  facts_.cipher_out = std::string(agreed_.cipher_out->name);
  facts_.mac_in = mac_name(agreed_.mac_in);
  facts_.mac_out = mac_name(agreed_.mac_out);
  facts_.compressed_in = agreed_.compressed_in;
  facts_.compressed_out = agreed_.compressed_out;
  client_init_payload_ = {};
  server_init_payload_ = {};
  client_public_ = {};
  gex_group_.reset();
  gex_hashed_ = {};
  kex_ = Kex::kIdle;
  events_.push(KeysChanged{std::exchange(first_, false)});
  return std::nullopt;
}

}  // namespace sallyport::ssh
