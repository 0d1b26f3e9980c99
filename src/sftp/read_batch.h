// Consecutive READ requests at the front of the input, answered with one read. Pure.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "sftp/messages.h"

namespace sallyport::sftp {

struct ReadBatch {
  struct Part {
    RequestId id = 0;
    std::uint32_t length = 0;  // bytes to be answered, at least 1
  };
  HandleId handle = kNoHandle;
  std::uint64_t offset = 0;
  std::vector<Part> parts;
  std::size_t bytes = 0;  // sum of lengths
  std::size_t consumed = 0;

  // Bytes of the DATA packets that answer it.
  std::size_t reply_size() const { return bytes + parts.size() * kDataHeaderSize; }
};

// How many bytes a READ of a file of `file_size` bytes gets; 0 at its end.
std::uint32_t answered_length(const ReadRequest& request, std::uint64_t file_size);

// Begins with `first`, of which something is to be read and which takes `first_size` bytes of
// `input`; then takes the READs that follow it, as long as they go on where the one before ended
// and the answers stay within `most` bytes.
void gather_reads(ByteView input, RequestId first_id, const ReadRequest& first,
                  std::size_t first_size, std::uint64_t file_size, std::size_t most,
                  ReadBatch& batch);

// The places of the batch's data in `segments`, which hold reply_size() bytes.
void data_places(const ReadBatch& batch, std::span<const MutableBytes> segments,
                 std::vector<iovec>& places);

// Writes the headers of the DATA packets after `got` bytes were read to those places. Returns the
// size of the packets, which end with the last byte read, and through `answered` how many parts
// they answer; the others are at the end of the file.
std::size_t put_headers(const ReadBatch& batch, std::size_t got,
                        std::span<const MutableBytes> segments, std::size_t& answered);

}  // namespace sallyport::sftp
