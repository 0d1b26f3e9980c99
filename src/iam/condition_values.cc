#include "iam/condition_values.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <string>

namespace sallyport::iam {

namespace {

constexpr std::int64_t kMicroseconds = 1000000;

// Takes the text apart from its front; `good` falls once something is not as expected.
struct Reader {
  std::string_view left;
  bool good = true;

  bool at_end() const { return left.empty(); }
  bool take(char c) {
    if (left.empty() || left.front() != c) return false;
    left.remove_prefix(1);
    return true;
  }
  void expect(char c) { good = take(c) && good; }
  int digits(std::size_t count, int lowest, int highest) {
    int value = 0;
    if (left.size() < count) good = false;
    for (std::size_t i = 0; good && i < count; ++i) {
      const char c = left[i];
      good = c >= '0' && c <= '9';
      value = value * 10 + (c - '0');
    }
    if (!good) return lowest;
    left.remove_prefix(count);
    good = value >= lowest && value <= highest;
    return value;
  }
  // Behind the point; digits beyond microseconds are dropped.
  std::int64_t fraction() {
    std::int64_t value = 0, unit = kMicroseconds / 10;
    std::size_t count = 0;
    for (; count < left.size() && left[count] >= '0' && left[count] <= '9'; ++count) {
      value += (left[count] - '0') * unit;
      unit /= 10;
    }
    good = good && count > 0;
    left.remove_prefix(count);
    return value;
  }
};

std::optional<std::int64_t> parse_epoch(std::string_view text) {
  const bool negative = text.starts_with('-');
  Reader in{text.substr(negative ? 1 : 0)};
  std::int64_t seconds = 0;
  const char* const end = in.left.data() + in.left.size();
  const auto [stop, error] = std::from_chars(in.left.data(), end, seconds);
  // The last second of the year 9999.
  if (error != std::errc{} || seconds < 0 || seconds > 253402300799) return std::nullopt;
  in.left.remove_prefix(static_cast<std::size_t>(stop - in.left.data()));
  std::int64_t out = seconds * kMicroseconds;
  if (in.take('.')) out += in.fraction();
  if (!in.good || !in.at_end()) return std::nullopt;
  return negative ? -out : out;
}

std::optional<std::int64_t> parse_iso(std::string_view text) {
  using namespace std::chrono;
  Reader in{text};
  const int years = in.digits(4, 0, 9999);
  int months = 1, days = 1, hours = 0, minutes = 0, seconds = 0, zone = 0;
  std::int64_t fraction = 0;
  if (in.take('-')) {
    months = in.digits(2, 1, 12);
    if (in.take('-')) {
      days = in.digits(2, 1, 31);
      if (in.take('T')) {
        hours = in.digits(2, 0, 23);
        in.expect(':');
        minutes = in.digits(2, 0, 59);
        if (in.take(':')) {
          seconds = in.digits(2, 0, 60);  // 60 is a leap second
          if (in.take('.')) fraction = in.fraction();
        }
        if (!in.take('Z')) {
          const int sign = in.take('-') ? -1 : 1;
          if (sign > 0) in.expect('+');
          zone = sign * in.digits(2, 0, 23) * 60;
          in.expect(':');
          zone += sign * in.digits(2, 0, 59);
        }
      }
    }
  }
  const year_month_day date{year(years), month(static_cast<unsigned>(months)),
                            day(static_cast<unsigned>(days))};
  if (!in.good || !in.at_end() || !date.ok()) return std::nullopt;
  const std::int64_t day_count = sys_days(date).time_since_epoch().count();
  const std::int64_t minute_count = (day_count * 24 + hours) * 60 + minutes - zone;
  return (minute_count * 60 + seconds) * kMicroseconds + fraction;
}

}  // namespace

std::optional<double> parse_condition_number(std::string_view text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || stop != end || !std::isfinite(value))
    return std::nullopt;
  return value;
}

std::optional<std::int64_t> parse_condition_date(std::string_view text) {
  const std::size_t first = text.starts_with('-') ? 1 : 0;
  const std::size_t digits =
      std::min(text.find_first_not_of("0123456789", first), text.size()) - first;
  return digits >= 5 ? parse_epoch(text) : parse_iso(text);
}

std::optional<net::Cidr> parse_condition_network(std::string_view text) {
  if (auto exact = net::Cidr::parse(text); exact.ok()) return std::move(exact).value();
  const std::size_t slash = text.find('/');
  const auto address = net::IpAddress::parse(text.substr(0, slash));
  if (slash == std::string_view::npos || !address.ok()) return std::nullopt;
  const std::string_view length = text.substr(slash + 1);
  std::size_t prefix = 0;
  const char* const end = length.data() + length.size();
  const auto [stop, error] = std::from_chars(length.data(), end, prefix);
  if (error != std::errc{} || stop != end || prefix > (address->is_v4() ? 32 : 128))
    return std::nullopt;
  auto octets = address->octets();
  for (std::size_t bit = prefix; bit < octets.size() * 8; ++bit)
    octets[bit / 8] = static_cast<std::uint8_t>(octets[bit / 8] & ~(0x80u >> (bit % 8)));
  const net::IpAddress base =
      address->is_v4() ? net::IpAddress::from_v4({octets[0], octets[1], octets[2], octets[3]})
                       : net::IpAddress::from_v6(octets);
  auto masked = net::Cidr::parse(base.to_string() + "/" + std::to_string(prefix));
  if (!masked.ok()) return std::nullopt;
  return std::move(masked).value();
}

std::optional<std::array<std::string_view, 6>> split_arn(std::string_view arn, bool variables) {
  std::array<std::string_view, 6> out;
  std::size_t field = 0, begin = 0;
  for (std::size_t i = 0; i < arn.size() && field < 5; ++i) {
    if (variables && arn.substr(i, 2) == "${") {
      i = arn.find('}', i);
      if (i == std::string_view::npos) return std::nullopt;
    } else if (arn[i] == ':') {
      out[field++] = arn.substr(begin, i - begin);
      begin = i + 1;
    }
  }
  if (field < 5) return std::nullopt;
  out[5] = arn.substr(begin);
  return out;
}

}  // namespace sallyport::iam
