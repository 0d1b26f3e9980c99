#include "storage/appended_file.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "base/vectored_io.h"

namespace sallyport::storage {

// What is left of a list of buffers.
class AppendedFile::Cursor {
 public:
  explicit Cursor(std::span<const iovec> buffers) : buffers_(buffers) { skip_empty(); }

  bool at_end() const { return buffers_.empty(); }

  // Copies up to `room` bytes; returns how many.
  std::size_t copy_to(char* to, std::size_t room) {
    std::size_t done = 0;
    while (done < room && !at_end()) {
      const iovec piece = front(room - done);
      std::memcpy(to + done, piece.iov_base, piece.iov_len);
      done += piece.iov_len;
      pass(piece.iov_len);
    }
    return done;
  }

  // The next bytes, `most` at the most, as buffers of their own.
  std::vector<iovec> take(std::uint64_t most) {
    std::vector<iovec> out;
    while (most > 0 && !at_end()) {
      out.push_back(front(most));
      most -= out.back().iov_len;
      pass(out.back().iov_len);
    }
    return out;
  }

 private:
  iovec front(std::uint64_t most) const {
    const iovec& first = buffers_.front();
    return {static_cast<char*>(first.iov_base) + passed_,
            static_cast<std::size_t>(std::min<std::uint64_t>(first.iov_len - passed_, most))};
  }

  void pass(std::size_t bytes) {
    passed_ += bytes;
    skip_empty();
  }

  void skip_empty() {
    while (!buffers_.empty() && passed_ == buffers_.front().iov_len) {
      buffers_ = buffers_.subspan(1);
      passed_ = 0;
    }
  }

  std::span<const iovec> buffers_;
  std::size_t passed_ = 0;  // of the first one
};

int AppendedFile::append(std::span<const iovec> from) {
  Cursor cursor(from);
  while (!cursor.at_end()) {
    const bool past_the_cache = direct_from_ != 0 && size() >= direct_from_;
    const int rc = past_the_cache
                       ? append_direct(cursor)
                       : append_buffered(cursor, direct_from_ ? direct_from_ - size() : UINT64_MAX);
    if (rc != 0) return rc;
  }
  return 0;
}

int AppendedFile::append_buffered(Cursor& from, std::uint64_t most) {
  if (!set_direct(false)) return -errno;
  const std::vector<iovec> piece = from.take(most);
  const int rc = write_fully(fd_.get(), written_, piece);
  if (rc == 0) written_ += total_size(piece);
  return rc;
}

// Appends up to a block's end.
int AppendedFile::append_direct(Cursor& from) {
  if (!block_) {
    if (const auto over = written_ % BlockPool::kAlignment; over != 0) {
      return append_buffered(from, BlockPool::kAlignment - over);
    }
    block_ = blocks_.take();
    if (!block_ || !set_direct(true)) {
      block_.reset();
      return append_buffered(from, BlockPool::kBlockBytes);
    }
  }
  filled_ += from.copy_to(block_.get() + filled_, BlockPool::kBlockBytes - filled_);
  return filled_ == BlockPool::kBlockBytes ? write_block() : 0;
}

int AppendedFile::write_block() {
  const iovec whole{block_.get(), filled_};
  int rc = write_fully(fd_.get(), written_, {&whole, 1});
  // Some file systems take the flag and then refuse the write.
  if (direct_ && (rc == -EINVAL || rc == -EOPNOTSUPP) && set_direct(false)) {
    direct_from_ = 0;
    rc = write_fully(fd_.get(), written_, {&whole, 1});
  }
  if (rc != 0) return rc;
  written_ += filled_;
  filled_ = 0;
  block_.reset();
  return 0;
}

int AppendedFile::settle() {
  direct_from_ = 0;
  if (!set_direct(false)) return -errno;
  return block_ ? write_block() : 0;
}

UniqueFd AppendedFile::release() {
  block_.reset();
  return std::move(fd_);
}

// A file system that does not know the flag is not asked again for this file.
bool AppendedFile::set_direct(bool on) {
  if (direct_ == on) return true;
  const int flags = ::fcntl(fd_.get(), F_GETFL);
  if (flags < 0 || ::fcntl(fd_.get(), F_SETFL, on ? flags | O_DIRECT : flags & ~O_DIRECT) != 0) {
    if (on) direct_from_ = 0;
    return false;
  }
  direct_ = on;
  return true;
}

}  // namespace sallyport::storage
