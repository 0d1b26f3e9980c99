// What somebody who logs in is given: a home, a view of it, a role and its bounds. A user has one
// of his own; a group of a directory (Access) has one for its members. Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sallyport::model {

enum class HomeDirectoryType : std::uint8_t { kPath, kLogical };

struct HomeDirectoryMapEntry {
  std::string entry;
  std::string target;
  std::string type = "DIRECTORY";  // or FILE
  bool type_given = false;         // whether the caller stated it (it is only then returned)
};

struct PosixProfile {
  std::int64_t uid = 0;
  std::int64_t gid = 0;
  std::vector<std::int64_t> secondary_gids;
};

struct Grant {
  std::string home_directory;  // empty: never given
  HomeDirectoryType home_directory_type = HomeDirectoryType::kPath;
  std::vector<HomeDirectoryMapEntry> home_directory_mappings;
  std::string policy;  // session policy, JSON text, its variables not replaced; empty: none
  std::optional<PosixProfile> posix_profile;
  std::string role;
};

}  // namespace sallyport::model
