// A backup as text: JSON lines. The first says what it is and under which master key its secrets
// are sealed, one follows for each resource, and the last has their number and the SHA-256 of all
// lines before it, so that half a file is not taken for a whole one. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "state/resource_store.h"

namespace sallyport::api {

std::string write_backup(const std::vector<state::Resource>& resources, std::string_view key_check,
                         WallTime now);

struct Backup {
  std::string key_check;
  std::vector<state::Resource> resources;  // versions are 0
};

// kInvalidArgument: not a backup, cut off, altered, or a resource comes twice. kUnsupported: of a
// newer release.
Result<Backup> read_backup(std::string_view text);

}  // namespace sallyport::api
