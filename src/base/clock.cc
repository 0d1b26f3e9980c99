#include "base/clock.h"

#include <fmt/format.h>

#include <array>

namespace sallyport {
namespace {

struct Civil {
  int year;
  unsigned month, day;
  int hour, minute, second, ms, weekday;
};

Civil civil(WallTime t) {
  using namespace std::chrono;
  const auto day_point = floor<days>(t);
  const year_month_day ymd(day_point);
  const auto rest = t - day_point;
  const auto h = duration_cast<hours>(rest);
  const auto m = duration_cast<minutes>(rest - h);
  const auto s = duration_cast<seconds>(rest - h - m);
  return {int(ymd.year()),
          unsigned(ymd.month()),
          unsigned(ymd.day()),
          int(h.count()),
          int(m.count()),
          int(s.count()),
          int((rest - h - m - s).count()),
          int(weekday(day_point).c_encoding())};
}

}  // namespace

WallTime SystemClock::wall() const {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}
SteadyTime SystemClock::steady() const { return std::chrono::steady_clock::now(); }

std::string to_iso8601_ms(WallTime t) {
  const Civil c = civil(t);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", c.year, c.month, c.day, c.hour,
                     c.minute, c.second, c.ms);
}

std::string to_iso8601_basic(WallTime t) {
  const Civil c = civil(t);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", c.year, c.month, c.day, c.hour, c.minute,
                     c.second);
}

std::string to_http_date(WallTime t) {
  static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const Civil c = civil(t);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[std::size_t(c.weekday)],
                     c.day, kMonths[c.month - 1], c.year, c.hour, c.minute, c.second);
}

}  // namespace sallyport
