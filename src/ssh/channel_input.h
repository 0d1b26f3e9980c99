// The bytes a channel has received and nobody has consumed: one contiguous stretch of memory, into
// which packets are opened directly. Thread-safety: none.
#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "ssh/buffer_pool.h"

namespace sallyport::ssh {

class ChannelInputBuffer {
 public:
  // What stands before the data in an opened CHANNEL_DATA packet: padding length, message number,
  // channel, data length.
  static constexpr std::size_t kDataHeader = 10;

  explicit ChannelInputBuffer(std::shared_ptr<BufferPool> pool) : pool_(std::move(pool)) {}

  ByteView view() const {
    return buffer_ ? ByteView(buffer_->data() + begin_, end_ - begin_) : ByteView();
  }
  std::size_t size() const { return end_ - begin_; }
  // Takes the first bytes away; `n` beyond size() takes all. Gives the memory back when none is
  // left.
  void advance(std::size_t n);
  void append(ByteView data);

  // Where to open a packet of `length` bytes so that its data lands behind what is there. The bytes
  // that its header overwrites are put back by end_overlay(), which keeps the first `data` bytes.
  std::uint8_t* begin_overlay(std::size_t length);
  void end_overlay(std::size_t data);

  // While a lease lives, the bytes under it stay as they are.
  std::shared_ptr<const Buffer> lease() const { return buffer_; }

 private:
  void make_room(std::size_t n);

  std::shared_ptr<BufferPool> pool_;
  std::shared_ptr<Buffer> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  // How large the next buffer should be, from what the last had to hold.
  std::size_t wanted_ = std::size_t{64} << 10;
  std::uint8_t saved_[kDataHeader];
};

}  // namespace sallyport::ssh
