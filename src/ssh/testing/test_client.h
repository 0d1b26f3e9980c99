// An SSH client in memory, for tests and fuzz targets: it drives a ServerEngine, answers its
// actions, and speaks just enough of the protocol to reach each of its states. It says what it is
// told to, so it can also say what no honest client would. Not for production.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "crypto/digest.h"
#include "crypto/key_agreement.h"
#include "ssh/compression.h"
#include "ssh/host_key.h"
#include "ssh/key_derivation.h"
#include "ssh/messages.h"
#include "ssh/negotiation.h"
#include "ssh/packet_cipher.h"
#include "ssh/packet_reader.h"
#include "ssh/server_engine.h"

namespace sallyport::ssh::testing {

// A counter instead of entropy, so that a run can be repeated.
class CountingRandom final : public Random {
 public:
  void fill(MutableBytes out) override {
    for (std::uint8_t& byte : out) byte = next_++;
  }

 private:
  std::uint8_t next_ = 1;
};

inline const HostKey& test_host_key() {
  static const HostKey key = HostKey::generate(HostKeyType::kEd25519).value();
  return key;
}
inline const HostKey& test_user_key() {
  static const HostKey key = HostKey::generate(HostKeyType::kEcdsaP256).value();
  return key;
}

// Default settings with test_host_key().
inline ServerSettings test_settings() {
  ServerSettings settings = default_server_settings();
  const PublicKey& key = test_host_key().public_key();
  settings.host_keys.push_back({std::string(key.type()), to_bytes(key.blob())});
  return settings;
}

// A message built by hand.
inline ByteWriter message(std::uint8_t number) {
  ByteWriter out;
  out.u8(number);
  return out;
}

class TestClient {
 public:
  explicit TestClient(ServerSettings settings = test_settings())
      : settings_(std::make_shared<ServerSettings>(std::move(settings))),
        pool_(BufferPool::create()),
        engine_(std::make_unique<ServerEngine>(settings_, random_, pool_)),
        from_server_(pool_),
        sealer_(make_plain_sealer()) {
    kex_init.kex = {"curve25519-sha256", "ext-info-c", "kex-strict-c-v00@openssh.com"};
    kex_init.host_key_algorithms = {"ssh-ed25519"};
    kex_init.ciphers_in = kex_init.ciphers_out = {"aes128-gcm@openssh.com"};
    kex_init.macs_in = kex_init.macs_out = {"hmac-sha2-256"};
    kex_init.compressions_in = kex_init.compressions_out = {"none"};
  }

  ServerEngine& engine() { return *engine_; }
  BufferPool& pool() { return *pool_; }
  // Ends the engine; reservations and leases must outlive it well.
  void destroy_engine() { engine_.reset(); }

  // ---- What the client is like; to be changed before it is used. ----

  KexInit kex_init;
  std::string ident = "SSH-2.0-TestClient";
  std::function<bool(const CheckPublicKey&)> verdict = [](const CheckPublicKey&) { return true; };
  // The private half of settings.host_keys[i].
  std::function<HostKey(std::size_t)> host_key = [](std::size_t) { return test_host_key(); };
  // Leave ComputeKex unanswered; finish_kex() does it later.
  bool defer_kex = false;
  // Leave AuthRefused unanswered.
  bool defer_refusals = false;
  // Read nothing of what the server sends.
  bool deaf = false;
  // Whether input is consumed by the test itself; otherwise it goes to `received`.
  bool keep_input = false;

  // ---- What was seen. ----

  std::vector<Action> events;
  std::deque<Bytes> packets;
  std::string server_ident;
  Bytes received;
  std::optional<Disconnected> end;
  int rekeys = 0;

  template <class T>
  std::size_t count() const {
    std::size_t n = 0;
    for (const Action& event : events) n += std::holds_alternative<T>(event) ? 1 : 0;
    return n;
  }
  // The last event of its kind; null when none came.
  template <class T>
  const T* last() const {
    for (std::size_t i = events.size(); i-- > 0;) {
      if (const T* event = std::get_if<T>(&events[i])) return event;
    }
    return nullptr;
  }
  // The next packet from the server, or an empty one.
  Bytes take_packet() {
    if (packets.empty()) return {};
    Bytes packet = std::move(packets.front());
    packets.pop_front();
    return packet;
  }
  // Drops packets up to the first with this number and returns it.
  Bytes take_packet(std::uint8_t number) {
    while (!packets.empty()) {
      Bytes packet = take_packet();
      if (packet[0] == number) return packet;
    }
    return {};
  }

  // ---- Talking. ----

  void send_raw(ByteView bytes) {
    while (!bytes.empty() && !engine_->closed()) {
      const MutableBytes space = engine_->input_space();
      if (space.empty()) break;
      const std::size_t n = std::min(space.size(), bytes.size());
      std::copy_n(bytes.data(), n, space.data());
      engine_->received(n);
      bytes = bytes.subspan(n);
      pump();
    }
    pump();
  }

  // The packet as it would go out, for tests that send several at once or damage it.
  Bytes seal(ByteView payload) {
    Bytes packed;
    if (deflater_) {
      packed.resize(Deflater::bound(payload.size()));
      packed.resize(deflater_->deflate(payload, {}, packed.data()));
      payload = packed;
    }
    return seal_unpacked(payload);
  }
  // As it stands, whatever was agreed on compression.
  Bytes seal_unpacked(ByteView payload) {
    return seal_frame(payload, sealer_->shape().pad_size(payload.size()));
  }
  Bytes seal_frame(ByteView payload, std::size_t pad) { return seal_whole(frame(payload, pad)); }
  // Packets that lie in the length field, or about their padding; sealed well otherwise.
  Bytes seal_with_length(ByteView payload, std::uint32_t said) {
    Bytes packet = frame(payload, sealer_->shape().pad_size(payload.size()));
    store_be32(packet.data(), said);
    return seal_whole(std::move(packet));
  }
  Bytes seal_with_padding(ByteView payload, std::uint8_t said) {
    Bytes packet = frame(payload, sealer_->shape().pad_size(payload.size()));
    packet[4] = said;
    return seal_whole(std::move(packet));
  }
  // What the length field of an honest packet would say.
  std::uint32_t length_for(ByteView payload) const {
    return static_cast<std::uint32_t>(1 + payload.size() +
                                      sealer_->shape().pad_size(payload.size()));
  }

  bool compresses() const { return deflater_ != nullptr; }

  void send(ByteView payload) { send_raw(seal(payload)); }
  void send(const ByteWriter& payload) { send(payload.bytes()); }
  void send(std::uint8_t number) { send({&number, 1}); }

  void send_ident() { send_raw(as_bytes(ident + "\r\n")); }

  void send_kexinit() {
    client_init_ = kex_init.payload();
    send(client_init_);
  }
  void send_kex_method() {
    ephemeral_ = crypto::AgreementKey::generate(crypto::AgreementGroup::kX25519).value();
    send(message(kMsgKexMethodInit).string(ephemeral_->public_value()));
  }
  // Answers a ComputeKex that defer_kex has left.
  void finish_kex() {
    auto job = std::move(kex_job_);
    engine_->kex_computed(job());
    pump();
  }
  // After the reply has come: derives the keys, sends NEWKEYS and uses them.
  bool send_newkeys() {
    if (!reply_) return false;
    send(kMsgNewKeys);
    use_new_keys();
    return true;
  }

  // Ident to NEWKEYS.
  void handshake() {
    send_ident();
    key_exchange();
  }
  void key_exchange() {
    send_kexinit();
    send_kex_method();
    send_newkeys();
  }

  void request_service() { send(message(kMsgServiceRequest).string("ssh-userauth")); }
  ByteWriter userauth(std::string_view method, std::string_view user = "ann") {
    ByteWriter out = message(kMsgUserauthRequest);
    out.string(user).string("ssh-connection").string(method);
    return out;
  }
  // With test_user_key(); `spoil` damages the signature.
  Bytes signed_request(std::string_view user = "ann", bool spoil = false) {
    const PublicKey& key = test_user_key().public_key();
    ByteWriter body = userauth("publickey", user);
    body.boolean(true).string(key.type()).string(key.blob());
    ByteWriter to_sign;
    to_sign.string(engine_->session_id()).raw(body.bytes());
    Bytes data = to_sign.take();
    if (spoil) data.back() ^= 1;
    body.string(test_user_key().sign(key.type(), data).value());
    return body.take();
  }
  // Everything up to USERAUTH_SUCCESS.
  void log_in() {
    handshake();
    request_service();
    send(signed_request());
    packets.clear();
  }
  ByteWriter open_message(std::uint32_t peer_id = 7, std::uint32_t window = 1u << 20,
                          std::uint32_t max_packet = 32768, std::string_view type = "session") {
    ByteWriter out = message(kMsgChannelOpen);
    out.string(type).u32(peer_id).u32(window).u32(max_packet);
    return out;
  }
  // Opens a session channel and starts "sftp" on it; leaves no packets behind.
  ChannelId open_channel(std::uint32_t peer_id = 7, std::uint32_t window = 1u << 20,
                         std::uint32_t max_packet = 32768) {
    send(open_message(peer_id, window, max_packet));
    if (last<ChannelOpened>() == nullptr) return 0;
    const ChannelId id = last<ChannelOpened>()->channel;
    send(subsystem(id));
    packets.clear();
    return id;
  }
  static ByteWriter subsystem(ChannelId id, std::string_view name = "sftp") {
    ByteWriter out = message(kMsgChannelRequest);
    out.u32(id).string("subsystem").boolean(true).string(name);
    return out;
  }
  static ByteWriter data(ChannelId id, ByteView bytes) {
    ByteWriter out = message(kMsgChannelData);
    out.u32(id).string(bytes);
    return out;
  }

  // Runs the engine until it waits, and reads what it has sent.
  void pump() {
    do {
      while (step()) {
      }
    } while (!deaf && read_output());
  }

 private:
  Result<std::vector<Bytes>> proofs(const ProveHostKeys& action) const {
    std::vector<Bytes> out;
    for (const SignExchangeHash& one : action.wanted) {
      auto signature = host_key(one.host_key).sign(one.algorithm, one.data);
      if (!signature.ok()) return std::move(signature).error();
      out.push_back(std::move(*signature));
    }
    return out;
  }

  static Bytes frame(ByteView payload, std::size_t pad) {
    ByteWriter out;
    out.u32(static_cast<std::uint32_t>(1 + payload.size() + pad));
    out.u8(static_cast<std::uint8_t>(pad)).raw(payload).raw(Bytes(pad));
    return out.take();
  }
  Bytes seal_whole(Bytes packet) {
    const std::size_t length = packet.size() - 4;
    packet.resize(packet.size() + sealer_->shape().tag);
    sealer_->seal(sequence_++, packet.data(), length);
    return packet;
  }

  // False when the engine waits for something.
  bool step() {
    Action action = engine_->next();
    if (std::holds_alternative<NeedInput>(action) || std::holds_alternative<NeedAnswer>(action) ||
        std::holds_alternative<NeedOutput>(action)) {
      waits_for = std::move(action);
      return false;
    }
    if (auto* kex = std::get_if<ComputeKex>(&action)) {
      kex_job_ = kex->job;
      if (!defer_kex) engine_->kex_computed(kex->job());
    } else if (auto* sign = std::get_if<SignExchangeHash>(&action)) {
      server_hash_ = sign->data;
      engine_->signature(host_key(sign->host_key).sign(sign->algorithm, sign->data));
    } else if (auto* prove = std::get_if<ProveHostKeys>(&action)) {
      engine_->host_key_proofs(proofs(*prove));
    } else if (auto* check = std::get_if<CheckPublicKey>(&action)) {
      engine_->public_key_verdict(verdict(*check));
    } else if (std::holds_alternative<AuthRefused>(action)) {
      if (!defer_refusals) engine_->public_key_verdict(false);
    } else if (auto* input = std::get_if<ChannelInput>(&action)) {
      if (!keep_input) {
        const ByteView bytes = engine_->channel_input(input->channel);
        received.insert(received.end(), bytes.begin(), bytes.end());
        engine_->channel_consume(input->channel, bytes.size());
      }
    } else if (auto* gone = std::get_if<Disconnected>(&action)) {
      end = *gone;
    }
    events.push_back(std::move(action));
    return true;
  }

  // Takes all output; true when there was some.
  bool read_output() {
    iovec pieces[16];
    bool any = false;
    while (const std::size_t n = engine_->output(pieces)) {
      std::size_t total = 0;
      for (std::size_t i = 0; i < n; ++i) {
        const auto* p = static_cast<const std::uint8_t*>(pieces[i].iov_base);
        from_wire_.insert(from_wire_.end(), p, p + pieces[i].iov_len);
        total += pieces[i].iov_len;
      }
      engine_->sent(total);
      any = true;
    }
    parse_output();
    return any;
  }

  void parse_output() {
    if (damaged) from_wire_.clear();
    if (server_ident.empty()) {
      const std::string_view text = as_text(from_wire_);
      const std::size_t end_of_line = text.find("\r\n");
      if (end_of_line == std::string_view::npos) return;
      server_ident = std::string(text.substr(0, end_of_line));
      from_wire_.erase(from_wire_.begin(),
                       from_wire_.begin() + static_cast<std::ptrdiff_t>(end_of_line) + 2);
    }
    std::size_t at = 0;
    while (at < from_wire_.size()) {
      const MutableBytes space = from_server_.space(64 * 1024);
      const std::size_t n = std::min(space.size(), from_wire_.size() - at);
      std::copy_n(from_wire_.data() + at, n, space.data());
      from_server_.received(n);
      at += n;
      while (!damaged && from_server_.peek() == PacketReader::Status::kReady) take_in();
      if (from_server_.peek() == PacketReader::Status::kBadLength) damaged = true;
      if (damaged) break;
    }
    from_wire_.clear();
  }

  void take_in() {
    const auto opened = from_server_.open(nullptr);
    if (!opened.ok) {
      damaged = true;
      return;
    }
    const std::size_t pad = opened.plain[0];
    Bytes payload(opened.plain + 1, opened.plain + from_server_.length() - pad);
    if (from_server_.inflater() != nullptr) {
      const auto unpacked = from_server_.inflater()->inflate(payload);
      damaged = !unpacked.ok();
      if (damaged) return;
      payload = to_bytes(*unpacked);
    }
    if (payload[0] == kMsgUserauthSuccess) {
      may_compress_ = true;
      compress_input();
      compress_output();
    }
    if (payload[0] == kMsgKexInit) server_init_ = payload;
    if (payload[0] == kMsgKexMethodReply) reply_ = payload;
    if (payload[0] == kMsgNewKeys) on_newkeys();
    packets.push_back(std::move(payload));
  }

  // The exchange hash, computed on our own from what we have sent and seen.
  void on_newkeys() {
    damaged = damaged || !reply_;
    if (damaged) return;
    ByteReader in(*reply_);
    in.u8();
    const ByteView host_key = in.string();
    const ByteView server_public = in.string();
    const auto agreed = ephemeral_ ? ephemeral_->agree(server_public)
                                   : Error(Errc::kInvalidArgument, "no key exchange of ours");
    // A script may have had the server speak of another method.
    damaged = damaged || !agreed.ok();
    if (damaged) return;
    ByteWriter secret;
    secret.mpint(*agreed);
    ByteWriter head;
    head.string(ident).string(server_ident).string(client_init_).string(server_init_);
    head.string(host_key).string(ephemeral_->public_value()).string(server_public);
    hash_ = crypto::Digest(crypto::DigestKind::kSha256)
                .update(head.bytes())
                .update(secret.bytes())
                .finish();
    if (session_id_.empty()) session_id_ = hash_;
    secret_ = secret.take();
    ++rekeys;
    const CipherSpec& cipher = *find_cipher(kex_init.ciphers_out.front());
    const MacSpec* mac = cipher.has_own_mac() ? nullptr : find_mac(kex_init.macs_out.front());
    from_server_.set_opener(
        make_opener(cipher, mac, server_to_client_keys(material(), cipher, mac)).value(), strict());
    compress_input();
  }

  void use_new_keys() {
    const CipherSpec& cipher = *find_cipher(kex_init.ciphers_in.front());
    const MacSpec* mac = cipher.has_own_mac() ? nullptr : find_mac(kex_init.macs_in.front());
    sealer_ = make_sealer(cipher, mac, client_to_server_keys(material(), cipher, mac)).value();
    if (strict()) sequence_ = 0;
    compress_output();
    reply_.reset();
  }

  void compress_input() {
    from_server_.set_compressed(may_compress_ &&
                                kex_init.compressions_out.front() == kDelayedCompression);
  }
  void compress_output() {
    const bool wanted = may_compress_ && kex_init.compressions_in.front() == kDelayedCompression;
    deflater_ = wanted ? std::make_unique<Deflater>() : nullptr;
  }

  KeyMaterial material() const {
    return {crypto::DigestKind::kSha256, secret_, hash_, session_id_};
  }
  bool strict() const { return contains_name(kex_init.kex, "kex-strict-c-v00@openssh.com"); }

  CountingRandom random_;
  std::shared_ptr<ServerSettings> settings_;
  std::shared_ptr<BufferPool> pool_;
  std::unique_ptr<ServerEngine> engine_;
  PacketReader from_server_;
  Bytes from_wire_;
  std::unique_ptr<PacketSealer> sealer_;
  std::uint32_t sequence_ = 0;
  bool may_compress_ = false;
  std::unique_ptr<Deflater> deflater_;

  std::optional<crypto::AgreementKey> ephemeral_;
  std::function<Result<KexResult>()> kex_job_;
  Bytes client_init_, server_init_;
  std::optional<Bytes> reply_;
  Bytes hash_, secret_, session_id_, server_hash_;

 public:
  // What next() last stopped at.
  Action waits_for = NeedInput{};
  // A packet of the server did not open.
  bool damaged = false;
};

}  // namespace sallyport::ssh::testing
