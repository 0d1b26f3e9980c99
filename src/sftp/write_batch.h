// Consecutive WRITE requests at the front of the input, gathered into one write. Pure.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "sftp/messages.h"

namespace sallyport::sftp {

// A WRITE whose first bytes are written while the rest has not arrived.
struct UnfinishedWrite {
  RequestId id = 0;
  HandleId handle = kNoHandle;
  std::uint64_t offset = 0;   // where the rest belongs
  std::size_t remaining = 0;  // at least 1
  // Set when the first bytes were refused; the rest is then passed over.
  std::optional<Status> refused;
};

struct WriteBatch {
  HandleId handle = kNoHandle;
  std::uint64_t offset = 0;
  std::vector<iovec> data;  // points into the input
  std::size_t bytes = 0;    // sum of data
  std::size_t consumed = 0;
  std::vector<RequestId> finished;  // whose last byte is in the batch, in order
  std::optional<UnfinishedWrite> unfinished;

  bool empty() const { return consumed == 0; }
};

// Fills `batch` (its vectors' memory is used again) from the front of `input`: first the rest of
// `before`, then WRITEs of the same handle that go on where the one before ended, up to about
// `most` bytes. Stops in front of anything else and of what is malformed. Empty when the input does
// not begin so, or when waiting for the rest of a request is better.
void gather_writes(ByteView input, const std::optional<UnfinishedWrite>& before, std::size_t most,
                   WriteBatch& batch);

}  // namespace sallyport::sftp
