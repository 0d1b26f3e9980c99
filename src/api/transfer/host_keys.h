// A server's host keys: made, taken in, and kept together with what the server shows of them.
#pragma once

#include <functional>
#include <vector>

#include "api/transfer/stored.h"
#include "base/secret.h"
#include "base/task.h"
#include "model/server.h"

namespace sallyport::api {

// RSA-3072, ECDSA nistp256 and Ed25519, private halves sealed.
Task<Outcome<std::vector<model::HostKeyRecord>>> generate_host_keys(const TransferContext& context,
                                                                    model::ServerId server);

// A key that the caller brings. InvalidRequestException "Invalid host key format".
Task<Outcome<model::HostKeyRecord>> read_host_key(const TransferContext& context,
                                                  model::ServerId server, SecretString body);

// The host keys of a server, the oldest first: of each type the first is the one that signs (user
// guide, "Add an additional server host key").
Task<Result<std::vector<model::HostKeyRecord>>> load_host_keys(state::ResourceStore& resources,
                                                               model::ServerId server);

// What DescribeServer shows: that of the oldest RSA key, else of the oldest; "" without any.
// REQUIRES: the oldest come first.
std::string shown_fingerprint(const std::vector<model::HostKeyRecord>& keys);

// Puts `imported` in the place of the keys of its type. LimitExceeded when there is none to replace
// and no room.
Outcome<Done> replace_type(const TransferContext& context, std::vector<model::HostKeyRecord>& keys,
                           model::HostKeyRecord imported);

// Changes which keys a server has, and with them, in one step, its shown fingerprint and whatever
// `also` changes in it and `beside` takes with it. Two callers never work on the same set: the
// later one looks again. ResourceNotFoundException "Unknown server".
using HostKeysChange = std::function<Outcome<Done>(std::vector<model::HostKeyRecord>&)>;
Task<Outcome<Done>> change_host_keys(const TransferContext& context, model::ServerId server,
                                     HostKeysChange change, ServerChange also = {},
                                     Beside<model::Server> beside = {});

// ResourceNotFoundException "Unknown server" or "Unknown host key".
Task<Outcome<state::Versioned<model::HostKeyRecord>>> load_host_key(const TransferContext& context,
                                                                    model::ServerId server,
                                                                    model::HostKeyId id);
Fault unknown_host_key(const model::HostKeyId& id);

// As change_server().
using HostKeyChange = std::function<Outcome<bool>(model::HostKeyRecord&)>;
Task<Outcome<model::HostKeyRecord>> change_host_key(const TransferContext& context,
                                                    model::ServerId server, model::HostKeyId id,
                                                    HostKeyChange change);

}  // namespace sallyport::api
