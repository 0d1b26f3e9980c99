#include "sftp/status.h"

namespace sallyport::sftp {

Status success() {
  return {StatusCode::kOk, "Success"};
}

Status end_of_file() {
  return {StatusCode::kEof, "End of file"};
}

Status status_of(const Error& error) {
  StatusCode code = status_code_of(error.code);
  if (error.reason == "NoSuchBucket") code = StatusCode::kFailure;
  return {code, error.message};
}

StatusCode status_code_of(Errc code) {
  switch (code) {
    case Errc::kNotFound: return StatusCode::kNoSuchFile;
    case Errc::kPermissionDenied: return StatusCode::kPermissionDenied;
    case Errc::kUnsupported: return StatusCode::kOpUnsupported;
    case Errc::kInvalidArgument:
    case Errc::kAlreadyExists:
    case Errc::kConflict:
    case Errc::kLimitExceeded:
    case Errc::kUnavailable:
    case Errc::kIo:
    case Errc::kCorrupt:
    case Errc::kTimeout:
    case Errc::kCancelled:
    case Errc::kClosed:
    case Errc::kInternal: return StatusCode::kFailure;
  }
  return StatusCode::kFailure;
}

}  // namespace sallyport::sftp
