#include "process/key_vault.h"

namespace sallyport::process {

SealedKey::SealedKey(std::string sealed, std::string context)
    : sealed_(std::move(sealed)), context_(std::move(context)) {
  const Bytes both = ByteWriter().string(context_).string(sealed_).take();
  id_ = crypto::sha256(both);
}

Task<Result<Bytes>> VaultSigner::sign(std::size_t index, std::string algorithm, Bytes data) {
  if (index >= keys_.size()) co_return Error(Errc::kInvalidArgument, "there is no such host key");
  co_return co_await vault_.sign(keys_[index], std::move(algorithm), std::move(data));
}

}  // namespace sallyport::process
