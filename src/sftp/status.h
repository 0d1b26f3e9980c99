// This edge's one map from error codes to SFTP status codes.
#pragma once

#include <string>

#include "base/error.h"
#include "sftp/packet.h"

namespace sallyport::sftp {

struct Status {
  StatusCode code = StatusCode::kOk;
  std::string message;
};

Status success();
Status end_of_file();
// Version 3 has few codes: what is neither missing, forbidden nor unsupported is kFailure. A
// missing bucket is kFailure too, as the managed service has it. The error's message becomes the
// text.
Status status_of(const Error& error);
StatusCode status_code_of(Errc code);

}  // namespace sallyport::sftp
