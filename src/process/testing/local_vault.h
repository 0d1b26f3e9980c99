// A vault in this process, for tests of what uses one.
#pragma once

#include <memory>
#include <vector>

#include "process/key_box.h"
#include "process/message_vault.h"

namespace sallyport::process::testing {

class BoxChannel final : public KeyChannel {
 public:
  explicit BoxChannel(SecretString master) : box_(std::move(master)) {}
  Result<Bytes> call(Bytes& request) override { return box_.answer(request); }

 private:
  KeyBox box_;
};

inline std::unique_ptr<KeyVault> local_vault(const SecretString& master, int keepers = 2) {
  std::vector<std::unique_ptr<KeyChannel>> channels;
  for (int i = 0; i < keepers; ++i) channels.push_back(std::make_unique<BoxChannel>(master));
  return std::make_unique<MessageVault>(std::move(channels));
}

}  // namespace sallyport::process::testing
