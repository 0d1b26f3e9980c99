#include "s3/timestamp.h"

namespace sallyport::s3 {
namespace {

constexpr std::size_t kMaxTimestamp = 64;

// Takes exactly `digits` of them.
bool take_number(std::string_view& text, std::size_t digits, int& out) {
  if (text.size() < digits) return false;
  out = 0;
  for (const char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return false;
    out = out * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return true;
}

bool take_char(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

bool take_fraction(std::string_view& text, int& milliseconds) {
  milliseconds = 0;
  if (!take_char(text, ".")) return true;
  int place = 100;
  std::size_t taken = 0;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; ++taken) {
    milliseconds += (text.front() - '0') * place;
    place /= 10;
    text.remove_prefix(1);
  }
  return taken > 0;
}

bool take_zone(std::string_view& text, std::chrono::minutes& offset) {
  if (take_char(text, "Zz")) return text.empty();
  const bool behind = text.starts_with('-');
  int hours = 0, minutes = 0;
  if (!take_char(text, "+-") || !take_number(text, 2, hours) || !take_char(text, ":") ||
      !take_number(text, 2, minutes) || hours > 23 || minutes > 59)
    return false;
  offset = std::chrono::minutes((behind ? -1 : 1) * (hours * 60 + minutes));
  return text.empty();
}

}  // namespace

std::optional<WallTime> parse_timestamp(std::string_view text) {
  using namespace std::chrono;
  if (text.size() > kMaxTimestamp) return std::nullopt;
  int y = 0, m = 0, d = 0, hour = 0, minute = 0, second = 0, fraction = 0;
  minutes offset{0};
  const bool read = take_number(text, 4, y) && take_char(text, "-") && take_number(text, 2, m) &&
                    take_char(text, "-") && take_number(text, 2, d) && take_char(text, "Tt ") &&
                    take_number(text, 2, hour) && take_char(text, ":") &&
                    take_number(text, 2, minute) && take_char(text, ":") &&
                    take_number(text, 2, second) && take_fraction(text, fraction) &&
                    take_zone(text, offset);
  const year_month_day date{year(y), month(unsigned(m)), day(unsigned(d))};
  if (!read || !date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return WallTime(sys_days(date)) + hours(hour) + minutes(minute) + seconds(second) +
         milliseconds(fraction) - offset;
}

}  // namespace sallyport::s3
