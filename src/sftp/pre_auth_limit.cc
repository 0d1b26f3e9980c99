#include "sftp/pre_auth_limit.h"

namespace sallyport::sftp {

std::optional<PreAuthLimit::Place> PreAuthLimit::enter(const std::shared_ptr<PreAuthLimit>& limit) {
  if (++limit->taken_ > limit->most_) {
    --limit->taken_;
    return std::nullopt;
  }
  return Place(limit);
}

}  // namespace sallyport::sftp
