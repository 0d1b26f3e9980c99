// Access keys: whose are they, and what is the secret. Long-lived keys are sealed rows of the
// resource store; temporary ones (ASIA…) carry everything in their session token, sealed under the
// installation's master key, so that every node can read what another issued.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/task.h"
#include "iam/identity.h"
#include "model/access_key.h"

namespace sallyport::state {
class ResourceStore;
}
namespace sallyport::crypto {
class SecretBox;
}

namespace sallyport::iam {

class Authorizer;

// The one long-lived key pair of the installation; empty: there is none.
struct RootCredentials {
  std::string access_key;
  SecretString secret;
};

struct KnownCredential {
  SecretString secret;
  Identity identity;
};

struct TemporaryCredentials {
  std::string access_key;  // ASIA and 16 upper-case letters or digits
  SecretString secret;
  std::string session_token;
  WallTime expires{};
};

struct NewAccessKey {
  model::AccessKey key;  // to be stored; the secret is sealed
  SecretString secret;   // to be shown once
};

// The `aad` under which a user's secret key is sealed (crypto::SecretBox).
std::string access_key_seal_context(std::string_view access_key_id);

// Thread-safe. All references outlive it.
class CredentialStore {
 public:
  CredentialStore(state::ResourceStore& resources, Authorizer& authorizer,
                  const crypto::SecretBox& box, const Clock& clock, Random& random,
                  std::string account, RootCredentials root);
  ~CredentialStore();

  // Errors: kNotFound (unknown or inactive key, a key whose user or role is gone, a temporary key
  // without its token); kInvalidArgument (a token that this installation did not issue, or not for
  // this key); kTimeout (a token that has expired); kUnavailable. Known keys are answered from
  // memory, kept true by the change feed.
  Task<Result<KnownCredential>> find(std::string access_key, std::string session_token);

  // REQUIRES: identity.kind() == kRole. Good until identity.expires(). Error: kLimitExceeded (a
  // session policy that makes the token too long for a request's head).
  Result<TemporaryCredentials> issue(const Identity& identity);
  // AKIA and 16 upper-case letters or digits, 40 characters of secret.
  Result<NewAccessKey> new_access_key(std::string user_name);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::iam
