#include "session/kept_attributes.h"

#include <charconv>

namespace sallyport::session {

namespace {

constexpr std::uint32_t kPermissions = 07777, kTypes = 0170000;
constexpr std::uint32_t kRegular = 0100000, kDirectory = 0040000;
// The year 9999: more is no time.
constexpr std::int64_t kMostSeconds = 253402300799;

// The number that `text` begins with, if it ends there or at a fraction.
template <class T>
std::optional<T> leading_number(const std::string& text, bool fraction) {
  T value{};
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || (at != end && !(fraction && *at == '.'))) return std::nullopt;
  return value;
}

}  // namespace

void show_kept(const storage::Metadata& metadata, FileAttributes& attributes) {
  if (const auto at = metadata.find("mtime"); at != metadata.end()) {
    const auto seconds = leading_number<std::int64_t>(at->second, true);
    if (seconds && *seconds >= 0 && *seconds <= kMostSeconds) {
      attributes.modified = from_unix_ms(*seconds * 1000);
    }
  }
  if (const auto at = metadata.find("mode"); at != metadata.end()) {
    const auto mode = leading_number<std::uint32_t>(at->second, false);
    const std::uint32_t type = attributes.directory ? kDirectory : kRegular;
    if (mode && ((*mode & kTypes) == type || (*mode & kTypes) == 0)) {
      attributes.mode = *mode & kPermissions;
    }
  }
}

storage::Metadata kept_metadata(const AttributeChange& change, bool directory) {
  storage::Metadata out;
  if (change.modified) out["mtime"] = std::to_string(to_unix_ms(*change.modified) / 1000);
  if (change.mode) {
    out["mode"] =
        std::to_string((*change.mode & kPermissions) | (directory ? kDirectory : kRegular));
  }
  return out;
}

}  // namespace sallyport::session
