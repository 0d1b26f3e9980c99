#include "api/s3/conditions.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "api/s3/errors.h"

namespace sallyport::api {

namespace {

Fault invalid_range() {
  return s3_fault("InvalidRange", "");
}

// All of `text` as a decimal number.
std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return {};
  return value;
}

// Whether one of the entity tags of a list, or `*`, is this object's.
bool lists_etag(std::string_view list, std::string_view etag) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    std::string_view one = http::trim(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    if (one == "*") return true;
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one.size() >= 2 && one.front() == '"' && one.back() == '"')
      one = one.substr(1, one.size() - 2);
    if (one == etag) return true;
  }
  return false;
}

// HTTP dates have whole seconds.
bool modified_since(const storage::ObjectInfo& object, WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(object.modified) > time;
}

}  // namespace

Outcome<std::optional<ByteRange>> read_range_header(std::string_view value, std::uint64_t size) {
  const std::optional<ByteRange> none;
  if (!value.starts_with("bytes=")) return none;
  const std::string_view spec = http::trim(value.substr(6));
  const auto dash = spec.find('-');
  if (dash == std::string_view::npos || spec.find(',') != std::string_view::npos) return none;
  const auto first = number(spec.substr(0, dash));
  const auto last = number(spec.substr(dash + 1));
  if (dash == 0) {
    if (!last) return none;
    if (*last == 0 || size == 0) return invalid_range();
    return std::optional(ByteRange{size - std::min(*last, size), size - 1});
  }
  if (!first || (!last && dash + 1 != spec.size())) return none;
  if (last && *last < *first) return none;
  if (*first >= size) return invalid_range();
  return std::optional(ByteRange{*first, last ? std::min(*last, size - 1) : size - 1});
}

Outcome<Precondition> check_preconditions(const http::Headers& headers,
                                          const storage::ObjectInfo& object) {
  if (const auto list = headers.find("If-Match")) {
    if (!lists_etag(*list, object.etag)) return s3_precondition_failed("If-Match");
  } else if (const auto time = parse_http_date(headers.get("If-Unmodified-Since"))) {
    if (modified_since(object, *time)) return s3_precondition_failed("If-Unmodified-Since");
  }
  if (const auto list = headers.find("If-None-Match")) {
    if (lists_etag(*list, object.etag)) return Precondition::kNotModified;
  } else if (const auto time = parse_http_date(headers.get("If-Modified-Since"))) {
    if (!modified_since(object, *time)) return Precondition::kNotModified;
  }
  return Precondition::kProceed;
}

std::optional<WallTime> parse_http_date(std::string_view text) {
  // "Fri, 02 Jan 2026 03:04:05 GMT"
  static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT") return {};
  const auto day = number(text.substr(5, 2)), year = number(text.substr(12, 4));
  const auto hour = number(text.substr(17, 2)), minute = number(text.substr(20, 2)),
             second = number(text.substr(23, 2));
  const auto month = kMonths.find(text.substr(8, 3));
  if (!day || !year || !hour || !minute || !second || month == std::string_view::npos ||
      month % 3 != 0)
    return {};
  using namespace std::chrono;
  const year_month_day date{std::chrono::year(static_cast<int>(*year)),
                            std::chrono::month(static_cast<unsigned>(month / 3 + 1)),
                            std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return {};
  return WallTime(sys_days(date).time_since_epoch() + hours(*hour) + minutes(*minute) +
                  seconds(*second));
}

}  // namespace sallyport::api
