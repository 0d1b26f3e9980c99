// A status as the kernel gives it. Inside src/files only.
#pragma once

#include <sys/stat.h>

#include <algorithm>
#include <limits>

#include "files/file_messages.h"

namespace sallyport::files {

// File systems keep times that nanoseconds cannot say, beyond the year 2262: these are the last
// that they can.
inline FileTime time_of(const timespec& t) {
  constexpr FileTime kSecond = 1'000'000'000;
  constexpr FileTime kMost = std::numeric_limits<FileTime>::max() / kSecond - 1;
  return std::clamp<FileTime>(t.tv_sec, -kMost, kMost) * kSecond + t.tv_nsec;
}

inline FileStatus status_of(const struct stat& st) {
  FileStatus out;
  out.mode = st.st_mode;
  out.uid = st.st_uid;
  out.gid = st.st_gid;
  out.links = static_cast<std::uint32_t>(st.st_nlink);
  out.size = static_cast<std::uint64_t>(st.st_size);
  out.accessed = time_of(st.st_atim);
  out.modified = time_of(st.st_mtim);
  return out;
}

}  // namespace sallyport::files
