// Where directories lie in the file systems that are mounted: a directory has one place, however
// many mounts show it. By proc(5), /proc/PID/mountinfo.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::app {

struct Mount {
  std::string device;  // "8:1"
  std::string root;    // the directory of the file system that it shows
  std::string point;   // where it shows it
};

struct MountPlace {
  std::string device;
  std::string path;  // in the file system of that device
};

// In the order of the text; lines that are none of mountinfo are left out.
std::vector<Mount> parse_mounts(std::string_view mountinfo);

// Of an absolute path without links and dots, by the last mount that covers it; none when none
// does.
std::optional<MountPlace> place_of(const std::vector<Mount>& mounts, std::string_view path);

// Whether `inner` is `outer` or lies below it.
bool lies_in(const MountPlace& inner, const MountPlace& outer);

// Whether a mount below an absolute path without links and dots shows the place, something in it or
// something around it. A mount that a later one covers shows nothing.
bool is_shown_below(const std::vector<Mount>& mounts, std::string_view path,
                    const MountPlace& place);

}  // namespace sallyport::app
