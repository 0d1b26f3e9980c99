#include "ssh/connection.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include "ssh/public_key.h"

namespace sallyport::ssh {
namespace {

// RFC 4254 section 5.1.
constexpr std::uint32_t kOpenAdministrativelyProhibited = 1;
constexpr std::uint32_t kOpenUnknownChannelType = 3;
constexpr std::uint32_t kOpenResourceShortage = 4;

constexpr std::uint32_t kLocalMaxPacket = 32768;
constexpr std::size_t kWorthWaking = 64 * 1024;
constexpr std::string_view kSubsystem = "sftp";
// OpenSSH PROTOCOL section 2.5.
constexpr std::string_view kHostKeys = "hostkeys-00@openssh.com";
constexpr std::string_view kProveHostKeys = "hostkeys-prove-00@openssh.com";
// Requests a client that never reads the replies could have outstanding with us.
constexpr int kMaxRepliesDue = 16;

bool is_forwarding(std::string_view type) {
  return type == "direct-tcpip" || type == "forwarded-tcpip" || type == "x11" ||
         type == "direct-streamlocal@openssh.com" || type == "auth-agent@openssh.com" ||
         type == "tun@openssh.com";
}

Handled malformed() {
  return protocol_error("Malformed connection message.");
}

}  // namespace

Connection::Connection(const ServerSettings& settings, EventQueue& events, PacketWriter& writer,
                       std::shared_ptr<BufferPool> pool)
    : settings_(settings), events_(events), writer_(writer), pool_(std::move(pool)) {}

Channel* Connection::find(ChannelId id) const {
  for (const auto& channel : channels_) {
    if (channel->id == id) return channel.get();
  }
  return nullptr;
}

Channel* Connection::open_for_output(ChannelId id) const {
  Channel* channel = find(id);
  if (channel == nullptr || channel->sent_eof || channel->sent_close || channel->got_close) {
    return nullptr;
  }
  return channel;
}

// ---- Messages. ----

Handled Connection::handle(ByteView payload) {
  ByteReader in(payload);
  const std::uint8_t message = in.u8();
  switch (message) {
    case kMsgRequestSuccess:
    case kMsgRequestFailure: return handle_request_reply();
    case kMsgChannelOpen: return handle_open(in);
    default: break;
  }
  Channel* channel = find(in.u32());
  if (in.failed()) return malformed();
  if (channel == nullptr || channel->got_close) {
    return protocol_error("Message for a channel that is not open.");
  }
  switch (message) {
    case kMsgChannelWindowAdjust: return handle_window_adjust(*channel, in);
    case kMsgChannelData: return handle_data(*channel, in);
    case kMsgChannelExtendedData: return handle_extended_data(*channel, in);
    case kMsgChannelEof: return handle_eof(*channel, in);
    case kMsgChannelClose: return handle_close(*channel, in);
    case kMsgChannelRequest: return handle_request(*channel, in);
    default: return malformed();
  }
}

Handled Connection::handle_global_request(ByteView payload, ByteView session_id,
                                          std::string_view host_key_algorithm) {
  ByteReader in(payload);
  in.u8();
  const std::string_view name = in.text();
  const bool want_reply = in.boolean();
  if (in.failed()) return malformed();
  if (name == kProveHostKeys && want_reply && ask_for_proofs(in, session_id, host_key_algorithm))
    return std::nullopt;
  // no-more-sessions@openssh.com needs no answer; nothing else is served.
  const std::uint8_t failure = kMsgRequestFailure;
  if (want_reply) writer_.post({&failure, 1});
  return std::nullopt;
}

bool Connection::ask_for_proofs(ByteReader& in, ByteView session_id,
                                std::string_view host_key_algorithm) {
  ProveHostKeys action;
  while (in.remaining() > 0) {
    const ByteView blob = in.string();
    const auto key = std::find_if(
        settings_.host_keys.begin(), settings_.host_keys.end(), [blob](const PublicHostKey& one) {
          return std::equal(one.blob.begin(), one.blob.end(), blob.begin(), blob.end());
        });
    if (in.failed() || key == settings_.host_keys.end()) return false;
    if (action.wanted.size() == settings_.host_keys.size()) return false;
    ByteWriter data;
    data.string(kProveHostKeys).string(session_id).string(blob);
    // RSA keys prove themselves with the algorithm the key exchange was signed with, if it was RSA.
    const bool agreed = key_type_of_signature_algorithm(host_key_algorithm) == key->type;
    const auto index = static_cast<std::size_t>(key - settings_.host_keys.begin());
    action.wanted.push_back({agreed ? std::string(host_key_algorithm)
                                    : signature_algorithms_of_key_type(key->type).front(),
                             index, data.take()});
  }
  if (action.wanted.empty()) return false;
  proving_ = true;
  events_.push(std::move(action));
  return true;
}

void Connection::host_key_proofs(Result<std::vector<Bytes>> signature_blobs) {
  if (!std::exchange(proving_, false)) return;
  ByteWriter out;
  out.u8(signature_blobs.ok() ? kMsgRequestSuccess : kMsgRequestFailure);
  if (signature_blobs.ok())
    for (const Bytes& signature : *signature_blobs) out.string(signature);
  writer_.post(out.bytes());
}

void Connection::announce_host_keys() {
  if (!settings_.announce_host_keys || settings_.host_keys.empty()) return;
  ByteWriter out;
  out.u8(kMsgGlobalRequest).string(kHostKeys).boolean(false);
  for (const PublicHostKey& key : settings_.host_keys) out.string(key.blob);
  writer_.post(out.bytes());
}

Handled Connection::handle_request_reply() {
  if (replies_due_ == 0) return protocol_error("Reply without a request.");
  --replies_due_;
  return std::nullopt;
}

Handled Connection::handle_open(ByteReader& in) {
  const std::string_view type = in.text();
  const std::uint32_t peer_id = in.u32();
  const std::uint32_t window = in.u32();
  const std::uint32_t max_packet = in.u32();
  if (in.failed()) return malformed();

  std::uint32_t reason = 0;
  std::string_view text;
  if (type != "session") {
    const bool known = is_forwarding(type);
    reason = known ? kOpenAdministrativelyProhibited : kOpenUnknownChannelType;
    text = known ? "open failed" : "unknown channel type";
  } else if (in.remaining() != 0 || max_packet == 0) {
    return malformed();
  } else if (channels_.size() >= settings_.max_channels) {
    reason = kOpenResourceShortage;
    text = "too many channels";
  }
  if (reason != 0) {
    ByteWriter out;
    out.u8(kMsgChannelOpenFailure).u32(peer_id).u32(reason).string(text);
    out.string(std::string_view());
    writer_.post(out.bytes());
    return std::nullopt;
  }

  auto channel = std::make_unique<Channel>(next_id_++, peer_id, pool_);
  channel->peer_window = window;
  channel->peer_max_packet = max_packet;
  // The window opens with an adjustment, as clients of the managed service see it.
  ByteWriter confirmation;
  confirmation.u8(kMsgChannelOpenConfirmation).u32(peer_id).u32(channel->id).u32(0);
  confirmation.u32(kLocalMaxPacket);
  writer_.post(confirmation.bytes());
  channels_.push_back(std::move(channel));
  grant(*channels_.back(), settings_.channel_window);
  events_.push(ChannelOpened{channels_.back()->id});
  return std::nullopt;
}

Handled Connection::handle_window_adjust(Channel& channel, ByteReader& in) {
  const std::uint32_t more = in.u32();
  if (!in.done()) return malformed();
  if (more > std::numeric_limits<std::uint32_t>::max() - channel.peer_window) {
    return protocol_error("Channel window overflow.");
  }
  channel.peer_window += more;
  return std::nullopt;
}

// Accounts for `size` bytes that the client has sent.
Handled Connection::take_data(Channel& channel, std::size_t size) {
  if (channel.got_eof) return protocol_error("Channel data after EOF.");
  if (size > channel.local_window) return protocol_error("Channel window exceeded.");
  channel.local_window -= static_cast<std::uint32_t>(size);
  return std::nullopt;
}

Handled Connection::handle_data(Channel& channel, ByteReader& in) {
  const ByteView data = in.string();
  if (!in.done()) return malformed();
  if (auto bad = take_data(channel, data.size())) return bad;
  // After our CLOSE nobody reads any more; the data of a client that has not seen it yet is
  // dropped.
  if (channel.sent_close || data.empty()) return std::nullopt;
  channel.input.append(data);
  channel.input_unreported = true;
  likely_ = &channel;
  return std::nullopt;
}

bool Connection::take_overlay(ByteView plain, Handled& outcome) {
  Channel& channel = *likely_;
  const std::size_t pad = plain[0];
  if (plain[1] != kMsgChannelData || load_be32(plain.data() + 2) != channel.id) return false;
  const std::size_t data = load_be32(plain.data() + 6);
  if (pad < 4 || ChannelInputBuffer::kDataHeader + data + pad != plain.size()) return false;
  outcome = take_data(channel, data);
  channel.input.end_overlay(outcome ? 0 : data);
  channel.input_unreported = true;
  return true;
}

Handled Connection::handle_extended_data(Channel& channel, ByteReader& in) {
  in.u32();
  const ByteView data = in.string();
  if (!in.done()) return malformed();
  if (auto bad = take_data(channel, data.size())) return bad;
  // Nothing here reads a client's stderr.
  grant(channel, data.size());
  return std::nullopt;
}

Handled Connection::handle_eof(Channel& channel, ByteReader& in) {
  if (!in.done()) return malformed();
  // Go's clients repeat theirs when the server's comes meanwhile; OpenSSH's server does not mind
  // either.
  if (std::exchange(channel.got_eof, true)) return std::nullopt;
  if (likely_ == &channel) likely_ = nullptr;
  report_input();
  events_.push(ChannelEof{channel.id});
  return std::nullopt;
}

Handled Connection::handle_close(Channel& channel, ByteReader& in) {
  if (!in.done()) return malformed();
  channel.got_close = true;
  if (likely_ == &channel) likely_ = nullptr;
  report_input();
  if (!std::exchange(channel.sent_close, true)) post_channel_message(kMsgChannelClose, channel);
  events_.push(ChannelClosed{channel.id});
  return std::nullopt;
}

Handled Connection::handle_request(Channel& channel, ByteReader& in) {
  const std::string_view name = in.text();
  const bool want_reply = in.boolean();
  if (in.failed()) return malformed();
  const bool good = name == "subsystem" && start_subsystem(channel, in);
  // RFC 4254 section 5.4: no reply once CLOSE has been sent.
  if (want_reply && !channel.sent_close) {
    post_channel_message(good ? kMsgChannelSuccess : kMsgChannelFailure, channel);
  }
  return std::nullopt;
}

bool Connection::start_subsystem(Channel& channel, ByteReader& in) {
  const std::string_view name = in.text();
  if (!in.done() || name != kSubsystem || channel.subsystem_started || channel.sent_close) {
    return false;
  }
  channel.subsystem_started = true;
  events_.push(SubsystemStarted{channel.id, std::string(name)});
  return true;
}

// ---- Reports. ----

void Connection::report_input() {
  for (const auto& channel : channels_) {
    if (!channel->input_unreported || !channel->subsystem_started) continue;
    channel->input_unreported = false;
    events_.push(ChannelInput{channel->id});
  }
}

void Connection::report_writable() {
  for (const auto& channel : channels_) {
    const std::size_t n = room(*channel);
    // Where our own bound is what was short, more than a crumb is waited for.
    if (!channel->starved || n == 0 || (n < kWorthWaking && n < channel->peer_window)) continue;
    channel->starved = false;
    events_.push(WindowAvailable{channel->id});
  }
}

// ---- The driver's side. ----

ByteView Connection::input(ChannelId id) const {
  const Channel* channel = find(id);
  return channel == nullptr ? ByteView() : channel->input.view();
}

InputLease Connection::lease(ChannelId id) const {
  const Channel* channel = find(id);
  return channel == nullptr ? nullptr : channel->input.lease();
}

void Connection::advance(ChannelId id, std::size_t n) {
  if (Channel* channel = find(id)) channel->input.advance(n);
}

void Connection::grant(ChannelId id, std::size_t n) {
  if (Channel* channel = find(id)) grant(*channel, n);
}

void Connection::grant(Channel& channel, std::size_t n) {
  if (channel.got_eof || channel.got_close || channel.sent_close) return;
  // Never more than a full window, whatever the driver says.
  const std::size_t open = std::size_t{channel.local_window} + channel.ungranted;
  const std::size_t window = settings_.channel_window;
  channel.ungranted += static_cast<std::uint32_t>(std::min(n, window - std::min(window, open)));
  if (channel.ungranted < window / 8 || channel.ungranted == 0) return;
  ByteWriter out;
  out.u8(kMsgChannelWindowAdjust).u32(channel.peer_id).u32(channel.ungranted);
  writer_.post(out.bytes());
  channel.local_window += std::exchange(channel.ungranted, 0);
}

std::size_t Connection::room(const Channel& channel) const {
  if (writer_.held() || channel.sent_eof || channel.sent_close || channel.got_close) return 0;
  std::size_t reserved = 0;
  for (const auto& other : channels_) reserved += other->ledger->reserved;
  const std::size_t promised = writer_.size() + reserved;
  if (promised >= settings_.output_limit) return 0;
  const std::size_t window =
      channel.peer_window - std::min<std::size_t>(channel.peer_window, channel.ledger->reserved);
  const std::size_t slots =
      writer_.max_slots() * std::min<std::size_t>(channel.peer_max_packet, PacketWriter::kMaxData);
  return std::min({window, settings_.output_limit - promised, slots});
}

std::size_t Connection::writable(ChannelId id) {
  Channel* channel = open_for_output(id);
  if (channel == nullptr) return 0;
  const std::size_t n = room(*channel);
  if (n == 0) channel->starved = true;
  return n;
}

Reservation Connection::reserve(ChannelId id, std::size_t n) {
  Channel* channel = open_for_output(id);
  if (channel == nullptr) return {};
  return writer_.reserve(id, channel->peer_max_packet, std::min(n, writable(id)), channel->ledger);
}

void Connection::commit(Reservation reservation, std::size_t m) {
  m = std::min(m, reservation.size());
  Channel* channel = open_for_output(PacketWriter::channel_of(reservation));
  if (channel == nullptr || m == 0) return;
  channel->peer_window -= static_cast<std::uint32_t>(m);
  writer_.post_reservation(std::move(reservation), channel->peer_id, m);
}

std::size_t Connection::write(ChannelId id, ByteView data) {
  Channel* channel = open_for_output(id);
  if (channel == nullptr) return 0;
  const std::size_t total = std::min(data.size(), writable(id));
  if (total < data.size()) channel->starved = true;
  const std::size_t step = std::min<std::size_t>(channel->peer_max_packet, PacketWriter::kMaxData);
  for (std::size_t at = 0; at < total; at += step) {
    writer_.post_data(channel->peer_id, data.subspan(at, std::min(step, total - at)));
  }
  channel->peer_window -= static_cast<std::uint32_t>(total);
  return total;
}

void Connection::post_channel_message(Message message, const Channel& channel) {
  ByteWriter out;
  out.u8(message).u32(channel.peer_id);
  writer_.post(out.bytes());
}

void Connection::send_exit_status(ChannelId id, std::uint32_t code) {
  const Channel* channel = find(id);
  if (channel == nullptr || channel->sent_close) return;
  ByteWriter out;
  out.u8(kMsgChannelRequest).u32(channel->peer_id).string(std::string_view("exit-status"));
  out.boolean(false).u32(code);
  writer_.post(out.bytes());
}

void Connection::send_eof(Channel& channel) {
  if (channel.sent_eof || channel.sent_close) return;
  channel.sent_eof = true;
  post_channel_message(kMsgChannelEof, channel);
}

void Connection::send_eof(ChannelId id) {
  if (Channel* channel = find(id)) send_eof(*channel);
}

void Connection::close(ChannelId id) {
  Channel* channel = find(id);
  if (channel == nullptr || channel->sent_close) return;
  send_eof(*channel);
  channel->sent_close = true;
  if (likely_ == channel) likely_ = nullptr;
  post_channel_message(kMsgChannelClose, *channel);
}

void Connection::forget(ChannelId id) {
  std::erase_if(channels_, [id](const auto& channel) { return channel->id == id; });
}

void Connection::send_keepalive() {
  if (replies_due_ >= kMaxRepliesDue) return;
  ++replies_due_;
  ByteWriter out;
  out.u8(kMsgGlobalRequest).string(std::string_view("keepalive@openssh.com")).boolean(true);
  writer_.post(out.bytes());
}

}  // namespace sallyport::ssh
