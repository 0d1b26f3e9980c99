#include "app/master_key_check.h"

#include "base/bytes.h"
#include "crypto/digest.h"
#include "state/installation_facts.h"

namespace sallyport::app {

SecretString derived_key(const SecretString& master, std::string_view use) {
  const auto key = crypto::hmac_sha256(as_bytes(master.reveal()), as_bytes(use));
  return SecretString(std::string(as_text(key)));
}

std::string key_check(const SecretString& master) {
  return to_hex(as_bytes(derived_key(master, "check").reveal()));
}

Result<void> check_master_key(state::Database& database, const SecretString& master) {
  const std::string own = key_check(master);
  TRY_ASSIGN(const std::string settled, state::settle_fact(database, "master-key-check", own));
  if (settled == own) return ok();
  return Error(Errc::kInvalidArgument,
               "the database holds secrets under another master key; all nodes that share a "
               "database, and whoever "
               "takes one over, need its key: set SALLYPORT_MASTER_KEY, or put that master.key "
               "into DATA_DIR");
}

}  // namespace sallyport::app
