// The public keys of a service-managed user.
#pragma once

#include <string>

#include "api/transfer/context.h"

namespace sallyport::api {

// Adds a key to `user`. InvalidRequestException "Unsupported or invalid SSH public key format";
// ResourceExistsException for a key that the user has already; the quota.
Outcome<model::SshPublicKeyId> add_ssh_public_key(const TransferContext& context, std::string body,
                                                  model::User& user);

}  // namespace sallyport::api
