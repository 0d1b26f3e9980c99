// The sessions of users' roles, kept until shortly before they expire.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "s3/renewed_keys.h"
#include "s3/sts.h"

namespace sallyport::s3 {

// One entry a role, session name and session policy; of many that least recently used goes. How an
// entry is fetched, renewed and kept: RenewedKeys. Where the STS does not take the caller's keys,
// others are asked for once. Thread-safe; the destructor REQUIRES that no call is under way.
class CachedRoleKeys final : public RoleKeys {
 public:
  static constexpr std::size_t kMostSessions = 4096;

  // What is given outlives it. `own`: the keys that the roles trust.
  CachedRoleKeys(Sts& sts, KeySource& own, const Clock& clock, std::size_t most = kMostSessions)
      : sts_(sts), own_(own), clock_(clock), most_(most) {}

  Task<Result<Keys>> get(std::shared_ptr<const iam::AssumeRoleRequest> session) override;
  void refused(const std::shared_ptr<const iam::AssumeRoleRequest>& session,
               const Keys& keys) override;
  std::size_t size() const;

 private:
  class Fetcher;
  struct Entry {
    std::string name;
    std::shared_ptr<RenewedKeys> keys;
  };
  std::shared_ptr<RenewedKeys> entry_of(
      const std::shared_ptr<const iam::AssumeRoleRequest>& session);
  void drop_idle();

  Sts& sts_;
  KeySource& own_;
  const Clock& clock_;
  const std::size_t most_;
  mutable std::mutex mutex_;
  std::list<Entry> entries_;  // the last used first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_name_;
};

}  // namespace sallyport::s3
