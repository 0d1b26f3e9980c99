#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/transfer/not_there.h"
#include "api/transfer/operations.h"
#include "net/address.h"

namespace sallyport::api {

using nlohmann::json;

Task<Outcome<json>> test_identity_provider(const TransferContext& context, json request) {
  const model::ServerId id = server_id_of(request);
  CO_TRY_ASSIGN(const auto stored, co_await load_server(context, id));
  const model::Server& server = stored.value;
  if (server.identity_provider_type == "SERVICE_MANAGED")
    co_return invalid_request(id.str() + " not configured for external auth");
  const std::string protocol = text_of(request, "ServerProtocol");
  if (!protocol.empty() && std::find(server.protocols.begin(), server.protocols.end(), protocol) ==
                               server.protocols.end())
    co_return invalid_request(
        fmt::format("Server {} does not have protocol: {}", id.str(), protocol));
  if (request.contains("SourceIp") && !net::IpAddress::parse(text_of(request, "SourceIp")).ok())
    co_return invalid_request("SourceIp is not an IPv4 or IPv6 address");
  co_return not_there("TestIdentityProvider");
}

}  // namespace sallyport::api
