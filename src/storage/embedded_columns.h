// The columns that storage_object and storage_version share, and their conversion. Inside the index
// only.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "storage/embedded_index.h"

#define OBJECT_COLUMNS                                                                   \
  "location, content, size, modified_ms, etag, inode, mtime_ns, version, content_type, " \
  "metadata, headers, tags, checksums, part_count, version_id, rank"

namespace sallyport::storage::index {

inline constexpr int kObjectColumns = 16;

// The columns from `at` on.
ObjectRow object_of(const state::Row& row, int at);

}  // namespace sallyport::storage::index
