// What one user of one server may do: sessions, bandwidth, uploads a day. Counted in memory on this
// node only: a restart begins anew, and several nodes count each for itself. Days are UTC's.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace sallyport::session {

// 0: no limit.
struct UserRules {
  std::uint64_t max_sessions = 0;
  std::uint64_t bandwidth_in = 0, bandwidth_out = 0;  // bytes a second
  std::uint64_t upload_bytes_per_day = 0;
  std::uint64_t upload_files_per_day = 0;
};

// Of one server, or of all that have none of their own.
struct ServerUserRules {
  UserRules everyone;
  std::map<std::string, UserRules> users;  // whole: nothing is taken from `everyone`
};

// By server id; "default" for servers that are not named.
using UserRuleBook = std::map<std::string, ServerUserRules>;

enum class Flow : std::uint8_t { kIn, kOut };

// The reason of every error from here; the message is for the client.
inline constexpr std::string_view kUserLimit = "UserLimit";

// One user's counters, shared by his sessions. Thread-safe.
class UserAccount {
 public:
  UserAccount(const Clock& clock, UserRules rules) : clock_(clock), rules_(rules) {}

  void set_rules(UserRules rules);
  bool is_idle() const;

  // Errors: kLimitExceeded "UserLimit".
  Result<void> enter();
  void leave();
  Result<void> take_upload_file();
  Result<void> take_upload_bytes(std::uint64_t bytes);

  // Books bytes that were or are being moved; answers how long to wait before more are. A user who
  // was idle may move one second's worth at once.
  std::chrono::nanoseconds pace(Flow flow, std::uint64_t bytes);
  // How many bytes are best moved at a time under the limit, so that the user's transfers take
  // turns; 0: any number.
  std::size_t batch(Flow flow) const;

 private:
  void begin_day();
  std::uint64_t rate(Flow flow) const {
    return flow == Flow::kIn ? rules_.bandwidth_in : rules_.bandwidth_out;
  }

  const Clock& clock_;
  mutable std::mutex mutex_;
  UserRules rules_;
  std::uint64_t sessions_ = 0;
  std::int64_t day_ = 0;
  std::uint64_t files_ = 0, bytes_ = 0;
  std::optional<SteadyTime> free_at_[2];
};

// One session's part in its user's account. One loop.
class UserSeat {
 public:
  UserSeat() = default;  // without limits
  explicit UserSeat(std::shared_ptr<UserAccount> account) : account_(std::move(account)) {}
  ~UserSeat() {
    if (admitted_) account_->leave();
  }
  UserSeat(const UserSeat&) = delete;
  UserSeat& operator=(const UserSeat&) = delete;

  // Counts the session from now until the seat ends. Error: kLimitExceeded "UserLimit".
  Result<void> admit();
  Result<void> take_upload_file() { return account_ ? account_->take_upload_file() : ok(); }
  Result<void> take_upload_bytes(std::uint64_t bytes) {
    return account_ ? account_->take_upload_bytes(bytes) : ok();
  }
  std::chrono::nanoseconds pace(Flow flow, std::uint64_t bytes) {
    return account_ ? account_->pace(flow, bytes) : std::chrono::nanoseconds(0);
  }
  std::size_t batch(Flow flow) const { return account_ ? account_->batch(flow) : 0; }

 private:
  std::shared_ptr<UserAccount> account_;
  bool admitted_ = false;
};

// All accounts. Thread-safe.
class UserLimits {
 public:
  // `clock` outlives the object and every account.
  explicit UserLimits(const Clock& clock) : clock_(clock) {}

  // In force at once, for sessions that live too. What was counted stays counted.
  void apply(UserRuleBook book);
  std::shared_ptr<UserAccount> account(const std::string& server_id, const std::string& user);

 private:
  UserRules rules_of(const std::string& server_id, const std::string& user) const;

  const Clock& clock_;
  std::mutex mutex_;
  UserRuleBook book_;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<UserAccount>> accounts_;
  std::size_t sweep_at_ = 1024;
};

}  // namespace sallyport::session
