#include "sftp/attributes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <string_view>

namespace sallyport::sftp {
namespace {

constexpr std::uint32_t kSize = 0x1, kUidGid = 0x2, kPermissions = 0x4, kAcModTime = 0x8;
constexpr std::uint32_t kExtended = 0x80000000;

constexpr std::uint32_t kRegularFile = 0100000, kDirectory = 0040000;
constexpr std::uint32_t kFileMode = 0644, kDirectoryMode = 0755;

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::uint32_t mode_of(const session::FileAttributes& attributes) {
  return attributes.mode.value_or(attributes.directory ? kDirectoryMode : kFileMode);
}

std::uint32_t format_of(const session::FileAttributes& attributes) {
  if (attributes.posix) return attributes.posix->format;
  return attributes.directory ? kDirectory : kRegularFile;
}

char letter_of(const session::FileAttributes& attributes) {
  switch (format_of(attributes)) {
    case kDirectory: return 'd';
    case kRegularFile: return '-';
    case 0120000: return 'l';
    case 0140000: return 's';
    case 0010000: return 'p';
    case 0020000: return 'c';
    case 0060000: return 'b';
    default: return '?';
  }
}

// "-rw-r--r--", as ls has it.
std::string mode_text(const session::FileAttributes& attributes) {
  const std::uint32_t mode = mode_of(attributes);
  std::string out = "drwxrwxrwx";
  out[0] = letter_of(attributes);
  for (int bit = 0; bit < 9; ++bit) {
    if (!(mode >> (8 - bit) & 1)) out[static_cast<std::size_t>(bit) + 1] = '-';
  }
  const auto special = [&](std::uint32_t bit, std::size_t at, char with, char without) {
    if (mode & bit) out[at] = out[at] == '-' ? without : with;
  };
  special(04000, 3, 's', 'S');
  special(02000, 6, 's', 'S');
  special(01000, 9, 't', 'T');
  return out;
}

std::uint32_t to_seconds(WallTime t) {
  const std::int64_t seconds = to_unix_ms(t) / 1000;
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(seconds, 0, std::numeric_limits<std::uint32_t>::max()));
}

std::string listing_time(WallTime modified, WallTime now) {
  using namespace std::chrono;
  const WallTime shown = std::clamp(modified, WallTime{}, WallTime{hours(24) * 365 * 8000});
  const auto day = floor<days>(shown);
  const year_month_day date{day};
  const hh_mm_ss<milliseconds> time{shown - day};
  const std::string_view month = kMonths[static_cast<unsigned>(date.month()) - 1];
  const unsigned day_of_month = static_cast<unsigned>(date.day());
  constexpr auto kHalfYear = hours(24) * 182;
  if (shown > now - kHalfYear && shown < now + kHalfYear) {
    return fmt::format("{} {:2} {:02}:{:02}", month, day_of_month, time.hours().count(),
                       time.minutes().count());
  }
  return fmt::format("{} {:2} {:5}", month, day_of_month, static_cast<int>(date.year()));
}

}  // namespace

RequestedAttributes read_attributes(ByteReader& in) {
  RequestedAttributes attributes;
  const std::uint32_t flags = in.u32();
  if (flags & ~(kSize | kUidGid | kPermissions | kAcModTime | kExtended)) {
    in.raw(in.remaining() + 1);  // what an unknown bit stands for cannot be skipped
    return attributes;
  }
  if (flags & kSize) attributes.size = in.u64();
  if (flags & kUidGid) {
    attributes.uid = in.u32();
    attributes.gid = in.u32();
  }
  if (flags & kPermissions) attributes.permissions = in.u32();
  if (flags & kAcModTime) {
    attributes.access_time = in.u32();
    attributes.modify_time = in.u32();
  }
  if (flags & kExtended) {
    const std::uint32_t pairs = in.u32();
    for (std::uint32_t i = 0; i < pairs && !in.failed(); ++i) {
      in.string();
      in.string();
    }
  }
  return attributes;
}

void write_attributes(ByteWriter& out, const session::FileAttributes& attributes) {
  const std::uint32_t modified = to_seconds(attributes.modified);
  const auto& posix = attributes.posix;
  out.u32(kSize | kPermissions | kAcModTime | (posix ? kUidGid : 0));
  out.u64(attributes.size);
  if (posix) out.u32(posix->uid).u32(posix->gid);
  out.u32(format_of(attributes) | mode_of(attributes));
  out.u32(posix ? to_seconds(posix->accessed) : modified).u32(modified);
}

void write_no_attributes(ByteWriter& out) {
  out.u32(0);
}

std::string long_name(const std::string& name, const session::FileAttributes& attributes,
                      WallTime now) {
  const auto& posix = attributes.posix;
  return fmt::format("{} {:4} {:<8} {:<8} {:8} {} {}", mode_text(attributes),
                     posix ? posix->links : 1, posix ? fmt::to_string(posix->uid) : "-",
                     posix ? fmt::to_string(posix->gid) : "-", attributes.size,
                     listing_time(attributes.modified, now), name);
}

}  // namespace sallyport::sftp
