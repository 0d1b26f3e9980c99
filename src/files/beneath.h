// Paths that cannot lead out of a directory: the kernel resolves them with openat2(2),
// RESOLVE_BENEATH and RESOLVE_NO_MAGICLINKS. Links are followed as long as they stay beneath;
// absolute ones do not, wherever they point to. Blocking, thread-safe. Calls return a descriptor or
// 0, or a negative errno value; what leads out is -EACCES.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace sallyport::files {

// Error: kUnsupported when the kernel (before 5.6) or a filter in front of it lacks openat2(2).
Result<void> check_beneath();

// `flags` and `mode` as of open(2); O_CLOEXEC is added. `path` "" is `dir` itself.
int open_beneath(int dir, const std::string& path, int flags, std::uint32_t mode = 0,
                 bool no_links = false);

// The directory that holds a path's last component, and that component.
struct Parent {
  UniqueFd dir;
  std::string name;
};
// 0 or a negative errno value: -EBUSY for "", -EINVAL for a last component "." or "..".
int open_parent(int dir, std::string_view path, Parent& out);

}  // namespace sallyport::files
