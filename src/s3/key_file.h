// Small files that hold a credential.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "base/task.h"
#include "net/blocking_pool.h"

namespace sallyport::s3 {

// What tells a file from the one that it was. Comparable.
struct FileMark {
  std::int64_t seconds = 0, nanoseconds = 0;  // of the last change
  std::uint64_t inode = 0, size = 0;
  friend bool operator==(const FileMark&, const FileMark&) = default;
};

struct KeyFile {
  FileMark mark;
  std::optional<SecretString> text;  // nullopt: it has the mark that was known
};

// Reads a regular file of at most 1 MiB, unless it still has the mark `known`. On `pool`, which
// outlives the task. Error: kInvalidArgument, which names the file.
Task<Result<KeyFile>> read_key_file(std::string path, std::optional<FileMark> known,
                                    net::BlockingPool& pool);

// Without white space at either end.
std::string_view trimmed_key(std::string_view text);

}  // namespace sallyport::s3
