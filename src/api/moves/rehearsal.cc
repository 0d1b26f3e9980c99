#include "api/moves/rehearsal.h"

#include "state/database.h"

namespace sallyport::api {

namespace {

using Op = state::ResourceChange::Op;

std::string type_name(ssh::HostKeyType type) {
  switch (type) {
    case ssh::HostKeyType::kRsa3072: return "ssh-rsa";
    case ssh::HostKeyType::kEcdsaP256: return "ecdsa-sha2-nistp256";
    case ssh::HostKeyType::kEd25519: return "ssh-ed25519";
  }
  return {};
}

Error nothing_signs() {
  return Error(Errc::kUnsupported, "nothing is signed while an import is tried");
}

}  // namespace

Task<Result<process::NewKey>> RehearsedKeys::generate(ssh::HostKeyType type, std::string) {
  co_return process::NewKey{type_name(type), "SHA256:" + random_.hex(43) + "=", ""};
}

Task<Result<process::NewKey>> RehearsedKeys::import(SecretString text, std::string context) {
  return real_.import(std::move(text), std::move(context));
}

Task<Result<ssh::PublicHostKey>> RehearsedKeys::open(std::shared_ptr<const process::SealedKey>) {
  co_return nothing_signs();
}

Task<Result<Bytes>> RehearsedKeys::sign(std::shared_ptr<const process::SealedKey>, std::string,
                                        Bytes) {
  co_return nothing_signs();
}

Rehearsal::Rehearsal(const TransferContext& real, std::unique_ptr<state::Database> database)
    : database_(std::move(database)),
      resources_(*database_),
      keys_(real.host_keys, real.random),
      context_{resources_,   sessions_,   keys_,
               real.secrets, real.clock,  real.random,
               real.place,   real.limits, real.allow_vpc_endpoint_type,
               real.tokens} {}

Rehearsal::~Rehearsal() = default;

Task<Result<std::unique_ptr<Rehearsal>>> Rehearsal::start(const TransferContext& real) {
  CO_TRY_ASSIGN(auto all, co_await real.resources.all());
  const state::MigrationSet sets[] = {state::resource_schema()};
  CO_TRY_ASSIGN(auto database, state::Database::open_memory(sets));
  auto made = std::make_unique<Rehearsal>(real, std::move(database));
  std::vector<state::ResourceChange> copies;
  copies.reserve(all.size());
  for (state::Resource& one : all)
    copies.push_back({Op::kInsert, std::move(one.key), 0, std::move(one.document)});
  CO_TRY(co_await made->resources_.apply(std::move(copies)));
  co_return made;
}

}  // namespace sallyport::api
