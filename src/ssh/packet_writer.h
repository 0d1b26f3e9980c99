// Outgoing packets: framing, sealing in place, the queue of ciphertext, and the holding back of
// everything but key exchange messages while keys are exchanged (RFC 4253 section 7.1).
// Thread-safety: none.
#pragma once

#include <sys/uio.h>

#include <deque>
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "ssh/buffer_pool.h"
#include "ssh/compression.h"
#include "ssh/packet_cipher.h"
#include "ssh/reservation.h"

namespace sallyport::ssh {

class PacketWriter {
 public:
  // Largest data part of a CHANNEL_DATA packet, whatever the peer would take.
  static constexpr std::size_t kMaxData = 32768;
  // Most packets in one reservation.
  static constexpr std::size_t kMaxSlots = 32;

  explicit PacketWriter(std::shared_ptr<BufferPool> pool);

  // ---- Packets. A payload begins with the message number. ----

  // Seals and queues at once; for transport and key exchange messages.
  void send(ByteView payload);
  // The same for all others: while held, kept in order and sealed at release().
  void post(ByteView payload);
  // One CHANNEL_DATA packet (data.size() <= kMaxData), copied.
  void post_data(std::uint32_t peer_channel, ByteView data);
  // Bytes outside packets; only for the version exchange.
  void send_raw(ByteView bytes);

  // Slots for the data of CHANNEL_DATA packets of at most `max_data` bytes each; at most kMaxSlots.
  Reservation reserve(ChannelId channel, std::size_t max_data, std::size_t n,
                      std::shared_ptr<OutputLedger> ledger);
  static ChannelId channel_of(const Reservation& r) { return r.channel_; }
  // Seals the packets of the first `m` bytes in place and queues them. REQUIRES: m <= r.size().
  void post_reservation(Reservation r, std::uint32_t peer_channel, std::size_t m);

  // ---- Keys. ----

  void set_sealer(std::unique_ptr<PacketSealer> sealer, bool reset_sequence);
  // Whether payloads are compressed from now on; either way with a fresh context. Compressed, a
  // reservation is copied instead of sealed in place.
  void set_compressed(bool compressed);
  // How many full packets may be asked for at once: few where each is long work.
  std::size_t max_slots() const { return deflater_ ? kMaxSlots / 8 : kMaxSlots; }
  void hold() { held_ = true; }
  // Ends holding: what was kept is sealed and queued.
  void release();
  bool held() const { return held_; }
  // The memory they take, roughly.
  std::size_t held_bytes() const { return held_bytes_; }
  // Drops what is kept and everything that is yet to come.
  void close() { closed_ = true; }

  std::uint64_t bytes_under_keys() const { return bytes_; }
  std::uint64_t packets_under_keys() const { return packets_; }
  // Sealing failed or keys are used up; nothing more can be sent.
  bool failed() const { return failed_; }

  // ---- Ciphertext. ----

  std::size_t output(std::span<iovec> out) const;
  std::size_t size() const { return queued_; }
  void sent(std::size_t n);

 private:
  // Sealed bytes and the memory they lie in.
  struct Chunk {
    Buffer buffer;
    std::size_t used = 0;
    // Whether more packets may be put behind `used`.
    bool open = false;
    std::vector<iovec> pieces;
    std::size_t first = 0;
  };
  struct HeldReservation {
    Reservation reservation;
    std::uint32_t peer_channel;
    std::size_t size;
  };

  std::uint8_t* make_room(std::size_t n);
  void add_piece(Chunk& chunk, std::uint8_t* data, std::size_t n);
  void write_packet(ByteView head, ByteView body);
  void queue_packet(std::uint8_t* packet, std::size_t payload);
  bool seal(std::uint8_t* packet, std::size_t payload);
  void seal_reservation(Reservation r, std::uint32_t peer_channel, std::size_t m);
  void copy_reservation(const Reservation& r, std::uint32_t peer_channel, std::size_t m);

  std::shared_ptr<BufferPool> pool_;
  std::unique_ptr<PacketSealer> sealer_;
  std::unique_ptr<Deflater> deflater_;
  std::uint32_t sequence_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t packets_ = 0;
  bool failed_ = false;
  bool closed_ = false;

  std::deque<Chunk> queue_;
  std::size_t queued_ = 0;

  bool held_ = false;
  std::deque<std::variant<Bytes, HeldReservation>> held_posts_;
  std::size_t held_bytes_ = 0;
};

}  // namespace sallyport::ssh
