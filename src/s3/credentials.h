// Access keys for calls to a remote store, and where they come from.
#pragma once

#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "http/sigv4.h"

namespace sallyport::iam {
struct AssumeRoleRequest;
}

namespace sallyport::s3 {

// Immutable once shared.
struct HeldKeys {
  http::Credentials keys;
  std::optional<WallTime> expires;  // nullopt: never
};
using Keys = std::shared_ptr<const HeldKeys>;

// Thread-safe; calls resume on the caller's loop.
class KeySource {
 public:
  virtual ~KeySource() = default;
  // Keys that hold for a while yet: kept in memory, renewed before they expire, asked for once when
  // many want them. Errors: kUnavailable (they cannot be had now; the message says from where),
  // kInvalidArgument (what was found is no credentials), kPermissionDenied.
  virtual Task<Result<Keys>> get() = 0;
  // The store did not take these: the next get() gives others, if there are any.
  virtual void refused(const Keys& keys) = 0;
};

// The keys of role sessions, from a store's STS. Thread-safe; calls resume on the caller's loop.
class RoleKeys {
 public:
  virtual ~RoleKeys() = default;
  // As KeySource::get(), for the role with the session name and session policy of `session`
  // (AssumeRole). Errors: kPermissionDenied with reason "AssumeRole" (the role is not there, does
  // not trust us, or the request is not acceptable to the STS), kUnavailable, kTimeout.
  virtual Task<Result<Keys>> get(std::shared_ptr<const iam::AssumeRoleRequest> session) = 0;
  virtual void refused(const std::shared_ptr<const iam::AssumeRoleRequest>& session,
                       const Keys& keys) = 0;
};

}  // namespace sallyport::s3
