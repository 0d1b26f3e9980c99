// Files read and written through lists of buffers. Blocking.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <span>

namespace sallyport {

// The bytes of all buffers together.
std::uint64_t total_size(std::span<const iovec> buffers);

// Reads until the buffers are full or the file ends. Returns the count or a negative errno value.
std::int64_t read_fully(int fd, std::uint64_t offset, std::span<const iovec> into);
// Writes everything. Returns 0 or a negative errno value.
int write_fully(int fd, std::uint64_t offset, std::span<const iovec> from);

}  // namespace sallyport
