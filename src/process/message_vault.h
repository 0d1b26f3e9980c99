// KeyVault over messages to keepers of keys.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/blocking_pool.h"
#include "process/key_messages.h"
#include "process/key_vault.h"

namespace sallyport::process {

// The way to one keeper. One call at a time.
class KeyChannel {
 public:
  virtual ~KeyChannel() = default;
  // The reply to a request, as whole messages; blocks. kUnavailable.
  virtual Result<Bytes> call(Bytes& request) = 0;
};

// As many requests are under way at once as there are channels; the others wait in order. A keeper
// that does not know a key (it is new, or the key was not used for long) is told it.
class MessageVault final : public KeyVault {
 public:
  explicit MessageVault(std::vector<std::unique_ptr<KeyChannel>> channels);
  ~MessageVault() override;

  Task<Result<NewKey>> generate(ssh::HostKeyType type, std::string context) override;
  Task<Result<NewKey>> import(SecretString text, std::string context) override;
  Task<Result<ssh::PublicHostKey>> open(std::shared_ptr<const SealedKey> key) override;
  Task<Result<Bytes>> sign(std::shared_ptr<const SealedKey> key, std::string algorithm,
                           Bytes data) override;

 private:
  class Lease;
  // The body of a kDone reply.
  Result<Bytes> ask(Bytes request);
  Result<Bytes> ask_to_sign(const SealedKey& key, std::string_view algorithm, ByteView data);

  std::mutex mutex_;
  std::vector<std::unique_ptr<KeyChannel>> free_;
  net::BlockingPool pool_;  // last: its threads use the rest
};

}  // namespace sallyport::process
