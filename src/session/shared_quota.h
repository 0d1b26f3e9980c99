// Something there is a fixed amount of, which users share: nobody's greed takes it from all others.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace sallyport::session {

// One user may have up to half of it. Users are told apart by any text, e.g. "<server id>/<name>".
// Thread-safe.
class SharedQuota {
 public:
  enum class Answer : std::uint8_t { kYes, kUserHasTooMuch, kNoneLeft };

  explicit SharedQuota(std::uint64_t total) : total_(total) {}

  // Takes it if it may be taken.
  Answer take(const std::string& user, std::uint64_t amount);
  // Whether it might be taken now; others may be faster.
  Answer would_take(const std::string& user, std::uint64_t amount) const;
  // Takes it even if there is not so much.
  void overdraw(const std::string& user, std::uint64_t amount);
  void give_back(const std::string& user, std::uint64_t amount);

  std::uint64_t used() const;

 private:
  Answer ask(const std::string& user, std::uint64_t amount) const;  // under the lock

  const std::uint64_t total_;
  mutable std::mutex mutex_;
  std::uint64_t used_ = 0;
  std::map<std::string, std::uint64_t> by_user_;  // those that have some
};

}  // namespace sallyport::session
