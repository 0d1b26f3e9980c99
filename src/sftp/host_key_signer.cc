#include "sftp/host_key_signer.h"

#include <utility>

namespace sallyport::sftp {

PoolHostKeySigner::PoolHostKeySigner(std::vector<ssh::HostKey> keys, net::BlockingPool& pool)
    : keys_(std::move(keys)), pool_(pool) {}

Task<Result<Bytes>> PoolHostKeySigner::sign(std::size_t index, std::string algorithm, Bytes data) {
  if (index >= keys_.size()) co_return Error(Errc::kInvalidArgument, "there is no such host key");
  // A copy, so that the key lives as long as the work does.
  auto work = [key = keys_[index], algorithm = std::move(algorithm), data = std::move(data)] {
    return key.sign(algorithm, data);
  };
  co_return co_await pool_.run(std::move(work));
}

}  // namespace sallyport::sftp
