#include "storage/embedded_io.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "base/vectored_io.h"
#include "codec/utf8.h"

namespace sallyport::storage {

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
