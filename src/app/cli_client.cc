#include "app/cli_client.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "http/client.h"
#include "net/loop.h"
#include "s3/shared_credentials.h"

namespace sallyport::app {
namespace {

std::string environment(const char* name, std::string otherwise = "") {
  const char* const value = std::getenv(name);
  return value == nullptr || *value == '\0' ? otherwise : value;
}

Result<http::Credentials> credentials() {
  const std::string id = environment("AWS_ACCESS_KEY_ID"), secret = environment("AWS_SECRET_ACCESS_KEY");
  if (!id.empty() && !secret.empty())
    return http::Credentials{id, SecretString(secret), environment("AWS_SESSION_TOKEN")};
  std::string file = environment("AWS_SHARED_CREDENTIALS_FILE");
  if (file.empty()) file = environment("HOME") + "/.aws/credentials";
  std::ifstream in(file, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  auto key = s3::parse_shared_credentials(text, "default");
  if (!key.ok())
    return Error(Errc::kInvalidArgument,
                 "no credentials: set AWS_SHARED_CREDENTIALS_FILE to DATA_DIR/credentials, or AWS_ACCESS_KEY_ID and "
                 "AWS_SECRET_ACCESS_KEY");
  return key;
}

// `service` empty: not signed.
Task<Result<ApiAnswer>> exchange(const ApiTarget& target, http::HttpRequest request, std::string service,
                                 std::string body, http::ClientOptions options = {}) {
  request.headers.set("Host", target.endpoint.to_string());
  if (!service.empty())
    http::sign(request, target.credentials, http::sha256_hex(body),
               {target.region, std::move(service), SystemClock().wall()});
  http::Client client(target.endpoint, options);
  auto answer = co_await client.send(std::move(request), std::move(body));
  if (!answer.ok()) {
    Error error = std::move(answer).error();
    if (error.code == Errc::kUnavailable)
      error.message += "; is `sallyport serve` running there? Give its address with --api";
    co_return error;
  }
  co_return ApiAnswer{answer->status, std::string(answer->headers.get("Date")), std::move(answer->body)};
}

Task<Result<std::string>> send(const ApiTarget& target, http::HttpRequest request, std::string service,
                               std::string body, http::ClientOptions options = {}) {
  CO_TRY_ASSIGN(ApiAnswer answer,
                co_await exchange(target, std::move(request), std::move(service), std::move(body), options));
  if (answer.status != 200) co_return api_error(answer);
  co_return std::move(answer.body);
}

http::HttpRequest get_request(const std::string& path) {
  http::HttpRequest request;
  request.method = "GET";
  request.target = path;
  return request;
}

// What helps against an error that says little by itself.
std::string next_step(const std::string& type) {
  for (const char* of_credentials : {"UnrecognizedClientException", "InvalidSignatureException",
                                     "InvalidClientTokenId", "SignatureDoesNotMatch"})
    if (type == of_credentials)
      return "; these are not this installation's credentials: set AWS_SHARED_CREDENTIALS_FILE to "
             "DATA_DIR/credentials, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
  return "";
}

}  // namespace

Error api_error(const ApiAnswer& answer) {
  Errc code = Errc::kInvalidArgument;
  if (answer.status == 403) code = Errc::kPermissionDenied;
  if (answer.status == 404) code = Errc::kNotFound;
  if (answer.status >= 500) code = Errc::kUnavailable;
  const auto json = nlohmann::json::parse(answer.body, nullptr, false);
  if (!json.is_object() || !json.contains("__type") || !json["__type"].is_string())
    return Error(code, fmt::format("the API answered {}: {}", answer.status, answer.body));
  const std::string type = json["__type"];
  std::string message;
  for (const char* name : {"message", "Message"})
    if (json.contains(name) && json[name].is_string()) message = json[name];
  return Error(code, fmt::format("the API answered {}: {}{}", type, message, next_step(type)), type);
}

Result<ApiTarget> api_target(const std::string& api_url) {
  std::string url = api_url.empty() ? environment("AWS_ENDPOINT_URL", "http://127.0.0.1:4566") : api_url;
  if (url.starts_with("https://"))
    return Error(Errc::kUnsupported, "https is not available for this command; give --api http://ADDRESS:PORT");
  if (url.starts_with("http://")) url = url.substr(7);
  if (!url.empty() && url.back() == '/') url.pop_back();
  auto endpoint = net::Endpoint::parse(url);
  if (!endpoint.ok()) return std::move(endpoint).error().with_context("--api");
  TRY_ASSIGN(http::Credentials keys, credentials());
  return ApiTarget{*endpoint, environment("AWS_REGION", environment("AWS_DEFAULT_REGION", "us-east-1")),
                   std::move(keys)};
}

Result<ApiAnswer> api_exchange(const ApiTarget& target, const std::string& path, bool sign) {
  return net::sync_wait(exchange(target, get_request(path), sign ? "transfer" : "", ""));
}

Result<std::string> api_get(const ApiTarget& target, const std::string& path) {
  return api_call(target, "GET", path);
}

Result<std::string> api_call(const ApiTarget& target, const std::string& method, const std::string& path) {
  http::HttpRequest request = get_request(path);
  request.method = method;
  return net::sync_wait(send(target, std::move(request), "transfer", ""));
}

Result<std::string> api_bulk(const ApiTarget& target, const std::string& method, const std::string& path,
                             std::string body) {
  http::HttpRequest request = get_request(path);
  request.method = method;
  http::ClientOptions options;
  options.max_body = 1024ull * 1024 * 1024;
  options.response_timeout = options.idle_timeout = std::chrono::hours(1);
  // The API reads large bodies of this name only.
  return net::sync_wait(send(target, std::move(request), "s3", std::move(body), options));
}

Result<std::string> api_json(const ApiTarget& target, const std::string& service, const std::string& operation,
                             std::string body) {
  http::HttpRequest request;
  request.method = "POST";
  request.target = "/";
  request.headers.set("Content-Type", "application/x-amz-json-1.1");
  request.headers.set("X-Amz-Target", operation);
  return net::sync_wait(send(target, std::move(request), service, std::move(body)));
}

}  // namespace sallyport::app
