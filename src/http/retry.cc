#include "http/retry.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>
#include <string>

#include "http/head_parser.h"

namespace sallyport::http {
namespace {

using std::chrono::milliseconds;

// Longer than anyone waits, and far from overflow.
constexpr std::uint64_t kMostSeconds = 365 * 24 * 3600;

}  // namespace

RetryPlan::RetryPlan(const RetryOptions& options, const Clock& clock, Random& random)
    : options_(options), clock_(clock), random_(random), begun_(clock.steady()) {}

std::optional<milliseconds> RetryPlan::next(std::optional<milliseconds> asked) {
  if (made_ >= options_.attempts) return std::nullopt;
  milliseconds bound = options_.base_delay;
  for (int i = 1; i < made_ && bound < options_.max_delay; ++i) bound *= 2;
  bound = std::min(bound, options_.max_delay);
  std::array<std::uint8_t, 8> drawn;
  random_.fill(drawn);
  const auto range = static_cast<std::uint64_t>(bound.count()) + 1;
  milliseconds delay(static_cast<std::int64_t>(load_be64(drawn.data()) % range));
  if (asked) delay = std::max(delay, *asked);
  if (clock_.steady() - begun_ + delay > options_.total) return std::nullopt;
  ++made_;
  return delay;
}

bool is_passing_status(int status) {
  return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

std::optional<milliseconds> retry_after(const Headers& headers, WallTime now) {
  const std::string value(trim(headers.get("Retry-After")));
  if (value.empty()) return std::nullopt;
  std::uint64_t seconds = 0;
  if (parse_decimal(value, seconds))
    return milliseconds(1000 * static_cast<std::int64_t>(std::min(seconds, kMostSeconds)));
  std::tm parts{};
  const char* const end = ::strptime(value.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  const WallTime at = from_unix_ms(static_cast<std::int64_t>(::timegm(&parts)) * 1000);
  return std::clamp(at - now, milliseconds(0),
                    milliseconds(1000 * static_cast<std::int64_t>(kMostSeconds)));
}

}  // namespace sallyport::http
