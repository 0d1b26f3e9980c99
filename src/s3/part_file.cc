#include "s3/part_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace sallyport::s3 {
namespace {

// Not every file system can make files without names.
UniqueFd nameless_file(const std::string& folder) {
  UniqueFd fd(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (fd.valid() || (errno != EOPNOTSUPP && errno != EISDIR)) return fd;
  std::string name = folder + "/part-XXXXXX";
  fd = UniqueFd(::mkostemp(name.data(), O_CLOEXEC));
  if (fd.valid()) ::unlink(name.c_str());
  return fd;
}

// That a folder is missing here is not what its user asked for.
Error disk_error(std::string_view what, int error) {
  Error out = errno_error(what, error);
  if (out.code != Errc::kUnavailable) out.code = Errc::kIo;
  return out;
}

}  // namespace

Result<PartFile> PartFile::make(const std::string& folder, std::uint64_t bytes) {
  UniqueFd fd = nameless_file(folder);
  if (!fd.valid()) return disk_error("making a file for a part of an upload", errno);
  // Who has no room hears of it before he has sent all of it.
  if (const int error = ::posix_fallocate(fd.get(), 0, static_cast<off_t>(bytes)); error != 0)
    return disk_error("making room for a part of an upload", error);
  return PartFile(std::move(fd), bytes);
}

Result<void> PartFile::write(std::uint64_t offset, ByteView bytes) {
  bytes =
      bytes.first(static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), room_ - offset)));
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return disk_error("writing a part of an upload", errno);
    offset += static_cast<std::uint64_t>(n);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return ok();
}

Result<std::size_t> PartFile::read(std::uint64_t offset, MutableBytes into) const {
  const std::uint64_t there = room_ - std::min(offset, room_);
  into = into.first(static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), there)));
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t n = ::pread(fd_.get(), into.data() + done, into.size() - done,
                              static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return disk_error("reading a part of an upload", errno);
    if (n == 0) return Error(Errc::kIo, "reading a part of an upload: its file has become shorter");
    done += static_cast<std::size_t>(n);
  }
  return done;
}

class PartFileBody::Source final : public http::BodySource {
 public:
  explicit Source(PartFileBody& body) : body_(body) {}

  Task<Result<std::size_t>> read(MutableBytes into) override {
    const MutableBytes room = into.first(
        static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), body_.size_ - at_)));
    auto work = [this, room] { return body_.file_.read(at_, room); };
    auto n = co_await body_.disk_.run(std::move(work));
    if (n.ok()) {
      at_ += *n;
    } else {
      body_.failure_ = n.error();
    }
    co_return n;
  }
  std::optional<std::uint64_t> length() const override { return body_.size_; }

 private:
  PartFileBody& body_;
  std::uint64_t at_ = 0;
};

std::unique_ptr<http::BodySource> PartFileBody::begin() {
  return std::make_unique<Source>(*this);
}

}  // namespace sallyport::s3
