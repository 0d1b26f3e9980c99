// A secret that does not print, is wiped when it ends, and compares in constant time.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace sallyport {

// Overwrites memory in a way the compiler keeps.
void wipe(void* data, std::size_t size);
// True when equal; the time depends on the lengths only.
bool equal_constant_time(std::string_view a, std::string_view b);

class SecretString {
 public:
  SecretString() = default;
  explicit SecretString(std::string value) : value_(std::move(value)) {}
  SecretString(const SecretString&) = default;
  SecretString(SecretString&& o) noexcept : value_(std::move(o.value_)) { o.clear(); }
  SecretString& operator=(const SecretString& o) {
    if (this != &o) {
      clear();
      value_ = o.value_;
    }
    return *this;
  }
  SecretString& operator=(SecretString&& o) noexcept {
    if (this != &o) {
      clear();
      value_ = std::move(o.value_);
      o.clear();
    }
    return *this;
  }
  ~SecretString() { clear(); }

  // The one way to the value; the name is what reviewers look for.
  std::string_view reveal() const { return value_; }
  bool empty() const { return value_.empty(); }
  bool equals(const SecretString& o) const { return equal_constant_time(value_, o.value_); }

 private:
  void clear() {
    wipe(value_.data(), value_.size());
    value_.clear();
  }
  std::string value_;
};

}  // namespace sallyport
