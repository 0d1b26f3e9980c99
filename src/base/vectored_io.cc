#include "base/vectored_io.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace sallyport {

namespace {

// Goes on where a short preadv or pwritev left off. Returns the bytes done, or a negative errno
// value.
template <class Call>
std::int64_t vector_fully(std::span<const iovec> vectors, Call call) {
  std::array<iovec, 64> window;
  std::int64_t total = 0;
  std::size_t skip = 0;  // bytes of the first vector that are done
  while (!vectors.empty()) {
    const std::size_t count = std::min(vectors.size(), window.size());
    std::copy_n(vectors.begin(), count, window.begin());
    window[0].iov_base = static_cast<char*>(window[0].iov_base) + skip;
    window[0].iov_len -= skip;
    if (count == 1 && window[0].iov_len == 0) break;
    ssize_t n = call(window.data(), static_cast<int>(count), total);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -errno;
    if (n == 0) {
      // Either the end, or nothing but empty buffers was asked for.
      if (std::any_of(window.begin(), window.begin() + count,
                      [](const iovec& v) { return v.iov_len > 0; })) {
        break;
      }
      vectors = vectors.subspan(count);
      skip = 0;
      continue;
    }
    total += n;
    auto left = static_cast<std::size_t>(n);
    while (!vectors.empty() && left >= vectors.front().iov_len - skip) {
      left -= vectors.front().iov_len - skip;
      vectors = vectors.subspan(1);
      skip = 0;
    }
    skip += left;
  }
  return total;
}

}  // namespace

std::uint64_t total_size(std::span<const iovec> buffers) {
  std::uint64_t total = 0;
  for (const iovec& buffer : buffers) total += buffer.iov_len;
  return total;
}

std::int64_t read_fully(int fd, std::uint64_t offset, std::span<const iovec> into) {
  return vector_fully(into, [&](const iovec* v, int n, std::int64_t done) {
    return ::preadv(fd, v, n, static_cast<off_t>(offset) + done);
  });
}

int write_fully(int fd, std::uint64_t offset, std::span<const iovec> from) {
  const std::int64_t n = vector_fully(from, [&](const iovec* v, int count, std::int64_t done) {
    return ::pwritev(fd, v, count, static_cast<off_t>(offset) + done);
  });
  if (n < 0) return static_cast<int>(n);
  return static_cast<std::uint64_t>(n) == total_size(from) ? 0 : -EIO;
}

}  // namespace sallyport
