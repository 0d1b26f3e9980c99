#include "session/user_limits.h"

#include <algorithm>
#include <utility>

namespace sallyport::session {

namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds kBurst = std::chrono::seconds(1);
// Moved at a time under a bandwidth limit: an eighth of a second's worth, in these bounds.
constexpr std::uint64_t kLeastBatch = 32 * 1024, kMostBatch = 512 * 1024;

std::int64_t day_of(WallTime now) {
  return std::chrono::floor<std::chrono::days>(now).time_since_epoch().count();
}

Error limit_error(std::string message) {
  return Error(Errc::kLimitExceeded, std::move(message), std::string(kUserLimit));
}

nanoseconds time_for(std::uint64_t bytes, std::uint64_t rate) {
  return nanoseconds(
      static_cast<std::int64_t>(static_cast<double>(bytes) / static_cast<double>(rate) * 1e9));
}

}  // namespace

void UserAccount::set_rules(UserRules rules) {
  const std::lock_guard lock(mutex_);
  rules_ = rules;
}

bool UserAccount::is_idle() const {
  const std::lock_guard lock(mutex_);
  return sessions_ == 0 && (day_ != day_of(clock_.wall()) || (files_ == 0 && bytes_ == 0));
}

Result<void> UserAccount::enter() {
  const std::lock_guard lock(mutex_);
  if (rules_.max_sessions != 0 && sessions_ >= rules_.max_sessions) {
    return limit_error("Too many sessions: this user may have " +
                       std::to_string(rules_.max_sessions) + " at a time");
  }
  ++sessions_;
  return ok();
}

void UserAccount::leave() {
  const std::lock_guard lock(mutex_);
  --sessions_;
}

void UserAccount::begin_day() {
  const std::int64_t today = day_of(clock_.wall());
  if (std::exchange(day_, today) != today) files_ = bytes_ = 0;
}

Result<void> UserAccount::take_upload_file() {
  const std::lock_guard lock(mutex_);
  begin_day();
  if (rules_.upload_files_per_day != 0 && files_ >= rules_.upload_files_per_day) {
    return limit_error("Daily upload limit reached: " +
                       std::to_string(rules_.upload_files_per_day) + " files a day");
  }
  ++files_;
  return ok();
}

Result<void> UserAccount::take_upload_bytes(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  begin_day();
  const std::uint64_t most = rules_.upload_bytes_per_day;
  if (most != 0 && (bytes > most || bytes_ > most - bytes)) {
    return limit_error("Daily upload limit reached: " + std::to_string(most) + " bytes a day");
  }
  bytes_ += bytes;
  return ok();
}

nanoseconds UserAccount::pace(Flow flow, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t most = rate(flow);
  auto& free_at = free_at_[static_cast<int>(flow)];
  if (most == 0 || bytes == 0) {
    if (most == 0) free_at.reset();
    return nanoseconds(0);
  }
  const SteadyTime now = clock_.steady();
  const SteadyTime earliest = now - std::chrono::duration_cast<SteadyTime::duration>(kBurst);
  free_at = std::max(free_at.value_or(earliest), earliest) +
            std::chrono::duration_cast<SteadyTime::duration>(time_for(bytes, most));
  return std::max(nanoseconds(0), std::chrono::duration_cast<nanoseconds>(*free_at - now));
}

std::size_t UserAccount::batch(Flow flow) const {
  const std::lock_guard lock(mutex_);
  const std::uint64_t most = rate(flow);
  return most == 0 ? 0 : std::clamp(most / 8, kLeastBatch, kMostBatch);
}

Result<void> UserSeat::admit() {
  if (!account_ || admitted_) return ok();
  TRY(account_->enter());
  admitted_ = true;
  return ok();
}

UserRules UserLimits::rules_of(const std::string& server_id, const std::string& user) const {
  auto server = book_.find(server_id);
  if (server == book_.end()) server = book_.find("default");
  if (server == book_.end()) return {};
  const auto own = server->second.users.find(user);
  return own == server->second.users.end() ? server->second.everyone : own->second;
}

void UserLimits::apply(UserRuleBook book) {
  const std::lock_guard lock(mutex_);
  book_ = std::move(book);
  for (auto& [name, account] : accounts_) account->set_rules(rules_of(name.first, name.second));
}

std::shared_ptr<UserAccount> UserLimits::account(const std::string& server_id,
                                                 const std::string& user) {
  const std::lock_guard lock(mutex_);
  auto& account = accounts_[{server_id, user}];
  if (!account) account = std::make_shared<UserAccount>(clock_, rules_of(server_id, user));
  auto held = account;
  // What nobody uses and nothing was counted for today is the same as a new one.
  if (accounts_.size() >= sweep_at_) {
    std::erase_if(accounts_, [](const auto& entry) {
      return entry.second.use_count() == 1 && entry.second->is_idle();
    });
    sweep_at_ = std::max<std::size_t>(1024, accounts_.size() * 2);
  }
  return held;
}

}  // namespace sallyport::session
