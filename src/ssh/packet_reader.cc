#include "ssh/packet_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace sallyport::ssh {
namespace {

// Not worth a receive call, unless nothing else is to be had.
constexpr std::size_t kSmallSpace = 16 * 1024;
// More than a partial packet is never moved.
constexpr std::size_t kMaxMove = 64 * 1024;
// Of an uncompressed packet: less its padding length and least padding.
constexpr std::size_t kMaxPayload = PacketReader::kMaxPacket - 5;

}  // namespace

PacketReader::PacketReader(std::shared_ptr<BufferPool> pool)
    : pool_(std::move(pool)), opener_(make_plain_opener()) {}

MutableBytes PacketReader::space(std::size_t wanted) {
  if (!buffer_) {
    buffer_ = pool_->take(wanted);
    begin_ = end_ = 0;
  }
  const std::size_t waiting = end_ - begin_;
  if (begin_ != 0 && waiting <= kMaxMove &&
      buffer_.size() - end_ < std::max(kSmallSpace, wanted / 2)) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, waiting);
    begin_ = 0;
    end_ = waiting;
  }
  return {buffer_.data() + end_, std::min(wanted, buffer_.size() - end_)};
}

bool PacketReader::plausible(std::uint32_t length) const {
  const PacketShape& shape = opener_->shape();
  // A padding length, one byte of payload, four of padding.
  if (length < 6 || length > kMaxPacket) return false;
  return ((shape.pads_length ? 4 : 0) + std::size_t{length}) % shape.block == 0;
}

PacketReader::Status PacketReader::peek() {
  const std::size_t waiting = end_ - begin_;
  if (!length_known_) {
    if (waiting == 0) {
      buffer_.reset();
      begin_ = end_ = 0;
      if (inflater_) inflater_->rest();
      return Status::kNeedMore;
    }
    if (waiting < opener_->shape().prefix) return Status::kNeedMore;
    length_ = opener_->length(sequence_, buffer_.data() + begin_);
    length_known_ = true;
  }
  if (!plausible(length_)) return Status::kBadLength;
  return waiting < 4 + std::size_t{length_} + opener_->shape().tag ? Status::kNeedMore
                                                                   : Status::kReady;
}

PacketReader::Opened PacketReader::open(std::uint8_t* out) {
  std::uint8_t* packet = buffer_.data() + begin_;
  Opened opened;
  opened.in_place = packet + 4;
  opened.plain = out != nullptr ? out : opened.in_place;
  opened.ok = opener_->open(sequence_, packet, length_, opened.plain);
  begin_ += 4 + std::size_t{length_} + opener_->shape().tag;
  length_known_ = false;
  ++sequence_;
  ++packets_;
  bytes_ += 4 + std::size_t{length_};
  return opened;
}

void PacketReader::set_compressed(bool compressed) {
  inflater_ = compressed ? std::make_unique<Inflater>(pool_, kMaxPayload) : nullptr;
}

void PacketReader::set_opener(std::unique_ptr<PacketOpener> opener, bool reset_sequence) {
  opener_ = std::move(opener);
  if (reset_sequence) sequence_ = 0;
  bytes_ = 0;
  packets_ = 0;
}

}  // namespace sallyport::ssh
