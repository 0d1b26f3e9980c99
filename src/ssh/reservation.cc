#include "ssh/reservation.h"

#include <algorithm>
#include <utility>

namespace sallyport::ssh {

Reservation& Reservation::operator=(Reservation&& o) noexcept {
  if (this != &o) {
    release();
    channel_ = o.channel_;
    size_ = std::exchange(o.size_, 0);
    buffer_ = std::move(o.buffer_);
    segments_ = std::move(o.segments_);
    ledger_ = std::move(o.ledger_);
  }
  return *this;
}

void Reservation::write(std::size_t offset, ByteView data) {
  for (const MutableBytes segment : segments_) {
    if (data.empty()) return;
    if (offset >= segment.size()) {
      offset -= segment.size();
      continue;
    }
    const std::size_t n = std::min(segment.size() - offset, data.size());
    std::memcpy(segment.data() + offset, data.data(), n);
    data = data.subspan(n);
    offset = 0;
  }
}

void Reservation::release() {
  if (ledger_) ledger_->reserved -= size_;
  ledger_.reset();
  size_ = 0;
  segments_.clear();
  buffer_.reset();
}

}  // namespace sallyport::ssh
