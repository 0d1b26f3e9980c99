// A status as the kernel gives it. Inside src/files only.
#pragma once

#include <sys/stat.h>

#include "files/file_messages.h"

namespace sallyport::files {

inline FileTime time_of(const timespec& t) {
  return static_cast<FileTime>(t.tv_sec) * 1'000'000'000 + t.tv_nsec;
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
