// Harm to files that have no name. For tests only.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <string>

namespace sallyport::s3::testing_support {

// Shortens those in a folder that this process holds; returns how many there were.
inline int truncate_nameless_files(const std::string& folder, std::uint64_t size) {
  int found = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const std::string at = std::filesystem::read_symlink(entry.path(), gone).string();
    if (!at.starts_with(folder) || !at.ends_with("(deleted)")) continue;
    if (::truncate(entry.path().c_str(), static_cast<off_t>(size)) == 0) ++found;
  }
  return found;
}

}  // namespace sallyport::s3::testing_support
