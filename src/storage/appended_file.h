// A file that is written from its beginning to its end.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <span>

#include "base/unique_fd.h"
#include "storage/block_pool.h"

namespace sallyport::storage {

// Its beginning goes through the page cache, and from `direct_from` bytes on past it (O_DIRECT):
// copying content into cold pages costs more than all the rest of an upload, and pushes out what
// others read. Where the file system does not let it, or no block is to be had, everything goes
// through the page cache. Blocking. Not thread-safe.
class AppendedFile {
 public:
  // The file is empty. `direct_from` 0: never. The pool must outlive this.
  AppendedFile(UniqueFd fd, BlockPool& blocks, std::uint64_t direct_from)
      : fd_(std::move(fd)), blocks_(blocks), direct_from_(direct_from) {}

  // All that was appended. The file itself may be shorter until settle().
  std::uint64_t size() const { return written_ + filled_; }

  // Returns 0 or a negative errno value; after an error nothing is known of the file.
  int append(std::span<const iovec> from);
  // Hands all of it to the file; what comes later goes through the page cache. Returns the same.
  int settle();

  // For reading, syncing and the like, after settle().
  int fd() const { return fd_.get(); }
  // Gives up the file, and what was not settled. Only destruction may follow.
  UniqueFd release();

 private:
  class Cursor;

  int append_buffered(Cursor& from, std::uint64_t most);
  int append_direct(Cursor& from);
  int write_block();
  bool set_direct(bool on);

  UniqueFd fd_;
  BlockPool& blocks_;
  std::uint64_t direct_from_;
  bool direct_ = false;        // O_DIRECT is set
  std::uint64_t written_ = 0;  // a multiple of kAlignment while there is a block
  BlockPool::Block block_;
  std::size_t filled_ = 0;  // of the block
};

}  // namespace sallyport::storage
