// Space for channel output, inside the packets that will carry it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "ssh/actions.h"
#include "ssh/buffer_pool.h"

namespace sallyport::ssh {

// How much of a channel's window and of the output bound is promised to open reservations.
struct OutputLedger {
  std::size_t reserved = 0;
};

// A stretch of a channel's output stream, cut into the data parts of CHANNEL_DATA packets. Fill it
// from the front through segments(), then ServerEngine::commit() it.
//
// Owns its memory: it stays valid for a read in flight even when the engine has ended. Dropped
// without commit, it gives back what it promised. Several may be open at once and are sent in the
// order of their commits. Belongs to the engine's thread; only the bytes may be filled elsewhere.
class Reservation {
 public:
  Reservation() = default;
  Reservation(Reservation&& o) noexcept { *this = std::move(o); }
  Reservation& operator=(Reservation&& o) noexcept;
  ~Reservation() { release(); }

  // The pieces, in stream order; each but the last is one full packet's worth.
  std::span<const MutableBytes> segments() const { return segments_; }
  // Sum of the pieces.
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // Copies `data` to `offset` of the stretch, over the piece boundaries.
  // REQUIRES: offset + data.size() <= size().
  void write(std::size_t offset, ByteView data);

 private:
  friend class PacketWriter;
  void release();

  ChannelId channel_ = 0;
  std::size_t size_ = 0;
  Buffer buffer_;
  std::vector<MutableBytes> segments_;
  std::shared_ptr<OutputLedger> ledger_;
};

}  // namespace sallyport::ssh
