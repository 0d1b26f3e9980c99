#include <fcntl.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "base/vectored_io.h"
#include "storage/embedded_io.h"

namespace sallyport::storage {

namespace {

// Below this the kernel's own guess about reading ahead is as good.
constexpr std::uint64_t kSequentialFrom = 256 * 1024;

class EmbeddedReader final : public ObjectReader {
 public:
  EmbeddedReader(CorePtr core, ObjectInfo info, UniqueFd fd)
      : core_(std::move(core)), info_(std::move(info)), fd_(std::move(fd)) {
    if (info_.size >= kSequentialFrom) ::posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  }

  const ObjectInfo& info() const override { return info_; }

  Task<Result<std::size_t>> read_at(std::uint64_t offset, std::span<const iovec> into) override {
    std::vector<iovec> cut;
    into = within(offset, into, cut);
    if (into.empty()) co_return std::size_t{0};
    const std::int64_t n =
        co_await core_->disk.run([&] { return read_fully(fd_.get(), offset, into); });
    if (n < 0) co_return errno_error("reading the content of an object", static_cast<int>(-n));
    co_return static_cast<std::size_t>(n);
  }

  std::optional<Result<std::size_t>> try_read_at(std::uint64_t offset,
                                                 std::span<const iovec> into) override {
    std::vector<iovec> cut;
    into = within(offset, into, cut);
    if (into.empty()) return std::size_t{0};
    if (!may_try_ || into.size() > kMaxTryVectors) return std::nullopt;
    const ssize_t n = ::preadv2(fd_.get(), into.data(), static_cast<int>(into.size()),
                                static_cast<off_t>(offset), RWF_NOWAIT);
    if (n < 0) {
      // Not every file system can tell.
      if (errno == EOPNOTSUPP || errno == ENOSYS) may_try_ = false;
      return std::nullopt;
    }
    // Less than asked for means that the rest is not in memory, or that the file is shorter than it
    // was.
    if (static_cast<std::size_t>(n) < total_size(into)) return std::nullopt;
    return static_cast<std::size_t>(n);
  }

 private:
  static constexpr std::size_t kMaxTryVectors = 1024;  // IOV_MAX

  // The part of the buffers that the object reaches, held in `cut` if it is not all of them.
  std::span<const iovec> within(std::uint64_t offset, std::span<const iovec> into,
                                std::vector<iovec>& cut) const {
    if (offset >= info_.size) return {};
    std::uint64_t left = info_.size - offset;
    if (total_size(into) <= left) return into;
    for (const iovec& v : into) {
      if (left == 0) break;
      cut.push_back(
          {v.iov_base, static_cast<std::size_t>(std::min<std::uint64_t>(v.iov_len, left))});
      left -= cut.back().iov_len;
    }
    return cut;
  }

  const CorePtr core_;
  const ObjectInfo info_;
  const UniqueFd fd_;
  bool may_try_ = true;
};

}  // namespace

std::unique_ptr<ObjectReader> make_reader(CorePtr core, ObjectInfo info, UniqueFd fd) {
  return std::make_unique<EmbeddedReader>(std::move(core), std::move(info), std::move(fd));
}

}  // namespace sallyport::storage
