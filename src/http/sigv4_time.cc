#include "http/sigv4_time.h"

#include <array>

namespace sallyport::http {
namespace {

// Two or four digits at a place; -1 when they are none.
int digits(std::string_view text, std::size_t at, std::size_t count) {
  int v = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (i >= text.size() || text[i] < '0' || text[i] > '9') return -1;
    v = v * 10 + (text[i] - '0');
  }
  return v;
}

bool make_time(int year, int month, int day, int hour, int minute, int second, WallTime& out) {
  using namespace std::chrono;
  if (year < 0 || month < 1 || day < 1 || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
      second < 0 || second > 60)
    return false;
  const year_month_day date{std::chrono::year(year), std::chrono::month(unsigned(month)),
                            std::chrono::day(unsigned(day))};
  if (!date.ok()) return false;
  out =
      WallTime(sys_days(date).time_since_epoch() + hours(hour) + minutes(minute) + seconds(second));
  return true;
}

}  // namespace

bool parse_iso8601_basic(std::string_view text, WallTime& out) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return false;
  return make_time(digits(text, 0, 4), digits(text, 4, 2), digits(text, 6, 2), digits(text, 9, 2),
                   digits(text, 11, 2), digits(text, 13, 2), out);
}

bool parse_http_date(std::string_view text, WallTime& out) {
  static constexpr std::array<std::string_view, 12> kMonths = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() < 29 || text.substr(3, 2) != ", " || text[7] != ' ' || text[11] != ' ' ||
      text[16] != ' ' || text[19] != ':' || text[22] != ':')
    return false;
  const std::string_view zone = text.substr(25);
  if (zone != " GMT" && zone != " -0000" && zone != " +0000") return false;
  int month = 0;
  for (std::size_t i = 0; i < kMonths.size(); ++i)
    if (text.substr(8, 3) == kMonths[i]) month = static_cast<int>(i) + 1;
  return make_time(digits(text, 12, 4), month, digits(text, 5, 2), digits(text, 17, 2),
                   digits(text, 20, 2), digits(text, 23, 2), out);
}

}  // namespace sallyport::http
