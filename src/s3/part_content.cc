#include "s3/part_content.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace sallyport::s3 {

std::uint64_t PartContent::room() const {
  if (on_disk()) return file_->room();
  return small() ? kSmall : blocks_.size() * BlockMemory::kBlockBytes;
}

std::size_t PartContent::append(ByteView bytes) {
  bytes =
      bytes.first(static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), room() - size_)));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ByteView rest = bytes.subspan(done);
    std::size_t n = rest.size();
    if (small()) {
      first_.insert(first_.end(), rest.begin(), rest.end());
    } else {
      const std::size_t at = size_ % BlockMemory::kBlockBytes;
      n = std::min(n, BlockMemory::kBlockBytes - at);
      std::memcpy(blocks_[size_ / BlockMemory::kBlockBytes].get() + at, rest.data(), n);
    }
    size_ += n;
    done += n;
  }
  return done;
}

Task<Result<std::size_t>> PartContent::append_to_file(net::BlockingPool& disk, ByteView bytes) {
  const ByteView fitting =
      bytes.first(static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), room() - size_)));
  auto write = [this, fitting] { return file_->write(size_, fitting); };
  CO_TRY(co_await disk.run(std::move(write)));
  size_ += fitting.size();
  co_return fitting.size();
}

void PartContent::grow(BlockMemory::Blocks blocks) {
  const bool was_small = small();
  for (auto& block : blocks) blocks_.push_back(std::move(block));
  if (!was_small) return;
  const Bytes first = std::exchange(first_, Bytes());
  size_ = 0;
  append(first);
}

Task<Result<void>> PartContent::move_to(PartFile file, net::BlockingPool& disk) {
  const Bytes first = std::exchange(first_, Bytes());
  file_ = std::make_unique<PartFile>(std::move(file));
  size_ = 0;
  CO_TRY(co_await append_to_file(disk, first));
  co_return ok();
}

CallBody PartContent::body(net::BlockingPool* disk) {
  CallBody out;
  if (on_disk()) {
    out.file = &file_body_.emplace(*file_, size_, *disk);
  } else if (small() && size_ > 0) {
    out.pieces.emplace_back(first_);
  }
  for (std::uint64_t at = 0; !blocks_.empty() && at < size_; at += BlockMemory::kBlockBytes) {
    const auto n =
        static_cast<std::size_t>(std::min<std::uint64_t>(size_ - at, BlockMemory::kBlockBytes));
    const char* const block = blocks_[at / BlockMemory::kBlockBytes].get();
    out.pieces.emplace_back(reinterpret_cast<const std::uint8_t*>(block), n);
  }
  return out;
}

}  // namespace sallyport::s3
