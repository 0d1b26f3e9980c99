// The typed values of conditions: numbers, points in time, ARNs (IAM user guide, "IAM JSON policy
// elements: Condition operators"). Pure, thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "net/address.h"

namespace sallyport::iam {

// An integer or decimal number, also with an exponent. Nothing for what is none or is not finite.
std::optional<double> parse_condition_number(std::string_view text);

// Microseconds since 1970 in UTC: one of W3C's forms of ISO 8601 (YYYY, YYYY-MM, YYYY-MM-DD, with
// Thh:mm, Thh:mm:ss or Thh:mm:ss.s and Z or ±hh:mm) or seconds since 1970, of five digits at least,
// with a fraction if need be. Nothing for what is neither or beyond the year 9999.
std::optional<std::int64_t> parse_condition_date(std::string_view text);

// A network or an address. Bits set beyond the prefix are ignored, as IAM does.
std::optional<net::Cidr> parse_condition_network(std::string_view text);

// "arn:partition:service:region:account:resource" in its six fields; the resource may hold colons.
// Nothing when there are fewer. With `variables`, colons inside ${…} part nothing.
std::optional<std::array<std::string_view, 6>> split_arn(std::string_view arn, bool variables);

}  // namespace sallyport::iam
