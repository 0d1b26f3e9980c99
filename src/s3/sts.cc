#include "s3/sts.h"

#include <algorithm>
#include <array>
#include <utility>

#include "codec/form.h"
#include "http/sigv4.h"
#include "iam/authorizer.h"
#include "s3/sts_answer.h"

namespace sallyport::s3 {
namespace {

constexpr std::string_view kAssumeRoleAction = "AssumeRole";
constexpr std::string_view kWebIdentityAction = "AssumeRoleWithWebIdentity";
constexpr std::size_t kMaxRoleSessionName = 64;
constexpr std::size_t kAccountDigits = 12;

codec::Form form_of(std::string_view action) {
  codec::Form form;
  form.add("Action", std::string(action));
  form.add("Version", "2011-06-15");
  return form;
}

template <std::size_t n>
bool is_one_of(const std::array<std::string_view, n>& list, std::string_view code) {
  return std::find(list.begin(), list.end(), code) != list.end();
}

constexpr std::array<std::string_view, 9> kCallerCodes = {
    "InvalidClientTokenId",       "InvalidAccessKeyId",
    "SignatureDoesNotMatch",      "ExpiredToken",
    "ExpiredTokenException",      "InvalidToken",
    "MissingAuthenticationToken", "IncompleteSignature",
    "UnrecognizedClientException"};
constexpr std::array<std::string_view, 4> kThrottlingCodes = {
    "Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException"};
// Nothing that the asked for role could change.
constexpr std::array<std::string_view, 5> kPlaceCodes = {"RequestTimeTooSkewed", "RequestExpired",
                                                         "RegionDisabledException", "OptInRequired",
                                                         "STSNotInitialized"};
// What an STS with a smaller maximum for the role says to the life asked for.
constexpr std::array<std::string_view, 3> kLifeCodes = {"ValidationError", "InvalidArgument",
                                                        "InvalidParameterValue"};

enum class Blame : std::uint8_t { kRequest, kCaller, kPlace };

Blame blame_of(const Fault& fault) {
  if (is_one_of(kCallerCodes, fault.code)) return Blame::kCaller;
  if (is_one_of(kThrottlingCodes, fault.code) || is_one_of(kPlaceCodes, fault.code))
    return Blame::kPlace;
  // Something that is no STS knows no such path or method.
  if (fault.status == 404 && fault.code != "NoSuchEntity") return Blame::kPlace;
  const bool refused = fault.status >= 400 && fault.status < 500;
  const bool passing = fault.status == 408 || fault.status == 429;
  return refused && !passing && fault.status != 405 ? Blame::kRequest : Blame::kPlace;
}

Error refusal_of(const Fault& fault, std::string_view what) {
  Error error = error_of(fault, what);
  switch (blame_of(fault)) {
    case Blame::kRequest: error.code = Errc::kPermissionDenied; break;
    case Blame::kCaller:
      error.code = Errc::kUnavailable;
      error.reason = std::string(kCallerRefused);
      break;
    case Blame::kPlace: error.code = Errc::kUnavailable; break;
  }
  return error;
}

// What went wrong here is nothing that the caller could put right in what he asked for.
Error as_unavailable(Error error) {
  const bool known = error.code == Errc::kTimeout || error.code == Errc::kCancelled;
  if (!known) error.code = Errc::kUnavailable;
  return error;
}

Result<Keys> session_keys_of(std::string_view action, const http::HttpResponse& response) {
  auto keys = parse_session_keys(action, response.body);
  if (!keys.ok()) return as_unavailable(std::move(keys).error());
  return keys;
}

Fault fault_of(const http::HttpResponse& response) {
  const std::string_view body = response.body;
  return parse_fault(response.status, response.headers,
                     body.substr(0, std::min(body.size(), kMaxStsAnswerBytes)));
}

}  // namespace

std::string Sts::role_name_of(std::string_view arn) const {
  std::string out(arn);
  if (!options_.drop_accounts) return out;
  const std::size_t begin = out.find(":iam::");
  if (begin == std::string::npos) return out;
  const std::size_t account = begin + 6;
  const std::size_t end = out.find(':', account);
  const std::string_view digits = std::string_view(out).substr(account, end - account);
  if (end != std::string::npos && digits.size() == kAccountDigits &&
      digits.find_first_not_of("0123456789") == std::string_view::npos)
    out.erase(account, kAccountDigits);
  return out;
}

Task<Result<http::HttpResponse>> Sts::call(std::string form, const http::Credentials* caller) {
  http::PooledRequest pooled;
  pooled.origin = http::Origin::of(options_.endpoint);
  pooled.request.method = "POST";
  pooled.request.target = options_.endpoint.target;
  pooled.request.headers.add("Host", options_.endpoint.authority());
  pooled.request.headers.add("Content-Type", "application/x-www-form-urlencoded");
  if (caller != nullptr)
    http::sign(pooled.request, *caller, http::sha256_hex(form),
               {options_.region, "sts", clock_.wall()});
  const std::array<ByteView, 1> body{as_bytes(form)};
  pooled.body = body;
  pooled.repeatable = true;  // gives another session, as asking twice does
  auto response = co_await pool_.send(pooled);
  // It may hold a token.
  wipe(form.data(), form.size());
  if (!response.ok())
    co_return as_unavailable(std::move(response).error())
        .with_context("the STS at " + pooled.origin.to_string());
  co_return response;
}

Task<Result<Keys>> Sts::assume_role(http::Credentials caller,
                                    std::shared_ptr<const iam::AssumeRoleRequest> session) {
  const std::string role = role_name_of(session->role_arn);
  auto life = std::max(session->life, iam::kMinRoleSessionLife);
  while (true) {
    codec::Form form = form_of(kAssumeRoleAction);
    form.add("RoleArn", role);
    form.add("RoleSessionName", session->session_name.substr(0, kMaxRoleSessionName));
    form.add("DurationSeconds", std::to_string(life.count()));
    if (!session->session_policy.empty()) form.add("Policy", session->session_policy);
    std::string text = form.encode();
    CO_TRY_ASSIGN(const http::HttpResponse response, co_await call(std::move(text), &caller));
    if (response.status == 200) co_return session_keys_of(kAssumeRoleAction, response);
    const Fault fault = fault_of(response);
    if (fault.status == 400 && is_one_of(kLifeCodes, fault.code) &&
        life > iam::kMinRoleSessionLife) {
      life = iam::kMinRoleSessionLife;
      continue;
    }
    co_return refusal_of(fault, "assuming the role " + role);
  }
}

Task<Result<Keys>> Sts::assume_role_with_web_identity(WebIdentity identity) {
  codec::Form form = form_of(kWebIdentityAction);
  form.add("RoleArn", identity.role_arn);
  form.add("RoleSessionName", identity.session_name);
  form.add("WebIdentityToken", std::string(identity.token.reveal()));
  std::string text = form.encode();
  CO_TRY_ASSIGN(const http::HttpResponse response, co_await call(std::move(text), nullptr));
  if (response.status == 200) co_return session_keys_of(kWebIdentityAction, response);
  Error error =
      refusal_of(fault_of(response), "assuming " + identity.role_arn + " with a web identity");
  // The token is the caller.
  if (error.reason == kCallerRefused) error.code = Errc::kPermissionDenied;
  co_return error;
}

Task<Result<std::string>> Sts::caller_arn(http::Credentials caller) {
  std::string text = form_of("GetCallerIdentity").encode();
  CO_TRY_ASSIGN(const http::HttpResponse response, co_await call(std::move(text), &caller));
  if (response.status != 200) {
    const Fault fault = fault_of(response);
    Error error = refusal_of(fault, "asking as whom the keys act");
    if (error.reason == kCallerRefused) error.code = Errc::kPermissionDenied;
    const bool unknown = response.status == 405 || response.status == 501 ||
                         fault.code == "InvalidAction" || fault.code == "NotImplemented";
    if (unknown) error.code = Errc::kUnsupported;
    co_return error;
  }
  auto arn = parse_caller_arn(response.body);
  if (!arn.ok()) co_return as_unavailable(std::move(arn).error());
  co_return arn;
}

}  // namespace sallyport::s3
