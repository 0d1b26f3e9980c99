// A part of an upload that is too large for the memory: in a file without a name.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "http/message.h"
#include "net/blocking_pool.h"

namespace sallyport::s3 {

// All calls block. Not thread-safe. What it held is gone with it, and with the program.
class PartFile {
 public:
  // In `folder`, with room for `bytes`. Errors: kUnavailable where there is no room; kIo.
  static Result<PartFile> make(const std::string& folder, std::uint64_t bytes);
  std::uint64_t room() const { return room_; }
  // At an offset below room(), as much as fits. Errors: kUnavailable, kIo.
  Result<void> write(std::uint64_t offset, ByteView bytes);
  // Fills the buffer from an offset on, up to room(); returns how much that was. Errors: kIo, also
  // where the file is shorter than it was made.
  Result<std::size_t> read(std::uint64_t offset, MutableBytes into) const;

 private:
  PartFile(UniqueFd fd, std::uint64_t room) : fd_(std::move(fd)), room_(room) {}

  UniqueFd fd_;
  std::uint64_t room_;
};

// The first bytes of a part file as the body of a request, read while it is sent. `file` and `disk`
// outlive it and what it begins; nothing is written meanwhile. Not thread-safe.
class PartFileBody {
 public:
  PartFileBody(const PartFile& file, std::uint64_t size, net::BlockingPool& disk)
      : file_(file), size_(size), disk_(disk) {}

  // From the start, for one attempt.
  std::unique_ptr<http::BodySource> begin();
  // Why the file could not be read, once that was so.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  class Source;
  const PartFile& file_;
  const std::uint64_t size_;
  net::BlockingPool& disk_;
  std::optional<Error> failure_;
};

}  // namespace sallyport::s3
