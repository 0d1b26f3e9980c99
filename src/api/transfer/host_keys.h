// Making and importing the host keys of a server.
#pragma once

#include <string>
#include <vector>

#include "api/transfer/context.h"
#include "base/secret.h"

namespace sallyport::api {

// One of each kind that a new server has: RSA-3072, ECDSA on nistp256, Ed25519; runs on the crypto
// pool.
Task<Outcome<std::vector<model::HostKeyRecord>>> generate_host_keys(const TransferContext& context,
                                                                    model::ServerId server);

// A key that the caller brings. InvalidRequestException "Invalid host key format".
Task<Outcome<model::HostKeyRecord>> read_host_key(const TransferContext& context,
                                                  model::ServerId server, SecretString body);

// The host keys of a server, the oldest first.
Task<Outcome<std::vector<state::Versioned<model::HostKeyRecord>>>> load_host_keys(
    const TransferContext& context, model::ServerId server);

// What DescribeServer shows: that of the oldest RSA key, else of the oldest; "" without any.
// REQUIRES: the oldest come first.
std::string shown_fingerprint(const std::vector<model::HostKeyRecord>& keys);

}  // namespace sallyport::api
