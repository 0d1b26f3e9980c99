// Where a server is reached: the rules of EndpointType and EndpointDetails.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "api/fault.h"
#include "api/transfer/stored.h"
#include "model/server.h"

namespace sallyport::api {

// What must hold of a server's endpoint however it came about. InvalidRequestException with AWS's
// text where it is known.
Outcome<Done> check_endpoint(const model::Server& server);
// What CreateServer's request may not say of it.
Outcome<Done> check_new_endpoint(const nlohmann::json& request, const model::Server& server);
// What UpdateServer's request may not change, or only while the server is OFFLINE.
Outcome<Done> check_endpoint_change(const nlohmann::json& request, const model::Server& before,
                                    const model::Server& after);

// For a server that comes to be of EndpointType VPC_ENDPOINT: whether such may be
// (InvalidRequestException), and the steps that see to it that they are not too many.
bool is_vpc_endpoint(const model::Server& server);
Outcome<Done> check_vpc_endpoint_allowed(const TransferContext& context);
ResourceChanges within_vpc_endpoint_quota(const TransferContext& context);

// Gives a server of EndpointType VPC the id of its endpoint, unless it has one.
void give_vpc_endpoint(const TransferContext& context, model::Server& server);

}  // namespace sallyport::api
