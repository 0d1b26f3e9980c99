#include "session/shared_quota.h"

#include <algorithm>

namespace sallyport::session {

SharedQuota::Answer SharedQuota::ask(const std::string& user, std::uint64_t amount) const {
  if (amount > total_ || used_ > total_ - amount) return Answer::kNoneLeft;
  const std::uint64_t most = total_ - total_ / 2;
  const auto entry = by_user_.find(user);
  const std::uint64_t has = entry == by_user_.end() ? 0 : entry->second;
  return amount > most || has > most - amount ? Answer::kUserHasTooMuch : Answer::kYes;
}

SharedQuota::Answer SharedQuota::take(const std::string& user, std::uint64_t amount) {
  std::lock_guard lock(mutex_);
  const Answer answer = ask(user, amount);
  if (answer == Answer::kYes && amount > 0) {
    used_ += amount;
    by_user_[user] += amount;
  }
  return answer;
}

SharedQuota::Answer SharedQuota::would_take(const std::string& user, std::uint64_t amount) const {
  std::lock_guard lock(mutex_);
  return ask(user, amount);
}

void SharedQuota::overdraw(const std::string& user, std::uint64_t amount) {
  if (amount == 0) return;
  std::lock_guard lock(mutex_);
  used_ += amount;
  by_user_[user] += amount;
}

void SharedQuota::give_back(const std::string& user, std::uint64_t amount) {
  std::lock_guard lock(mutex_);
  const auto entry = by_user_.find(user);
  if (entry == by_user_.end()) return;
  amount = std::min(amount, entry->second);
  used_ -= amount;
  entry->second -= amount;
  if (entry->second == 0) by_user_.erase(entry);
}

std::uint64_t SharedQuota::used() const {
  std::lock_guard lock(mutex_);
  return used_;
}

}  // namespace sallyport::session
