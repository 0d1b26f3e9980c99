#include "s3/key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/secret.h"
#include "base/unique_fd.h"

namespace sallyport::s3 {
namespace {

constexpr std::uint64_t kMaxKeyFile = 1 << 20;

Error unreadable(const std::string& path, std::string_view why) {
  return Error(Errc::kInvalidArgument, "the file " + path + ": " + std::string(why));
}

Error unreadable_errno(const std::string& path) {
  return unreadable(path, errno_error("reading it", errno).message);
}

// Blocks.
Result<KeyFile> read_now(const std::string& path, const std::optional<FileMark>& known) {
  // A FIFO without a writer would hold the thread for ever.
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return unreadable_errno(path);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return unreadable_errno(path);
  if (!S_ISREG(info.st_mode)) return unreadable(path, "it is no regular file");
  if (static_cast<std::uint64_t>(info.st_size) > kMaxKeyFile)
    return unreadable(path, "it is larger than 1 MiB");
  KeyFile out;
  out.mark = {info.st_mtim.tv_sec, info.st_mtim.tv_nsec, info.st_ino,
              static_cast<std::uint64_t>(info.st_size)};
  if (known && *known == out.mark) return out;
  std::string text(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t have = 0;
  while (have < text.size()) {
    const ssize_t n = ::read(fd.get(), text.data() + have, text.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return unreadable_errno(path);
    if (n == 0) break;
    have += static_cast<std::size_t>(n);
  }
  text.resize(have);
  out.text = SecretString(std::move(text));
  return out;
}

}  // namespace

Task<Result<KeyFile>> read_key_file(std::string path, std::optional<FileMark> known,
                                    net::BlockingPool& pool) {
  auto reading = [&path, &known] { return read_now(path, known); };
  auto run = pool.run(std::move(reading));
  co_return co_await run;
}

std::string_view trimmed_key(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

}  // namespace sallyport::s3
