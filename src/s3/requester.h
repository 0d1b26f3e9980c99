// Signed requests to one remote store, tried again where that is safe.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/random.h"
#include "http/client_pool.h"
#include "http/retry.h"
#include "s3/bucket_regions.h"
#include "s3/call.h"
#include "s3/credentials.h"
#include "s3/fault.h"

namespace sallyport::s3 {

// In whose name a call is made: a role session's, or the installation's own. Copyable; what it
// points to outlives it.
class Caller {
 public:
  explicit Caller(KeySource& own) : own_(&own) {}
  Caller(RoleKeys& roles, std::shared_ptr<const iam::AssumeRoleRequest> session)
      : roles_(&roles), session_(std::move(session)) {}

  Task<Result<Keys>> keys() const;
  void refused(const Keys& keys) const;
  // Null: the installation's own keys.
  const std::shared_ptr<const iam::AssumeRoleRequest>& session() const { return session_; }

 private:
  KeySource* own_ = nullptr;
  RoleKeys* roles_ = nullptr;
  std::shared_ptr<const iam::AssumeRoleRequest> session_;
};

// A whole answer.
struct Answer {
  http::Headers headers;
  std::string body;
};

// Thread-safe; calls resume on the caller's loop. What is given outlives it. Errors of the calls:
// those of error_of(); kUnavailable and kTimeout when no answer came; those of the keys.
//
// Each attempt is signed anew. Passing failures (5xx, a lost connection, a body that arrived
// damaged) are tried again when the call is repeatable; a connection that never came about, and a
// store that has no time (429, 503), always are. Keys that the store calls expired are renewed
// once, and a bucket that Amazon S3 says is in another region is asked for there. Over plain HTTP
// the body's SHA-256 is signed, so that the store refuses what the way has changed; over TLS it is
// not computed.
class Requester {
 public:
  // Told from any thread.
  using Trouble = std::function<void(const Error& error)>;  // a call failed for no fault of ours
  using Recovery = std::function<void()>;                   // the first answer after that
  // `pool` makes one attempt a request: the tries are counted here. `sleep`: how the time before
  // another attempt passes.
  Requester(Place place, http::ClientPool& pool, const Clock& clock, Random& random,
            http::RetryOptions retry = {}, http::ClientPool::Sleep sleep = net::sleep_for,
            Trouble trouble = {}, Recovery recovery = {});

  const Place& place() const { return regions_.home(); }
  const Clock& clock() const { return clock_; }
  bool signs_bodies() const { return place().endpoint.scheme != "https"; }

  // A success whose body is still on the wire. `call` and `caller` outlive the task.
  Task<Result<http::StreamedResponse>> open(const Call& call, const Caller& caller);
  // With its body, at most kMaxAnswer bytes; kUnavailable for a longer one.
  Task<Result<Answer>> send(const Call& call, const Caller& caller);

  // Whether the caller has keys, before anything is sent; a failure is told as a call's is.
  Task<Result<void>> has_keys(const Caller& caller);

  // For those who try again what is not repeatable, after a look.
  http::RetryPlan plan() const { return http::RetryPlan(retry_, clock_, random_); }
  Task<void> sleep(std::chrono::milliseconds time) const { return sleep_(time); }

  static constexpr std::size_t kMaxAnswer = std::size_t{8} << 20;

 private:
  struct Tried;
  Task<Result<http::StreamedResponse>> open(const Call& call, const Caller& caller, Tried& tried);
  Task<Result<http::StreamedResponse>> attempt(const Place& place, const Call& call,
                                               const Keys& keys);
  Task<Result<std::optional<http::StreamedResponse>>> answered(const Call& call,
                                                               const Caller& caller, Tried& tried);
  std::string body_hash(const Call& call) const;
  Error told(Error error);
  void tell_answered();

  BucketRegions regions_;
  http::ClientPool& pool_;
  const Clock& clock_;
  Random& random_;
  const http::RetryOptions retry_;
  const http::ClientPool::Sleep sleep_;
  const Trouble trouble_;
  const Recovery recovery_;
  std::atomic<bool> in_trouble_ = false;
};

}  // namespace sallyport::s3
