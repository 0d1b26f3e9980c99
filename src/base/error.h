// Errors are values. A small closed set of codes says what a caller can do;
// each edge (SFTP status, API error, S3 error) maps the codes once, exhaustively.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace sallyport {

enum class Errc : std::uint8_t {
  kInvalidArgument,   // the input is wrong; the same call will fail again
  kNotFound,          // the thing named does not exist
  kAlreadyExists,     // the thing named exists already
  kPermissionDenied,  // the caller may not do this
  kConflict,          // state moved underneath, or is not yet right; may be retried after a look
  kUnsupported,       // understood, and not offered here
  kLimitExceeded,     // a bound on size, count or rate was met
  kUnavailable,       // a dependency is down or full; may be retried later
  kIo,                // the operating system or a device failed
  kCorrupt,           // stored or received data contradict themselves
  kTimeout,           // time ran out
  kCancelled,         // asked to stop
  kClosed,            // the peer ended the stream
  kInternal,          // a defect of this program
};

inline constexpr int kErrcCount = static_cast<int>(Errc::kInternal) + 1;

// The code's stable lower-case name, e.g. "not_found"; for logs and metrics.
std::string_view errc_name(Errc code);

// What another system called the request that it refused, for its operators to find it by; empty:
// it did not say ("x-amz-request-id" and "x-amz-id-2" of Amazon S3).
struct RemoteIds {
  std::string request_id;
  std::string extended_request_id;
};

// An error with a sentence for a person: what was wrong and what would be right.
// `reason` is the narrower name where an edge needs one, in the words of the system that refused
// ("NoSuchBucket", "NoSuchKey", "AssumeRole"); empty otherwise. Copyable. Never holds a secret.
struct [[nodiscard]] Error {
  Errc code = Errc::kInternal;
  std::string message;
  std::string reason;
  std::shared_ptr<const RemoteIds> remote;  // null: nobody else was asked, or nobody answered

  Error(Errc c, std::string m, std::string r = {})
      : code(c), message(std::move(m)), reason(std::move(r)) {}
  // Puts "context: " in front of the message.
  [[nodiscard]] Error with_context(std::string_view context) &&;
};

// Error from an errno value; the code is chosen by what the caller can do about it
// (ENOENT → kNotFound, ENOSPC → kUnavailable, …). `what` names the attempted act.
Error errno_error(std::string_view what, int errno_value);

}  // namespace sallyport
