// The connection protocol (RFC 4254): session channels, their windows, requests.
// Told each message that is its own after the message table has found it legal. Thread-safety:
// none.
#pragma once

#include <memory>
#include <vector>

#include "base/bytes.h"
#include "ssh/channel.h"
#include "ssh/event_queue.h"
#include "ssh/messages.h"
#include "ssh/packet_writer.h"
#include "ssh/server_engine.h"
#include "ssh/server_settings.h"

namespace sallyport::ssh {

class Connection {
 public:
  Connection(const ServerSettings& settings, EventQueue& events, PacketWriter& writer,
             std::shared_ptr<BufferPool> pool);

  // Any message numbered 81 or above, with its number.
  Handled handle(ByteView payload);
  // GLOBAL_REQUEST; `session_id` and the algorithm of the key exchange are what proofs are bound
  // to.
  Handled handle_global_request(ByteView payload, ByteView session_id,
                                std::string_view host_key_algorithm);

  // hostkeys-00@openssh.com, if settings want it.
  void announce_host_keys();
  // The answer to ProveHostKeys; without effect when none is outstanding.
  void host_key_proofs(Result<std::vector<Bytes>> signature_blobs);
  bool awaits_answer() const { return proving_; }

  // ---- The short way for bulk data: a packet is opened straight into a channel's input. ----

  // The channel that the last data was for, if more for it may well be coming; else null.
  Channel* likely_target() const { return likely_; }
  // `plain` (a whole opened packet, from its padding length on) lies in likely_target()'s overlay.
  // When it is data for that channel, takes it in and returns true; else changes nothing.
  bool take_overlay(ByteView plain, Handled& outcome);

  // Reports channels whose input has grown.
  void report_input();
  // Reports channels that had no room for output and have now.
  void report_writable();

  // ---- For the driver; unknown channels are no error, they have nothing and take nothing. ----

  ByteView input(ChannelId id) const;
  InputLease lease(ChannelId id) const;
  void advance(ChannelId id, std::size_t n);
  void grant(ChannelId id, std::size_t n);
  std::size_t writable(ChannelId id);
  Reservation reserve(ChannelId id, std::size_t n);
  void commit(Reservation reservation, std::size_t m);
  std::size_t write(ChannelId id, ByteView data);
  void send_exit_status(ChannelId id, std::uint32_t code);
  void send_eof(ChannelId id);
  void close(ChannelId id);
  // The driver has learnt of ChannelClosed.
  void forget(ChannelId id);
  void send_keepalive();

 private:
  Channel* find(ChannelId id) const;
  Channel* open_for_output(ChannelId id) const;
  std::size_t room(const Channel& channel) const;
  Handled take_data(Channel& channel, std::size_t size);
  void grant(Channel& channel, std::size_t n);
  void send_eof(Channel& channel);
  void post_channel_message(Message message, const Channel& channel);

  // False: a key that is not ours, or nothing asked for.
  bool ask_for_proofs(ByteReader& in, ByteView session_id, std::string_view host_key_algorithm);
  Handled handle_request_reply();
  Handled handle_open(ByteReader& in);
  Handled handle_window_adjust(Channel& channel, ByteReader& in);
  Handled handle_data(Channel& channel, ByteReader& in);
  Handled handle_extended_data(Channel& channel, ByteReader& in);
  Handled handle_eof(Channel& channel, ByteReader& in);
  Handled handle_close(Channel& channel, ByteReader& in);
  Handled handle_request(Channel& channel, ByteReader& in);
  bool start_subsystem(Channel& channel, ByteReader& in);

  const ServerSettings& settings_;
  EventQueue& events_;
  PacketWriter& writer_;
  std::shared_ptr<BufferPool> pool_;
  std::vector<std::unique_ptr<Channel>> channels_;
  Channel* likely_ = nullptr;
  ChannelId next_id_ = 0;
  // Our global requests whose reply is still to come.
  int replies_due_ = 0;
  bool proving_ = false;
};

}  // namespace sallyport::ssh
