// Who holds the private host keys signs; a connection only asks.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"

namespace sallyport::sftp {

// Thread-safe.
class HostKeySigner {
 public:
  virtual ~HostKeySigner() = default;
  // The signature blob of key number `index` in ssh::ServerSettings::host_keys over `data`.
  // Errors: kInvalidArgument (no such key, an algorithm that is not the key's).
  virtual Task<Result<Bytes>> sign(std::size_t index, std::string algorithm, Bytes data) = 0;
};

}  // namespace sallyport::sftp
