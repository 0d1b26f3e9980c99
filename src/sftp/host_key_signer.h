// Who holds the private host keys signs; a connection only asks.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "net/blocking_pool.h"
#include "ssh/host_key.h"

namespace sallyport::sftp {

// Thread-safe.
class HostKeySigner {
 public:
  virtual ~HostKeySigner() = default;
  // The signature blob of key number `index` in ssh::ServerSettings::host_keys over `data`.
  // Errors: kInvalidArgument (no such key, an algorithm that is not the key's).
  virtual Task<Result<Bytes>> sign(std::size_t index, std::string algorithm, Bytes data) = 0;
};

// Signs in this process, on the threads of `pool`, which outlives it.
class PoolHostKeySigner final : public HostKeySigner {
 public:
  PoolHostKeySigner(std::vector<ssh::HostKey> keys, net::BlockingPool& pool);
  Task<Result<Bytes>> sign(std::size_t index, std::string algorithm, Bytes data) override;

 private:
  std::vector<ssh::HostKey> keys_;
  net::BlockingPool& pool_;
};

}  // namespace sallyport::sftp
