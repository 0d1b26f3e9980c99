// Credentials in, a Principal out: what an identity provider says of somebody who proved who he is.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "model/server.h"
#include "model/user.h"

namespace sallyport::state {
class ResourceStore;
}

namespace sallyport::identity {

// Plain data; what the session needs of its user, as it stood at login.
struct Principal : model::Grant {
  model::ServerId server_id;
  std::string user_name;
  model::SshPublicKeyId key_id;  // the key that was used; empty: a certificate
};

// What the record of a service-managed user says of him who logs in with `key`.
Principal principal_of(model::User user, model::SshPublicKeyId key);
// Whether a login with one of the user's keys succeeds: logical targets must begin with "/" and
// must not end with it.
bool is_usable(const model::User& user);

// Why a login was refused; both look the same to the client, in text and in time.
enum class Refusal : std::uint8_t { kUnknownUser, kWrongKey, kBadUserRecord };

struct KeyDecision {
  std::optional<Principal> principal;  // set: accepted
  Refusal refusal = Refusal::kUnknownUser;
};

// Service-managed users. Thread-safe.
class ServiceManaged {
 public:
  explicit ServiceManaged(state::ResourceStore& resources);

  // Is `key_blob` (RFC 4253 section 6.6) one of the user's keys, and is his record usable (logical
  // targets begin with "/" and do not end with it)? Does the same work whether the user exists or
  // not. Errors: kUnavailable.
  Task<Result<KeyDecision>> check_public_key(model::ServerId server, std::string user_name,
                                             Bytes key_blob);
  // The same for somebody who is known by other means than a stored key: is there such a user, and
  // is his record usable? Errors: kUnavailable.
  Task<Result<KeyDecision>> check_user(model::ServerId server, std::string user_name);

 private:
  state::ResourceStore& resources_;
};

}  // namespace sallyport::identity
