// Bodies made of others. Inside src/storage only.
#pragma once

#include "storage/embedded_publish.h"

namespace sallyport::storage {

// A new file on a shelf, put together from pieces of others by sharing blocks where the file system
// can. Destroyed without finish() it removes the file. Not thread-safe.
class Slices {
 public:
  Slices(CorePtr core, BucketPtr bucket, Shelf shelf);
  ~Slices();
  Slices(const Slices&) = delete;
  Slices& operator=(const Slices&) = delete;

  // `from` stays open until the task ends. Error: kConflict if the source ends early.
  Task<Result<void>> add(int from, std::uint64_t offset, std::uint64_t count);
  // Synced if that is set; the file is the caller's. REQUIRES: add() was called.
  Task<Result<FileStamp>> finish();
  std::uint64_t content() const { return content_; }

 private:
  int copy_slice(int from, std::uint64_t offset, std::uint64_t count);

  const CorePtr core_;
  const BucketPtr bucket_;
  const Shelf shelf_;
  UniqueFd to_;
  std::uint64_t content_ = 0;
  std::uint64_t size_ = 0;
};

// Error: kConflict "PreconditionFailed".
Result<void> check_source(const CopyOptions& options, const index::ObjectRow& row);

}  // namespace sallyport::storage
