// Any body against the decoder of every operation, and the other texts that callers of the API
// send. Seeds: one line naming an operation, then the body.
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

#include "api/decode.h"
#include "api/logs/filter.h"
#include "api/page_token.h"
#include "api/s3/conditions.h"
#include "api/s3/request.h"
#include "api/transfer/grant_form.h"

using namespace sallyport;

namespace {

void decode(const api::OperationModel& operation, std::string_view body) {
  std::vector<std::string> unknown;
  auto decoded = api::decode_request(body, *operation.input, unknown);
  if (!decoded.ok()) return;
  // What was accepted satisfies the shape, so it is accepted again and stays the same.
  std::vector<std::string> none;
  const auto again = api::decode_request(decoded->dump(), *operation.input, none);
  if (!again.ok() || !none.empty() || *again != *decoded) __builtin_trap();
  if (operation.name == "CreateUser" || operation.name == "UpdateUser") {
    model::Grant grant;
    api::apply_grant_members(*decoded, grant);
    (void)api::check_grant(grant, model::Server{}, api::TransferLimits{});
    (void)api::described_grant(grant);
  }
}

void parse_others(std::string_view text) {
  if (const auto filter = api::LogFilter::parse(text); filter.ok()) (void)filter->matches(text);
  (void)api::read_range_header(text, 1000);
  (void)api::parse_http_date(text);
  const api::PageTokens tokens{SecretString(std::string(32, 'k'))};
  if (tokens.open(text, "ListServers").ok()) __builtin_trap();
  http::HttpRequest request;
  request.method = "GET";
  request.target = text;
  request.headers.add("Host", "bucket.localhost:4566");
  (void)api::read_s3_request(request, {"localhost"});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 64 * 1024) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto line = text.find('\n');
  const auto* named = api::transfer_model().operation(text.substr(0, line));
  if (named != nullptr && line != std::string_view::npos) {
    decode(*named, text.substr(line + 1));
    return 0;
  }
  for (const auto& [name, operation] : api::transfer_model().operations()) decode(operation, text);
  parse_others(text);
  return 0;
}
