#include "ssh/server_engine.h"

#include <algorithm>
#include <utility>

#include "ssh/connection.h"
#include "ssh/event_queue.h"
#include "ssh/message_table.h"
#include "ssh/messages.h"
#include "ssh/transport.h"
#include "ssh/userauth.h"

namespace sallyport::ssh {
namespace {

// Receive buffer before authentication, and where little input may be much work because it is
// compressed: one packet of the largest size and some.
constexpr std::size_t kSmallReceive = 40 * 1024;
constexpr std::size_t kUnauthenticatedOutput = 64 * 1024;
// Smaller packets are opened in the receive buffer and copied.
constexpr std::uint32_t kOverlayMinimum = 256;
// How far control messages may go beyond the bound for channel data.
constexpr std::size_t kControlOutput = 256 * 1024;
constexpr std::size_t kMaxReasonText = 256;

// A peer's text as one printable line.
std::string printable(std::string_view text) {
  std::string out(text.substr(0, kMaxReasonText));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < 0x20 || c == 0x7f; }, '?');
  return out;
}

}  // namespace

class ServerEngine::Impl {
 public:
  Impl(std::shared_ptr<const ServerSettings> settings, Random& random,
       std::shared_ptr<BufferPool> pool)
      : settings_(std::move(settings)),
        pool_(pool ? std::move(pool) : BufferPool::create()),
        transport_(*settings_, random, events_, pool_),
        userauth_(*settings_, events_, transport_.writer()),
        connection_(*settings_, events_, transport_.writer(), pool_) {}

  MutableBytes input_space() {
    if (closed_) return {};
    const bool wide = userauth_.authenticated() && transport_.reader().inflater() == nullptr;
    return transport_.reader().space(wide ? settings_->receive_size : kSmallReceive);
  }

  void received(std::size_t n) { transport_.reader().received(n); }

  Action next() {
    if (gone_) connection_.forget(*std::exchange(gone_, std::nullopt));
    for (;;) {
      if (!events_.empty()) return pop_event();
      if (closed_) return NeedInput{};
      if (transport_.awaits_answer() || userauth_.awaits_answer() || connection_.awaits_answer()) {
        if (report()) continue;
        return NeedAnswer{};
      }
      if (output_is_full()) {
        if (report()) continue;
        return NeedOutput{};
      }
      if (process()) continue;
      if (report()) continue;
      return NeedInput{};
    }
  }

  void end(DisconnectReason reason, bool by_peer) {
    if (closed_) return;
    connection_.report_input();
    if (!by_peer && transport_.version_known()) {
      ByteWriter out;
      out.u8(kMsgDisconnect).u32(reason.code).string(reason.text).string(std::string_view());
      transport_.writer().send(out.bytes());
    }
    closed_ = true;
    transport_.writer().close();
    events_.push(Disconnected{by_peer, reason.code, std::move(reason.text)});
  }

  void finish(Handled outcome) {
    if (outcome) return end(*std::move(outcome), false);
    if (!userauth_.authenticated() || std::exchange(welcomed_, true)) return;
    transport_.begin_compression();
    connection_.announce_host_keys();
  }

  Transport& transport() { return transport_; }
  Userauth& userauth() { return userauth_; }
  Connection& connection() { return connection_; }
  bool closed() const { return closed_; }

 private:
  Action pop_event() {
    Action action = events_.pop();
    // Its input stays readable until the next call.
    if (const auto* gone = std::get_if<ChannelClosed>(&action)) gone_ = gone->channel;
    return action;
  }

  // Tells what has piled up; true when there is something to tell.
  bool report() {
    check_writer();
    if (closed_) return true;
    connection_.report_input();
    connection_.report_writable();
    return !events_.empty();
  }

  bool output_is_full() const {
    const std::size_t limit = userauth_.authenticated() ? settings_->output_limit + kControlOutput
                                                        : kUnauthenticatedOutput;
    return transport_.writer().size() > limit;
  }

  Phase phase() const {
    const Phase session = userauth_.authenticated() ? Phase::kConnection
                          : userauth_.started()     ? Phase::kUserauth
                                                    : Phase::kService;
    return transport_.phase(session);
  }

  // Handles one packet or the identification line; false when more bytes are needed.
  bool process() {
    if (!transport_.version_known()) {
      finish(transport_.read_version());
      return closed_ || transport_.version_known();
    }
    PacketReader& reader = transport_.reader();
    switch (reader.peek()) {
      case PacketReader::Status::kNeedMore: return false;
      case PacketReader::Status::kBadLength:
        finish(protocol_error("Bad packet length " + std::to_string(reader.length()) + "."));
        return true;
      case PacketReader::Status::kReady: break;
    }
    finish(process_packet(reader));
    if (!closed_) check_writer();
    return true;
  }

  Handled process_packet(PacketReader& reader) {
    Channel* target = reader.length() >= kOverlayMinimum && phase() == Phase::kConnection &&
                              reader.inflater() == nullptr
                          ? connection_.likely_target()
                          : nullptr;
    std::uint8_t* overlay =
        target == nullptr ? nullptr : target->input.begin_overlay(reader.length());
    const PacketReader::Opened opened = reader.open(overlay);
    const std::size_t length = reader.length();
    if (!opened.ok) {
      if (target != nullptr) target->input.end_overlay(0);
      return DisconnectReason{kDisconnectMacError, "Corrupted MAC on input."};
    }
    if (target != nullptr) {
      Handled outcome;
      if (connection_.take_overlay({overlay, length}, outcome)) return outcome;
      std::copy_n(overlay, length, opened.in_place);
      target->input.end_overlay(0);
    }
    return process_plain({opened.in_place, length});
  }

  Handled process_plain(ByteView plain) {
    const std::size_t pad = plain[0];
    if (pad < 4 || pad + 2 > plain.size()) return protocol_error("Bad packet padding.");
    const ByteView payload = plain.subspan(1, plain.size() - 1 - pad);
    Inflater* inflater = transport_.reader().inflater();
    if (inflater == nullptr) return dispatch(payload);
    const auto unpacked = inflater->inflate(payload);
    if (unpacked.ok()) return dispatch(*unpacked);
    return protocol_error(unpacked.error().code == Errc::kLimitExceeded
                              ? "Bad packet length after decompression."
                              : "Bad compressed packet.");
  }

  Handled dispatch(ByteView payload) {
    const std::uint8_t message = payload[0];
    if (transport_.is_wrong_guess(message)) return std::nullopt;
    const Phase now = phase();
    switch (legality(now, message, transport_.strict())) {
      case Legality::kLegal: return handle(message, payload);
      case Legality::kIllegal:
        return protocol_error("Unexpected " + std::string(message_name(message)) + " while " +
                              std::string(phase_name(now)) + ".");
      case Legality::kUnknown: break;
    }
    if (transport_.strict() && is_initial_kex(now)) {
      return protocol_error("Unexpected packet during the strict key exchange.");
    }
    ByteWriter out;
    out.u8(kMsgUnimplemented).u32(transport_.reader().last_sequence());
    transport_.writer().send(out.bytes());
    return std::nullopt;
  }

  static bool is_initial_kex(Phase phase) {
    return phase == Phase::kInitialKexInit || phase == Phase::kInitialMethod ||
           phase == Phase::kInitialNewKeys;
  }

  Handled handle(std::uint8_t message, ByteView payload) {
    switch (message) {
      case kMsgDisconnect: return handle_disconnect(payload);
      case kMsgIgnore:
      case kMsgUnimplemented:
      case kMsgDebug:
      case kMsgExtInfo: return std::nullopt;
      case kMsgKexInit: return transport_.handle_kexinit(payload);
      case kMsgKexMethodInit:
      case kMsgKexGexInit: return transport_.handle_method_init(payload);
      case kMsgKexGexRequest: return transport_.handle_gex_request(payload);
      case kMsgNewKeys: return transport_.handle_newkeys(payload);
      case kMsgServiceRequest: return userauth_.handle_service_request(payload);
      case kMsgUserauthRequest: return handle_userauth(payload);
      case kMsgGlobalRequest:
        return connection_.handle_global_request(payload, transport_.session_id(),
                                                 transport_.facts().host_key_algorithm);
      default: return connection_.handle(payload);
    }
  }

  Handled handle_userauth(ByteView payload) {
    return userauth_.handle_request(payload, transport_.session_id());
  }

  Handled handle_disconnect(ByteView payload) {
    ByteReader in(payload);
    in.u8();
    const std::uint32_t code = in.u32();
    end({code, printable(in.text())}, true);
    return std::nullopt;
  }

  // After each packet: is it time for new keys, and can we still send?
  void check_writer() {
    if (userauth_.authenticated()) transport_.rekey_if_due();
    const PacketWriter& writer = transport_.writer();
    if (writer.held_bytes() > 2 * settings_->output_limit + kControlOutput) {
      finish(DisconnectReason{kDisconnectProtocolError, "No answer to the key exchange."});
    } else if (writer.failed()) {
      finish(DisconnectReason{kDisconnectConnectionLost, "Cannot encrypt."});
    }
  }

  std::shared_ptr<const ServerSettings> settings_;
  std::shared_ptr<BufferPool> pool_;
  EventQueue events_;
  Transport transport_;
  Userauth userauth_;
  Connection connection_;
  bool closed_ = false;
  bool welcomed_ = false;
  // A channel whose end was the last action.
  std::optional<ChannelId> gone_;
};

ServerEngine::ServerEngine(std::shared_ptr<const ServerSettings> settings, Random& random,
                           std::shared_ptr<BufferPool> pool)
    : impl_(std::make_unique<Impl>(std::move(settings), random, std::move(pool))) {}
ServerEngine::~ServerEngine() = default;

MutableBytes ServerEngine::input_space() {
  return impl_->input_space();
}
void ServerEngine::received(std::size_t n) {
  impl_->received(n);
}
Action ServerEngine::next() {
  return impl_->next();
}

std::size_t ServerEngine::output(std::span<iovec> out) const {
  return impl_->transport().writer().output(out);
}
std::size_t ServerEngine::output_size() const {
  return impl_->transport().writer().size();
}
void ServerEngine::sent(std::size_t n) {
  impl_->transport().writer().sent(n);
}

void ServerEngine::signature(Result<Bytes> signature_blob) {
  if (!closed()) impl_->finish(impl_->transport().signature(std::move(signature_blob)));
}
void ServerEngine::host_key_proofs(Result<std::vector<Bytes>> signature_blobs) {
  if (!closed()) impl_->connection().host_key_proofs(std::move(signature_blobs));
}
void ServerEngine::kex_computed(Result<KexResult> result) {
  if (!closed()) impl_->finish(impl_->transport().kex_computed(std::move(result)));
}
void ServerEngine::public_key_verdict(bool accept) {
  if (closed()) return;
  impl_->finish(impl_->userauth().verdict(accept));
  impl_->transport().facts().user = impl_->userauth().user();
}

ByteView ServerEngine::channel_input(ChannelId channel) const {
  return impl_->connection().input(channel);
}
void ServerEngine::channel_consume(ChannelId channel, std::size_t n) {
  impl_->connection().advance(channel, n);
  impl_->connection().grant(channel, n);
}
void ServerEngine::channel_advance(ChannelId channel, std::size_t n) {
  impl_->connection().advance(channel, n);
}
void ServerEngine::channel_grant(ChannelId channel, std::size_t n) {
  impl_->connection().grant(channel, n);
}
InputLease ServerEngine::lend_channel_input(ChannelId channel) const {
  return impl_->connection().lease(channel);
}

std::size_t ServerEngine::channel_writable(ChannelId channel) {
  return closed() ? 0 : impl_->connection().writable(channel);
}
Reservation ServerEngine::reserve(ChannelId channel, std::size_t n) {
  return closed() ? Reservation() : impl_->connection().reserve(channel, n);
}
void ServerEngine::commit(Reservation reservation, std::size_t m) {
  impl_->connection().commit(std::move(reservation), m);
}
std::size_t ServerEngine::channel_write(ChannelId channel, ByteView data) {
  return closed() ? 0 : impl_->connection().write(channel, data);
}

void ServerEngine::send_exit_status(ChannelId channel, std::uint32_t code) {
  impl_->connection().send_exit_status(channel, code);
}
void ServerEngine::channel_eof(ChannelId channel) {
  impl_->connection().send_eof(channel);
}
void ServerEngine::channel_close(ChannelId channel) {
  impl_->connection().close(channel);
}

void ServerEngine::disconnect(std::uint32_t code, std::string_view text) {
  impl_->end({code, std::string(text)}, false);
}
bool ServerEngine::closed() const {
  return impl_->closed();
}
bool ServerEngine::authenticated() const {
  return impl_->userauth().authenticated();
}
void ServerEngine::request_rekey() {
  if (!closed() && authenticated()) impl_->transport().start_rekey();
}
void ServerEngine::send_keepalive() {
  if (!closed() && authenticated()) impl_->connection().send_keepalive();
}

const ConnectionFacts& ServerEngine::facts() const {
  return impl_->transport().facts();
}
ByteView ServerEngine::session_id() const {
  return impl_->transport().session_id();
}

}  // namespace sallyport::ssh
