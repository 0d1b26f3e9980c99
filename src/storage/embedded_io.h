// Readers, writers and copies of the embedded store. Inside src/storage only.
#pragma once

#include <span>

#include "storage/embedded_core.h"

namespace sallyport::storage {

// Copies `size` bytes between files, by sharing blocks where the file system can. Blocking.
// Returns 0 or a negative errno value; -ENODATA if the source ends early.
int copy_range(int from, std::uint64_t from_offset, int to, std::uint64_t to_offset,
               std::uint64_t size);

std::unique_ptr<ObjectReader> make_reader(CorePtr core, ObjectInfo info, UniqueFd fd);
std::unique_ptr<ObjectWriter> make_writer(CorePtr core, BucketPtr bucket, std::string key,
                                          PutOptions options);

// UTF-8 without NUL, names not empty. Errors: kInvalidArgument "InvalidMetadata", "InvalidTag".
Result<void> check_put_options(const PutOptions& options);
Result<void> check_tags(const Tags& tags);

}  // namespace sallyport::storage
