#include "ssh/packet_writer.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "ssh/messages.h"

namespace sallyport::ssh {
namespace {

constexpr std::size_t kSmallChunk = 16 * 1024;
constexpr std::size_t kDataHeader = 9;
// Length field, padding length and the CHANNEL_DATA header stand before a slot's data.
constexpr std::size_t kBeforeData = 5 + kDataHeader;
// The slot's data begins here, so that it is aligned.
constexpr std::size_t kSlotHead = 16;
constexpr std::size_t kSlotTail = kMaxPad + kMaxTag + 13;
// A sequence number must not come twice under one set of keys.
constexpr std::uint64_t kPacketLimit = 0xffffffffu;

// What one held payload costs beside its bytes.
constexpr std::size_t kHeldCost = 256;

std::size_t slot_stride(std::size_t data) {
  return (kSlotHead + data + kSlotTail + 15) & ~15ul;
}

std::array<std::uint8_t, kDataHeader> data_header(std::uint32_t peer_channel, std::size_t size) {
  std::array<std::uint8_t, kDataHeader> header;
  header[0] = kMsgChannelData;
  store_be32(header.data() + 1, peer_channel);
  store_be32(header.data() + 5, static_cast<std::uint32_t>(size));
  return header;
}

}  // namespace

PacketWriter::PacketWriter(std::shared_ptr<BufferPool> pool)
    : pool_(std::move(pool)), sealer_(make_plain_sealer()) {}

void PacketWriter::send(ByteView payload) {
  write_packet(payload, {});
}

void PacketWriter::post(ByteView payload) {
  if (!held_) return write_packet(payload, {});
  held_bytes_ += payload.size() + kHeldCost;
  held_posts_.emplace_back(to_bytes(payload));
}

void PacketWriter::post_data(std::uint32_t peer_channel, ByteView data) {
  const auto header = data_header(peer_channel, data.size());
  if (!held_) return write_packet(header, data);
  ByteWriter payload;
  payload.raw(header).raw(data);
  post(payload.bytes());
}

void PacketWriter::send_raw(ByteView bytes) {
  if (bytes.empty() || closed_) return;
  std::uint8_t* at = make_room(bytes.size());
  std::memcpy(at, bytes.data(), bytes.size());
  Chunk& chunk = queue_.back();
  add_piece(chunk, at, bytes.size());
  chunk.used += bytes.size();
}

std::uint8_t* PacketWriter::make_room(std::size_t n) {
  if (queue_.empty() || !queue_.back().open ||
      queue_.back().buffer.size() - queue_.back().used < n) {
    if (!queue_.empty()) queue_.back().open = false;
    Chunk chunk;
    chunk.buffer = pool_->take(std::max(n, kSmallChunk));
    chunk.open = true;
    queue_.push_back(std::move(chunk));
  }
  Chunk& chunk = queue_.back();
  return chunk.buffer.data() + chunk.used;
}

void PacketWriter::add_piece(Chunk& chunk, std::uint8_t* data, std::size_t n) {
  queued_ += n;
  if (chunk.pieces.size() > chunk.first) {
    iovec& last = chunk.pieces.back();
    if (static_cast<std::uint8_t*>(last.iov_base) + last.iov_len == data) {
      last.iov_len += n;
      return;
    }
  }
  chunk.pieces.push_back({data, n});
}

// Frames and seals the packet whose payload of `payload` bytes already stands at packet + 5.
bool PacketWriter::seal(std::uint8_t* packet, std::size_t payload) {
  const PacketShape& shape = sealer_->shape();
  const std::size_t pad = shape.pad_size(payload);
  const std::size_t length = 1 + payload + pad;
  store_be32(packet, static_cast<std::uint32_t>(length));
  packet[4] = static_cast<std::uint8_t>(pad);
  // RFC 4253 section 6 asks for random padding for the sake of ciphers in CBC mode; none is
  // offered.
  std::memset(packet + 5 + payload, 0, pad);
  if (packets_ >= kPacketLimit || !sealer_->seal(sequence_, packet, length)) failed_ = true;
  ++sequence_;
  ++packets_;
  bytes_ += 4 + length;
  return !failed_;
}

void PacketWriter::write_packet(ByteView head, ByteView body) {
  if (failed_ || closed_) return;
  const std::size_t size = head.size() + body.size();
  const std::size_t bound = deflater_ ? Deflater::bound(size) : size;
  std::uint8_t* packet = make_room(5 + bound + kMaxPad + kMaxTag);
  if (deflater_) {
    const std::size_t packed = deflater_->deflate(head, body, packet + 5);
    failed_ = packed == 0;
    if (!failed_) queue_packet(packet, packed);
    return;
  }
  std::memcpy(packet + 5, head.data(), head.size());
  if (!body.empty()) std::memcpy(packet + 5 + head.size(), body.data(), body.size());
  queue_packet(packet, size);
}

// The payload stands at packet + 5, in the room made last.
void PacketWriter::queue_packet(std::uint8_t* packet, std::size_t payload) {
  const PacketShape& shape = sealer_->shape();
  const std::size_t size = 5 + payload + shape.pad_size(payload) + shape.tag;
  if (!seal(packet, payload)) return;
  Chunk& chunk = queue_.back();
  add_piece(chunk, packet, size);
  chunk.used += size;
}

Reservation PacketWriter::reserve(ChannelId channel, std::size_t max_data, std::size_t n,
                                  std::shared_ptr<OutputLedger> ledger) {
  Reservation r;
  if (n == 0 || max_data == 0) return r;
  max_data = std::min(max_data, kMaxData);
  n = std::min(n, max_data * kMaxSlots);
  const std::size_t full = n / max_data;
  const std::size_t rest = n % max_data;
  const std::size_t stride = slot_stride(max_data);
  r.channel_ = channel;
  r.buffer_ = pool_->take(full * stride + (rest != 0 ? slot_stride(rest) : 0));
  r.segments_.reserve(full + 1);
  for (std::size_t i = 0; i < full; ++i) {
    r.segments_.emplace_back(r.buffer_.data() + i * stride + kSlotHead, max_data);
  }
  if (rest != 0) r.segments_.emplace_back(r.buffer_.data() + full * stride + kSlotHead, rest);
  r.size_ = n;
  ledger->reserved += n;
  r.ledger_ = std::move(ledger);
  return r;
}

void PacketWriter::post_reservation(Reservation r, std::uint32_t peer_channel, std::size_t m) {
  if (r.ledger_) r.ledger_->reserved -= r.size_;
  r.ledger_.reset();
  if (m == 0 || closed_) return;
  if (held_) {
    held_bytes_ += m;
    held_posts_.emplace_back(HeldReservation{std::move(r), peer_channel, m});
    return;
  }
  seal_reservation(std::move(r), peer_channel, m);
}

void PacketWriter::seal_reservation(Reservation r, std::uint32_t peer_channel, std::size_t m) {
  if (failed_ || closed_) return;
  if (deflater_) return copy_reservation(r, peer_channel, m);
  Chunk chunk;
  chunk.buffer = std::move(r.buffer_);
  chunk.pieces.reserve(r.segments_.size());
  const PacketShape& shape = sealer_->shape();
  for (const MutableBytes segment : r.segments_) {
    if (m == 0) break;
    const std::size_t data = std::min(m, segment.size());
    const auto header = data_header(peer_channel, data);
    std::uint8_t* packet = segment.data() - kBeforeData;
    std::memcpy(packet + 5, header.data(), header.size());
    const std::size_t payload = kDataHeader + data;
    const std::size_t size = 5 + payload + shape.pad_size(payload) + shape.tag;
    if (!seal(packet, payload)) return;
    add_piece(chunk, packet, size);
    m -= data;
  }
  if (!queue_.empty()) queue_.back().open = false;
  queue_.push_back(std::move(chunk));
}

void PacketWriter::copy_reservation(const Reservation& r, std::uint32_t peer_channel,
                                    std::size_t m) {
  for (const MutableBytes segment : r.segments_) {
    if (m == 0) break;
    const std::size_t data = std::min(m, segment.size());
    write_packet(data_header(peer_channel, data), segment.first(data));
    m -= data;
  }
}

void PacketWriter::set_compressed(bool compressed) {
  deflater_ = compressed ? std::make_unique<Deflater>() : nullptr;
}

void PacketWriter::set_sealer(std::unique_ptr<PacketSealer> sealer, bool reset_sequence) {
  sealer_ = std::move(sealer);
  if (reset_sequence) sequence_ = 0;
  bytes_ = 0;
  packets_ = 0;
}

void PacketWriter::release() {
  held_ = false;
  held_bytes_ = 0;
  auto posts = std::exchange(held_posts_, {});
  for (auto& post : posts) {
    if (const Bytes* payload = std::get_if<Bytes>(&post)) {
      write_packet(*payload, {});
    } else {
      auto& held = std::get<HeldReservation>(post);
      seal_reservation(std::move(held.reservation), held.peer_channel, held.size);
    }
  }
}

std::size_t PacketWriter::output(std::span<iovec> out) const {
  std::size_t n = 0;
  for (const Chunk& chunk : queue_) {
    for (std::size_t i = chunk.first; i < chunk.pieces.size(); ++i) {
      if (n == out.size()) return n;
      out[n++] = chunk.pieces[i];
    }
  }
  return n;
}

void PacketWriter::sent(std::size_t n) {
  queued_ -= n;
  while (!queue_.empty()) {
    Chunk& chunk = queue_.front();
    while (chunk.first < chunk.pieces.size()) {
      iovec& piece = chunk.pieces[chunk.first];
      const std::size_t step = std::min(n, piece.iov_len);
      piece.iov_base = static_cast<std::uint8_t*>(piece.iov_base) + step;
      piece.iov_len -= step;
      n -= step;
      if (piece.iov_len != 0) return;
      ++chunk.first;
    }
    queue_.pop_front();
  }
}

}  // namespace sallyport::ssh
