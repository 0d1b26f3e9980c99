// Ranges and preconditions of object requests (RFC 9110 sections 13 and 14, as S3 applies them).
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "api/fault.h"
#include "http/headers.h"
#include "storage/object_store.h"

namespace sallyport::api {

struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;  // inclusive
};

// Nothing for no range and for what is not one range of bytes, which is ignored. InvalidRange when
// no byte of an object of `size` lies in it.
Outcome<std::optional<ByteRange>> read_range_header(std::string_view value, std::uint64_t size);

enum class Precondition : std::uint8_t { kProceed, kNotModified };
// PreconditionFailed when If-Match or If-Unmodified-Since does not hold.
Outcome<Precondition> check_preconditions(const http::Headers& headers,
                                          const storage::ObjectInfo& object);

// RFC 9110 section 5.6.7, the preferred form only.
std::optional<WallTime> parse_http_date(std::string_view text);

}  // namespace sallyport::api
