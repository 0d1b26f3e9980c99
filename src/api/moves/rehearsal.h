// Where a change can be tried by the operations themselves: a copy of all resources in memory, with
// nothing behind it that acts. Inside api/moves only.
#pragma once

#include <memory>
#include <vector>

#include "api/transfer/context.h"
#include "process/key_vault.h"
#include "session/registry.h"

namespace sallyport::state {
class Database;
}

namespace sallyport::api {

// Keys that are brought are read as ever. Those that a new server gets are made only by name, as
// they take time and are thrown away; nothing signs with any.
class RehearsedKeys final : public process::KeyVault {
 public:
  RehearsedKeys(process::KeyVault& real, Random& random) : real_(real), random_(random) {}
  Task<Result<process::NewKey>> generate(ssh::HostKeyType type, std::string context) override;
  Task<Result<process::NewKey>> import(SecretString text, std::string context) override;
  // kUnsupported.
  Task<Result<ssh::PublicHostKey>> open(std::shared_ptr<const process::SealedKey> key) override;
  Task<Result<Bytes>> sign(std::shared_ptr<const process::SealedKey> key, std::string algorithm,
                           Bytes data) override;

 private:
  process::KeyVault& real_;
  Random& random_;
};

class Rehearsal {
 public:
  // Of the resources as they are now. `real` outlives it. Errors: of the store; kUnavailable.
  static Task<Result<std::unique_ptr<Rehearsal>>> start(const TransferContext& real);
  Rehearsal(const TransferContext& real, std::unique_ptr<state::Database> database);
  ~Rehearsal();

  // No listener, process or session sees what is done in it.
  const TransferContext& context() const { return context_; }

 private:
  std::unique_ptr<state::Database> database_;
  state::ResourceStore resources_;
  session::Registry sessions_;
  RehearsedKeys keys_;
  TransferContext context_;
};

}  // namespace sallyport::api
