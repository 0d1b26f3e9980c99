// Calls that make a connector act on its partner's endpoint, and what came of them.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/transfer/not_there.h"
#include "api/transfer/operations.h"
#include "api/transfer/stored.h"

namespace sallyport::api {

namespace {

using model::Connector;
using nlohmann::json;

constexpr std::int64_t kMaxListedItems = 200'000;

Outcome<Done> only_with(const json& request, const char* member, bool fits, const char* kind) {
  if (request.contains(member) && !fits)
    return invalid_request(fmt::format("{} is supported for {} connectors only", member, kind));
  return done();
}

Outcome<Done> check_headers(const json& request) {
  std::vector<std::string> names;
  for (const json& header : request.value("CustomHttpHeaders", json::array())) {
    names.push_back(text_of(header, "Key"));
    if (names.back().empty()) return invalid_request("CustomHttpHeaders must have a Key");
  }
  return check_unique(names, "CustomHttpHeaders");
}

Outcome<Done> check_file_transfer(const json& request, const Connector& connector) {
  const bool as2 = connector.as2.has_value();
  for (const char* member : {"RetrieveFilePaths", "LocalDirectoryPath", "RemoteDirectoryPath"})
    TRY(only_with(request, member, !as2, "SFTP"));
  TRY(only_with(request, "CustomHttpHeaders", as2, "AS2"));
  const bool send = request.contains("SendFilePaths");
  if (send == request.contains("RetrieveFilePaths"))
    return invalid_request("Must specify either SendFilePaths or RetrieveFilePaths");
  if (send && request.contains("LocalDirectoryPath"))
    return invalid_request("LocalDirectoryPath unsupported with SendFilePaths");
  if (!send && request.contains("RemoteDirectoryPath"))
    return invalid_request("RemoteDirectoryPath unsupported with RetrieveFilePaths");
  if (!send && !request.contains("LocalDirectoryPath"))
    return invalid_request("LocalDirectoryPath required with RetrieveFilePaths");
  return check_headers(request);
}

Outcome<Done> check_listing(const json& request) {
  if (request.value("MaxItems", std::int64_t(1)) > kMaxListedItems)
    return invalid_request(fmt::format("MaxItems must not be more than {}", kMaxListedItems));
  return done();
}

Task<Outcome<Connector>> connector_of(const TransferContext& context, const json& request) {
  CO_TRY_ASSIGN(auto stored,
                co_await load_stored<Connector>(context, "", text_of(request, "ConnectorId")));
  co_return std::move(stored.value);
}

// What only SFTP connectors do.
Task<Outcome<Done>> check_sftp_call(const TransferContext& context, const json& request,
                                    const char* operation) {
  CO_TRY_ASSIGN(const auto connector, co_await connector_of(context, request));
  if (!connector.sftp)
    co_return invalid_request(fmt::format("{} is supported for SFTP connectors only", operation));
  co_return done();
}

}  // namespace

Task<Outcome<json>> start_file_transfer(const TransferContext& context, json request) {
  CO_TRY_ASSIGN(const auto connector, co_await connector_of(context, request));
  CO_TRY(check_file_transfer(request, connector));
  co_return not_there("StartFileTransfer");
}

Task<Outcome<json>> list_file_transfer_results(const TransferContext& context, json request) {
  CO_TRY_ASSIGN(const auto connector, co_await connector_of(context, request));
  const std::string id = text_of(request, "TransferId");
  const auto page = read_page_request(
      context, "ListFileTransferResults|" + connector.id.str() + "|" + id, request);
  // The operation does not model InvalidNextTokenException.
  if (!page.ok()) co_return invalid_request(page.error().message);
  co_return Fault(Errc::kNotFound, "Unknown transfer").about("FileTransfer", id);
}

Task<Outcome<json>> start_directory_listing(const TransferContext& context, json request) {
  CO_TRY(co_await check_sftp_call(context, request, "StartDirectoryListing"));
  CO_TRY(check_listing(request));
  co_return not_there("StartDirectoryListing");
}

Task<Outcome<json>> start_remote_delete(const TransferContext& context, json request) {
  CO_TRY(co_await check_sftp_call(context, request, "StartRemoteDelete"));
  co_return not_there("StartRemoteDelete");
}

Task<Outcome<json>> start_remote_move(const TransferContext& context, json request) {
  CO_TRY(co_await check_sftp_call(context, request, "StartRemoteMove"));
  co_return not_there("StartRemoteMove");
}

Task<Outcome<json>> test_connection(const TransferContext& context, json request) {
  CO_TRY(co_await check_sftp_call(context, request, "TestConnection"));
  co_return not_there("TestConnection");
}

}  // namespace sallyport::api
