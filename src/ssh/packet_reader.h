// Incoming bytes: the receive buffer, and opening the packets in it. Thread-safety: none.
#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "ssh/buffer_pool.h"
#include "ssh/compression.h"
#include "ssh/packet_cipher.h"

namespace sallyport::ssh {

class PacketReader {
 public:
  // RFC 4253 section 6.1: what everybody must accept, and the most that is accepted here.
  static constexpr std::uint32_t kMaxPacket = 35000;

  explicit PacketReader(std::shared_ptr<BufferPool> pool);

  // Free space of up to `wanted` bytes behind what is there; may be less, or empty, when much is
  // waiting. Invalidates views.
  MutableBytes space(std::size_t wanted);
  void received(std::size_t n) { end_ += n; }

  // What is there, raw; for the version exchange.
  ByteView pending() const { return {buffer_.data() + begin_, end_ - begin_}; }
  void skip(std::size_t n) { begin_ += n; }

  enum class Status : std::uint8_t {
    kNeedMore,
    kReady,      // a whole packet is there; open() it
    kBadLength,  // length() is not one a packet may have
  };
  // Gives the buffer back when nothing is in it.
  Status peek();
  // Of the packet peek() looked at.
  std::uint32_t length() const { return length_; }

  struct Opened {
    bool ok = false;
    // Where the `length()` opened bytes are: `out`, or in the receive buffer (until the next call).
    std::uint8_t* plain = nullptr;
    // Where they would be in the receive buffer; length() bytes of room in either case.
    std::uint8_t* in_place = nullptr;
  };
  // Opens the packet that peek() found kReady, to `out` or, when null, in place.
  Opened open(std::uint8_t* out);

  // Whether payloads come compressed from now on; either way with a fresh context.
  void set_compressed(bool compressed);
  // Null while they do not. Its views end with the next peek().
  Inflater* inflater() const { return inflater_.get(); }

  // The sequence number of the packet opened last.
  std::uint32_t last_sequence() const { return sequence_ - 1; }
  void set_opener(std::unique_ptr<PacketOpener> opener, bool reset_sequence);
  std::uint64_t bytes_under_keys() const { return bytes_; }
  std::uint64_t packets_under_keys() const { return packets_; }

 private:
  bool plausible(std::uint32_t length) const;

  std::shared_ptr<BufferPool> pool_;
  std::unique_ptr<PacketOpener> opener_;
  std::unique_ptr<Inflater> inflater_;
  Buffer buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool length_known_ = false;
  std::uint32_t length_ = 0;
  std::uint32_t sequence_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t packets_ = 0;
};

}  // namespace sallyport::ssh
