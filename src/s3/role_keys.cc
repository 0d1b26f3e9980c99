#include "s3/role_keys.h"

#include <utility>

#include "iam/authorizer.h"

namespace sallyport::s3 {
namespace {

// How many of the longest unused entries are looked at when one comes.
constexpr int kLookedAt = 4;

// Short, and different for sessions that differ.
std::string name_of(const iam::AssumeRoleRequest& session) {
  std::string text;
  for (const std::string* part :
       {&session.role_arn, &session.session_name, &session.session_policy})
    text += std::to_string(part->size()) + ":" + *part;
  text += std::to_string(session.life.count());
  return http::sha256_hex(text);
}

// Whoever asked for a role cannot do anything about our own keys.
Error of_own_keys(Error error) {
  const bool known = error.code == Errc::kTimeout || error.code == Errc::kCancelled;
  if (!known) error.code = Errc::kUnavailable;
  return std::move(error).with_context("the keys with which roles are assumed");
}

// As iam::Authorizer::assume_role() tells it.
Error of_role(Error error) {
  if (error.code == Errc::kPermissionDenied) error.reason = "AssumeRole";
  return error;
}

}  // namespace

class CachedRoleKeys::Fetcher final : public KeyFetcher {
 public:
  Fetcher(Sts& sts, KeySource& own, std::shared_ptr<const iam::AssumeRoleRequest> session)
      : sts_(sts), own_(own), session_(std::move(session)) {}

  Task<Result<FetchedKeys>> fetch() override {
    auto own = co_await own_.get();
    if (!own.ok()) co_return of_own_keys(std::move(own).error());
    auto keys = co_await sts_.assume_role((*own)->keys, session_);
    if (!keys.ok() && keys.error().reason == kCallerRefused) {
      own_.refused(*own);
      auto others = co_await own_.get();
      if (others.ok() && *others != *own)
        keys = co_await sts_.assume_role((*others)->keys, session_);
    }
    if (!keys.ok()) co_return of_role(std::move(keys).error());
    co_return FetchedKeys{std::move(*keys), std::nullopt};
  }

 private:
  Sts& sts_;
  KeySource& own_;
  const std::shared_ptr<const iam::AssumeRoleRequest> session_;
};

void CachedRoleKeys::drop_idle() {
  auto at = entries_.end();
  for (int i = 0; i < kLookedAt && at != entries_.begin(); ++i) {
    --at;
    const bool too_many = entries_.size() >= most_;
    if (!too_many && !at->keys->idle()) continue;
    by_name_.erase(at->name);
    at = entries_.erase(at);
  }
}

std::shared_ptr<RenewedKeys> CachedRoleKeys::entry_of(
    const std::shared_ptr<const iam::AssumeRoleRequest>& session) {
  std::string name = name_of(*session);
  const std::lock_guard lock(mutex_);
  if (const auto found = by_name_.find(name); found != by_name_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->keys;
  }
  drop_idle();
  auto keys = std::make_shared<RenewedKeys>(std::make_unique<Fetcher>(sts_, own_, session), clock_);
  entries_.push_front({std::move(name), keys});
  by_name_[entries_.front().name] = entries_.begin();
  return keys;
}

Task<Result<Keys>> CachedRoleKeys::get(std::shared_ptr<const iam::AssumeRoleRequest> session) {
  // It may be dropped from the list meanwhile.
  const std::shared_ptr<RenewedKeys> entry = entry_of(session);
  co_return co_await entry->get();
}

void CachedRoleKeys::refused(const std::shared_ptr<const iam::AssumeRoleRequest>& session,
                             const Keys& keys) {
  std::shared_ptr<RenewedKeys> entry;
  {
    const std::lock_guard lock(mutex_);
    const auto found = by_name_.find(name_of(*session));
    if (found == by_name_.end()) return;
    entry = found->second->keys;
  }
  entry->refused(keys);
}

std::size_t CachedRoleKeys::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace sallyport::s3
