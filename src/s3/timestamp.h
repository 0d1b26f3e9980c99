// The times in answers of S3, STS and the instance metadata service. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace sallyport::s3 {

// "2026-11-21T20:35:44Z" with any number of digits of a second, Ceph writes nine; also with an
// offset, "+00:00" (RFC 3339). Digits below a millisecond are dropped. nullopt: anything else, and
// what is no date.
std::optional<WallTime> parse_timestamp(std::string_view text);

}  // namespace sallyport::s3
