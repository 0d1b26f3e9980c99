// Host keys in this process, for tests of connections.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "net/blocking_pool.h"
#include "sftp/host_key_signer.h"
#include "ssh/host_key.h"

namespace sallyport::sftp::testing {

// Signs on the threads of `pool`, which outlives it.
class PoolHostKeySigner final : public HostKeySigner {
 public:
  PoolHostKeySigner(std::vector<ssh::HostKey> keys, net::BlockingPool& pool)
      : keys_(std::move(keys)), pool_(pool) {}

  Task<Result<Bytes>> sign(std::size_t index, std::string algorithm, Bytes data) override {
    if (index >= keys_.size()) co_return Error(Errc::kInvalidArgument, "there is no such host key");
    auto work = [key = keys_[index], algorithm = std::move(algorithm), data = std::move(data)] {
      return key.sign(algorithm, data);
    };
    co_return co_await pool_.run(std::move(work));
  }

 private:
  std::vector<ssh::HostKey> keys_;
  net::BlockingPool& pool_;
};

}  // namespace sallyport::sftp::testing
