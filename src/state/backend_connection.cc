#include "state/backend_connection.h"

namespace sallyport::state {
namespace {

constexpr std::size_t kMaxPayloadBytes = 7000;

}  // namespace

Result<void> BackendConnection::notify(std::string_view channel, std::string payload) {
  if (role_ == Role::kReader) return spoil(Error(Errc::kInternal, "notification from a read"));
  if (payload.size() > kMaxPayloadBytes) {
    return spoil(Error(Errc::kLimitExceeded, "a notification carries at most 7000 bytes"));
  }
  notifications_.emplace_back(channel, std::move(payload));
  return ok();
}

Error BackendConnection::spoil(Error error) {
  if (!failure_) failure_ = error;
  return error;
}

}  // namespace sallyport::state
