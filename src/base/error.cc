#include "base/error.h"

#include <cerrno>
#include <system_error>

namespace sallyport {

std::string_view errc_name(Errc code) {
  switch (code) {
    case Errc::kInvalidArgument: return "invalid_argument";
    case Errc::kNotFound: return "not_found";
    case Errc::kAlreadyExists: return "already_exists";
    case Errc::kPermissionDenied: return "permission_denied";
    case Errc::kConflict: return "conflict";
    case Errc::kUnsupported: return "unsupported";
    case Errc::kLimitExceeded: return "limit_exceeded";
    case Errc::kUnavailable: return "unavailable";
    case Errc::kIo: return "io";
    case Errc::kCorrupt: return "corrupt";
    case Errc::kTimeout: return "timeout";
    case Errc::kCancelled: return "cancelled";
    case Errc::kClosed: return "closed";
    case Errc::kInternal: return "internal";
  }
  return "internal";
}

Error Error::with_context(std::string_view context) && {
  std::string text;
  text.reserve(context.size() + 2 + message.size());
  text.append(context).append(": ").append(message);
  message = std::move(text);
  return std::move(*this);
}

namespace {

Errc code_of_errno(int value) {
  switch (value) {
    case ENOENT:
    case ENOTDIR: return Errc::kNotFound;
    case EEXIST: return Errc::kAlreadyExists;
    case EACCES:
    case EPERM:
    case EROFS: return Errc::kPermissionDenied;
    case EINVAL:
    case ENAMETOOLONG: return Errc::kInvalidArgument;
    case ENOSPC:
    case EDQUOT:
    case ENOMEM:
    case EMFILE:
    case ENFILE: return Errc::kUnavailable;
    case ETIMEDOUT: return Errc::kTimeout;
    case ECONNRESET:
    case EPIPE: return Errc::kClosed;
    case ECANCELED: return Errc::kCancelled;
    case ENOTEMPTY:
    case EBUSY: return Errc::kConflict;
    default: return Errc::kIo;
  }
}

}  // namespace

Error errno_error(std::string_view what, int errno_value) {
  return Error(code_of_errno(errno_value),
               std::string(what) + ": " + std::generic_category().message(errno_value));
}

}  // namespace sallyport
