#include "sftp/pre_auth_limit.h"

namespace sallyport::sftp {

std::optional<PreAuthLimit::Place> PreAuthLimit::enter(const std::shared_ptr<PreAuthLimit>& limit) {
  const std::lock_guard lock(limit->mutex_);
  if (limit->taken_ >= limit->most_) return std::nullopt;
  ++limit->taken_;
  return Place(limit);
}

bool PreAuthLimit::Place::belongs_to(const net::IpAddress& address) {
  const Source source = source_of(address);
  const std::lock_guard lock(limit_->mutex_);
  const auto at = limit_->by_source_.try_emplace(source).first;
  if (at->second >= limit_->most_of_one_) return false;
  ++at->second;
  source_ = source;
  return true;
}

void PreAuthLimit::leave(const std::optional<Source>& source) {
  const std::lock_guard lock(mutex_);
  --taken_;
  if (!source) return;
  const auto at = by_source_.find(*source);
  if (--at->second == 0) by_source_.erase(at);
}

}  // namespace sallyport::sftp
