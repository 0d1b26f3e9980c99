#include "ssh/channel_input.h"

#include <algorithm>
#include <cstring>

namespace sallyport::ssh {
namespace {

// Room for an overlaid header before the first byte.
constexpr std::size_t kHeadroom = 16;
// A channel that has once held more gets no larger buffer for it the next time.
constexpr std::size_t kMaxWanted = 1024 * 1024;

}  // namespace

void ChannelInputBuffer::advance(std::size_t n) {
  begin_ += std::min(n, size());
  if (begin_ == end_) {
    buffer_.reset();
    begin_ = end_ = 0;
  }
}

void ChannelInputBuffer::append(ByteView data) {
  if (data.empty()) return;
  make_room(data.size());
  std::memcpy(buffer_->data() + end_, data.data(), data.size());
  end_ += data.size();
}

// Makes `n` bytes behind end_ writable, and those just before it for an overlaid header.
void ChannelInputBuffer::make_room(std::size_t n) {
  const std::size_t unread = size();
  const bool lent = buffer_ && buffer_.use_count() > 1;
  if (buffer_ && !lent && end_ + n <= buffer_->size()) return;
  const std::size_t needed = kHeadroom + unread + n;
  // Moving within the buffer is for small remainders; what is big gets a buffer with room to come.
  if (buffer_ && !lent && unread <= buffer_->size() / 8 && needed <= buffer_->size()) {
    std::memmove(buffer_->data() + kHeadroom, buffer_->data() + begin_, unread);
  } else {
    const std::size_t size = unread == 0 ? needed : 2 * needed;
    auto next = std::make_shared<Buffer>(pool_->take(std::max(wanted_, size)));
    wanted_ = std::max(wanted_, std::min(next->size(), kMaxWanted));
    if (unread != 0) std::memcpy(next->data() + kHeadroom, buffer_->data() + begin_, unread);
    buffer_ = std::move(next);
  }
  begin_ = kHeadroom;
  end_ = kHeadroom + unread;
}

std::uint8_t* ChannelInputBuffer::begin_overlay(std::size_t length) {
  make_room(length);
  std::uint8_t* at = buffer_->data() + end_ - kDataHeader;
  std::memcpy(saved_, at, kDataHeader);
  return at;
}

void ChannelInputBuffer::end_overlay(std::size_t data) {
  std::memcpy(buffer_->data() + end_ - kDataHeader, saved_, kDataHeader);
  end_ += data;
  if (begin_ == end_) advance(0);
}

}  // namespace sallyport::ssh
