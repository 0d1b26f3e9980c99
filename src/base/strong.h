// A string type per kind of identifier, so that one cannot stand in for another.
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace sallyport {

template <class Tag>
class StrongString {
 public:
  StrongString() = default;
  explicit StrongString(std::string value) : value_(std::move(value)) {}

  const std::string& str() const { return value_; }
  bool empty() const { return value_.empty(); }
  friend auto operator<=>(const StrongString&, const StrongString&) = default;

 private:
  std::string value_;
};

}  // namespace sallyport

template <class Tag>
struct std::hash<sallyport::StrongString<Tag>> {
  std::size_t operator()(const sallyport::StrongString<Tag>& s) const noexcept {
    return std::hash<std::string>{}(s.str());
  }
};
