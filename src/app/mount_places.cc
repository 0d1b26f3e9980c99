#include "app/mount_places.h"

#include <algorithm>
#include <cstddef>

namespace sallyport::app {
namespace {

// Takes the next field off a line.
std::string_view take_field(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view field = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return field;
}

bool is_octal(char c) {
  return c >= '0' && c <= '7';
}

// A space, tab, line end or backslash is written as a backslash and three octal digits.
std::string unescaped(std::string_view field) {
  std::string out;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] == '\\' && field.size() - i > 3 && is_octal(field[i + 1]) &&
        is_octal(field[i + 2]) && is_octal(field[i + 3])) {
      out.push_back(static_cast<char>((field[i + 1] - '0') * 64 + (field[i + 2] - '0') * 8 +
                                      (field[i + 3] - '0')));
      i += 3;
    } else {
      out.push_back(field[i]);
    }
  }
  return out;
}

// By components: "/a" covers "/a/b" and not "/ab".
bool path_covers(std::string_view outer, std::string_view inner) {
  if (outer == "/") return inner.substr(0, 1) == "/";
  return inner.substr(0, outer.size()) == outer &&
         (inner.size() == outer.size() || inner[outer.size()] == '/');
}

}  // namespace

std::vector<Mount> parse_mounts(std::string_view mountinfo) {
  std::vector<Mount> out;
  while (!mountinfo.empty()) {
    const std::size_t end = std::min(mountinfo.find('\n'), mountinfo.size());
    std::string_view line = mountinfo.substr(0, end);
    mountinfo.remove_prefix(std::min(end + 1, mountinfo.size()));
    take_field(line);  // its number
    take_field(line);  // its parent's
    const std::string_view device = take_field(line), root = take_field(line),
                           point = take_field(line);
    if (device.empty() || root.empty() || point.substr(0, 1) != "/") continue;
    out.push_back({std::string(device), unescaped(root), unescaped(point)});
  }
  return out;
}

std::optional<MountPlace> place_of(const std::vector<Mount>& mounts, std::string_view path) {
  const auto mount = std::find_if(mounts.rbegin(), mounts.rend(), [path](const Mount& one) {
    return path_covers(one.point, path);
  });
  if (mount == mounts.rend()) return std::nullopt;
  if (mount->point != "/") path.remove_prefix(mount->point.size());
  if (path == "/") path = "";
  if (mount->root != "/") return MountPlace{mount->device, mount->root + std::string(path)};
  return MountPlace{mount->device, path.empty() ? "/" : std::string(path)};
}

bool lies_in(const MountPlace& inner, const MountPlace& outer) {
  return inner.device == outer.device && path_covers(outer.path, inner.path);
}

bool is_shown_below(const std::vector<Mount>& mounts, std::string_view path,
                    const MountPlace& place) {
  return std::any_of(mounts.begin(), mounts.end(), [&](const Mount& one) {
    if (one.point == path || !path_covers(path, one.point)) return false;
    const MountPlace shown{one.device, one.root};
    const auto seen = place_of(mounts, one.point);
    if (!seen || seen->device != shown.device || seen->path != shown.path) return false;
    return lies_in(place, shown) || lies_in(shown, place);
  });
}

}  // namespace sallyport::app
