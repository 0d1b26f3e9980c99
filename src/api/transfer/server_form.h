// A server between the API's JSON and the model: members in, rules, members out.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "api/fault.h"
#include "model/server.h"

namespace sallyport::api {

// Puts the members that CreateServer and UpdateServer share, and that are given, into `server`.
// Members of EndpointDetails, IdentityProviderDetails and ProtocolDetails are replaced one by one.
Outcome<Done> apply_server_members(const nlohmann::json& request, model::Server& server);

// What must hold of a server however it came about. InvalidRequestException with AWS's text where
// it is known.
Outcome<Done> check_server(const model::Server& server);
// What else holds at creation.
Outcome<Done> check_new_server(const nlohmann::json& request, const model::Server& server);
// What may not change, or only while the server is OFFLINE. `request` is UpdateServer's.
Outcome<Done> check_server_change(const nlohmann::json& request, const model::Server& before,
                                  const model::Server& after);

// DescribedServer and ListedServer.
nlohmann::json described_server(const model::Server& server, std::uint64_t user_count);
nlohmann::json listed_server(const model::Server& server, std::uint64_t user_count);

}  // namespace sallyport::api
