#include "app/data_dir.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <optional>

#include "app/private_file.h"
#include "s3/shared_credentials.h"

namespace sallyport::app {
namespace {

constexpr std::size_t kMaxFile = 64 * 1024;

Result<void> make_dir(const std::string& path) {
  for (std::size_t at = path.find('/', 1);; at = path.find('/', at + 1)) {
    const std::string part = path.substr(0, at);
    if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST)
      return errno_error("making the folder " + part, errno);
    if (at == std::string::npos) return ok();
  }
}

// nullopt when there is no such file.
Result<std::optional<std::string>> read_file(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) {
    if (errno == ENOENT) return std::optional<std::string>();
    return errno_error("reading " + path, errno);
  }
  std::string text(kMaxFile, '\0');
  const ssize_t n = ::read(fd.get(), text.data(), text.size());
  if (n < 0) return errno_error("reading " + path, errno);
  text.resize(static_cast<std::size_t>(n));
  return std::optional(std::move(text));
}

// Upper-case letters and digits, as access keys have them.
std::string access_key_text(Random& random, std::size_t length) {
  static constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  Bytes raw(length);
  random.fill(raw);
  std::string out;
  for (std::uint8_t b : raw) out.push_back(kLetters[b % kLetters.size()]);
  return out;
}

std::string_view trim(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t' || s.front() == '\r'))
    s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t' || s.back() == '\r'))
    s.remove_suffix(1);
  return s;
}

Result<SecretString> decode_master_key(std::string_view hex) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  std::string key;
  for (std::size_t i = 0; i + 1 < hex.size() && hex.size() == 64; i += 2) {
    const int high = digit(hex[i]), low = digit(hex[i + 1]);
    if (high < 0 || low < 0) break;
    key.push_back(static_cast<char>(high * 16 + low));
  }
  if (key.size() != 32)
    return Error(Errc::kInvalidArgument,
                 "the master key is malformed; 64 hexadecimal digits are expected");
  return SecretString(std::move(key));
}

}  // namespace

Result<DataDir> DataDir::open(const std::string& path) {
  if (path.empty())
    return Error(Errc::kInvalidArgument, "setting 'data_dir' is empty; a folder is expected");
  TRY(make_dir(path));
  UniqueFd lock(::open((path + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.valid()) return errno_error("opening " + path + "/lock", errno);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0)
    return Error(Errc::kConflict, fmt::format("another sallyport serves from {}; stop it or give "
                                              "another folder with --data-dir",
                                              path));
  return DataDir(path, std::move(lock));
}

void DataDir::unlock() { ::flock(lock_.get(), LOCK_UN); }

Result<RootKey> root_key(const config::Settings& settings, const DataDir& dir, Random& random) {
  const bool has_id = !settings.root_access_key_id.empty();
  if (has_id != !settings.root_secret_access_key.empty())
    return Error(
        Errc::kInvalidArgument,
        "root.access_key_id and root.secret_access_key go together; one of them is missing");
  if (has_id) return RootKey{settings.root_access_key_id, settings.root_secret_access_key};
  const std::string path = dir.file("credentials");
  TRY_ASSIGN(const auto text, read_file(path));
  if (text) {
    auto key = s3::parse_shared_credentials(*text, "default");
    if (!key.ok()) return std::move(key).error().with_context(path);
    return RootKey{std::move(key->access_key), std::move(key->secret)};
  }
  RootKey key{"AKIA" + access_key_text(random, 16), SecretString(random.hex(40))};
  TRY(write_private_file(
      path, fmt::format("[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
                        key.access_key_id, key.secret_access_key.reveal())));
  return key;
}

Result<SecretString> master_key(const config::Settings& settings, const DataDir& dir,
                                Random& random) {
  if (!settings.master_key.empty()) return decode_master_key(settings.master_key.reveal());
  const std::string path = dir.file("master.key");
  TRY_ASSIGN(const auto text, read_file(path));
  if (text) {
    auto key = decode_master_key(trim(std::string_view(*text).substr(0, text->find('\n'))));
    if (!key.ok()) return std::move(key).error().with_context(path);
    return key;
  }
  const std::string made = random.hex(64);
  TRY(write_private_file(path, made + "\n"));
  return decode_master_key(made);
}

}  // namespace sallyport::app
