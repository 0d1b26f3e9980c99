// A new body while it is written: held in memory while it is small, then a file on a shelf. Inside
// src/storage only.
#pragma once

#include <sys/uio.h>

#include <optional>
#include <span>
#include <string>

#include "storage/appended_file.h"
#include "storage/embedded_core.h"

namespace sallyport::storage {

// Destroyed without finish() or drop() it removes its file. Not thread-safe; one call at a time.
class NewBody {
 public:
  NewBody(CorePtr core, BucketPtr bucket, Shelf shelf)
      : core_(std::move(core)), bucket_(std::move(bucket)), shelf_(shelf) {}
  ~NewBody();
  NewBody(const NewBody&) = delete;
  NewBody& operator=(const NewBody&) = delete;

  std::uint64_t size() const { return size_; }
  // The number of the file; 0 while there is none.
  std::uint64_t content() const { return content_; }

  // After a failure or end() nothing can be written: a body with a gap must never be published.
  Task<Result<void>> write(std::span<const iovec> from);
  // What was written, as ObjectReader::read_at() reads.
  Task<Result<std::size_t>> read_back(std::uint64_t offset, std::span<const iovec> into);
  // Whether it may be ended, and ends it.
  Result<void> end();
  // Ends it and removes the file.
  Task<void> abandon();

  // --- blocking

  // Makes the file whole, synced if that is set, and gives it up to the caller.
  Result<FileStamp> finish();

 private:
  void drop();
  Result<void> usable() const;
  Error fail(int rc);
  int start();
  int flush_held();

  const CorePtr core_;
  const BucketPtr bucket_;
  const Shelf shelf_;
  std::string held_;
  std::optional<AppendedFile> file_;
  std::uint64_t content_ = 0;
  std::uint64_t size_ = 0;
  std::optional<Error> failure_;
  bool ended_ = false;
};

// A new empty file; `content` gets its number. Blocking; the descriptor or a negative errno value.
int create_body(EmbeddedCore& core, const Bucket& bucket, Shelf shelf, std::uint64_t& content);

}  // namespace sallyport::storage
