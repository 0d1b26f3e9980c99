#include "storage/embedded_io.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <vector>

#include "codec/utf8.h"

namespace sallyport::storage {

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
  std::uint64_t wanted = 0;
  for (const iovec& v : from) wanted += v.iov_len;
  return static_cast<std::uint64_t>(n) == wanted ? 0 : -EIO;
}

int copy_range(int from, std::uint64_t from_offset, int to, std::uint64_t to_offset,
               std::uint64_t size) {
  std::uint64_t done = 0;
  while (done < size) {
    auto in = static_cast<off_t>(from_offset + done);
    auto out = static_cast<off_t>(to_offset + done);
    const ssize_t n = ::copy_file_range(from, &in, to, &out, size - done, 0);
    if (n == 0) return -ENODATA;
    if (n < 0) {
      if (errno == EINTR) continue;
      if (done == 0 && (errno == EXDEV || errno == EINVAL || errno == ENOSYS ||
                        errno == EOPNOTSUPP || errno == EPERM)) {
        break;
      }
      return -errno;
    }
    done += static_cast<std::uint64_t>(n);
  }
  std::vector<char> buffer(done < size ? std::min<std::uint64_t>(size, 1 << 20) : 0);
  while (done < size) {
    iovec piece{buffer.data(), std::min<std::uint64_t>(buffer.size(), size - done)};
    const std::int64_t n = read_fully(from, from_offset + done, {&piece, 1});
    if (n < 0) return static_cast<int>(n);
    if (n == 0) return -ENODATA;
    piece.iov_len = static_cast<std::size_t>(n);
    if (const int rc = write_fully(to, to_offset + done, {&piece, 1}); rc != 0) return rc;
    done += static_cast<std::uint64_t>(n);
  }
  return 0;
}

namespace {

bool is_text(std::string_view text) {
  return codec::is_valid_utf8(text) && text.find('\0') == std::string_view::npos;
}

bool are_texts(const index::Strings& strings) {
  return std::all_of(strings.begin(), strings.end(), [](const auto& entry) {
    return !entry.first.empty() && is_text(entry.first) && is_text(entry.second);
  });
}

}  // namespace

Result<void> check_put_options(const PutOptions& options) {
  TRY(check_tags(options.tags));
  if (is_text(options.content_type) && are_texts(options.metadata) && are_texts(options.headers)) {
    return ok();
  }
  return Error(Errc::kInvalidArgument, "The content type or metadata is not UTF-8 text",
               "InvalidMetadata");
}

Result<void> check_tags(const Tags& tags) {
  if (are_texts(tags)) return ok();
  return Error(Errc::kInvalidArgument, "The tags are not UTF-8 text", "InvalidTag");
}

}  // namespace sallyport::storage
