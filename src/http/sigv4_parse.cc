// Who signed, and what: the Authorization header and the presigned query.
#include <algorithm>
#include <array>

#include "http/head_parser.h"
#include "http/sigv4.h"
#include "http/sigv4_query.h"
#include "http/sigv4_time.h"

namespace sallyport::http {
namespace {

constexpr std::size_t kMaxSignedHeaders = 100;
constexpr std::string_view kTerminator = "aws4_request";

SigFailure incomplete(std::string text) {
  return {SigError::kIncompleteSignature, std::move(text)};
}
SigFailure bad_query(std::string text) {
  return {SigError::kInvalidQueryParameters, std::move(text)};
}

bool is_hex_signature(std::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

bool is_scope_date(std::string_view text) {
  return text.size() == 8 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "<access key>/<date>/<region>/<service>/aws4_request"; the key may itself hold a slash.
bool parse_credential(std::string_view text, PresentedSignature& out) {
  std::array<std::string_view, 4> parts;
  for (std::size_t i = parts.size(); i-- > 0;) {
    const std::size_t slash = text.rfind('/');
    if (slash == std::string_view::npos) return false;
    parts[i] = text.substr(slash + 1);
    text = text.substr(0, slash);
  }
  if (text.empty() || !is_scope_date(parts[0]) || parts[1].empty() || parts[2].empty() ||
      parts[3] != kTerminator)
    return false;
  out.access_key = text;
  out.date = parts[0];
  out.region = parts[1];
  out.service = parts[2];
  return true;
}

bool parse_signed_headers(std::string_view text, std::vector<std::string>& out) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    const std::string_view name = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool upper =
        std::any_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    if (!is_token(name) || upper || out.size() == kMaxSignedHeaders) return false;
    out.emplace_back(name);
  }
  return !out.empty();
}

struct AuthorizationParts {
  std::string_view credential, signed_headers, signature;
};

bool split_authorization(std::string_view text, AuthorizationParts& out) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view part = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) return false;
    const std::string_view name = part.substr(0, equals);
    std::string_view* const slot = name == "Credential"      ? &out.credential
                                   : name == "SignedHeaders" ? &out.signed_headers
                                   : name == "Signature"     ? &out.signature
                                                             : nullptr;
    if (slot == nullptr || !slot->empty()) return false;
    *slot = part.substr(equals + 1);
  }
  return true;
}

std::string missing_parts(const AuthorizationParts& parts, bool has_date) {
  std::string text;
  if (parts.credential.empty()) text += "Authorization header requires 'Credential' parameter. ";
  if (parts.signature.empty()) text += "Authorization header requires 'Signature' parameter. ";
  if (parts.signed_headers.empty())
    text += "Authorization header requires 'SignedHeaders' parameter. ";
  if (!has_date)
    text += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
  if (!text.empty()) text.pop_back();
  return text;
}

bool take_time(const Headers& headers, PresentedSignature& out) {
  if (const auto amz = headers.find("X-Amz-Date")) {
    out.timestamp = *amz;
    return headers.count("X-Amz-Date") == 1 && parse_iso8601_basic(*amz, out.signed_at);
  }
  const std::string_view date = headers.get("Date");
  if (!parse_iso8601_basic(date, out.signed_at) && !parse_http_date(date, out.signed_at))
    return false;
  out.timestamp = to_iso8601_basic(out.signed_at);
  return true;
}

std::optional<SigFailure> take_payload_mode(PresentedSignature& out) {
  static constexpr std::array<std::pair<std::string_view, PayloadMode>, 4> kModes = {{
      {kUnsignedPayload, PayloadMode::kUnsigned},
      {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", PayloadMode::kStreamingSigned},
      {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", PayloadMode::kStreamingSignedTrailer},
      {"STREAMING-UNSIGNED-PAYLOAD-TRAILER", PayloadMode::kStreamingUnsignedTrailer},
  }};
  for (const auto& [text, mode] : kModes) {
    if (out.content_sha256 != text) continue;
    out.payload = mode;
    return std::nullopt;
  }
  if (is_hex_signature(out.content_sha256)) return std::nullopt;
  return SigFailure{SigError::kInvalidPayloadHash,
                    "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, "
                    "STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, "
                    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value."};
}

SigResult<PresentedSignature> from_header(const HttpRequest& request) {
  const Headers& h = request.headers;
  if (h.count("Authorization") != 1) return incomplete("Only one Authorization header is allowed.");
  std::string_view text = trim(h.get("Authorization"));
  const std::size_t space = std::min(text.find(' '), text.size());
  if (text.substr(0, space) != kSigV4Algorithm) {
    const SigError code = text.substr(0, 4) == "AWS4" ? SigError::kUnsupportedAlgorithm
                                                      : SigError::kIncompleteSignature;
    return SigFailure{code,
                      "The authorization mechanism you have provided is not supported. Please "
                      "use AWS4-HMAC-SHA256."};
  }
  AuthorizationParts parts;
  if (!split_authorization(text.substr(space), parts))
    return incomplete("The authorization header is malformed.");
  if (std::string missing = missing_parts(parts, h.contains("X-Amz-Date") || h.contains("Date"));
      !missing.empty())
    return incomplete(std::move(missing));

  PresentedSignature out;
  if (!parse_credential(parts.credential, out))
    return incomplete(
        "The authorization header is malformed; the Credential is mal-formed; expecting "
        "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
  if (!parse_signed_headers(parts.signed_headers, out.signed_headers))
    return incomplete("The authorization header is malformed; the SignedHeaders are mal-formed.");
  if (!is_hex_signature(parts.signature))
    return incomplete("The authorization header is malformed; the Signature is mal-formed.");
  out.signature = parts.signature;
  if (!take_time(h, out))
    return incomplete(
        "Date must be in ISO-8601 'basic format', i.e. YYYYMMDDTHHMMSSZ, in 'X-Amz-Date', or an "
        "HTTP date in 'Date'.");
  out.session_token = h.get("X-Amz-Security-Token");
  if (!out.is_s3()) return out;
  if (h.count("x-amz-content-sha256") != 1)
    return SigFailure{SigError::kMissingPayloadHash,
                      "Missing required header for this request: x-amz-content-sha256"};
  out.content_sha256 = h.get("x-amz-content-sha256");
  if (auto failure = take_payload_mode(out)) return std::move(*failure);
  return out;
}

std::optional<SigFailure> take_expires(const std::optional<std::string>& text,
                                       PresentedSignature& out) {
  if (!text && !out.is_s3()) {
    // STS and the like take presigned requests without it: good for the usual skew.
    out.expires = kMaxClockSkew;
    return std::nullopt;
  }
  std::uint64_t seconds = 0;
  if (!text || !parse_decimal(*text, seconds))
    return bad_query(text && !text->empty() && text->front() == '-'
                         ? "X-Amz-Expires must be non-negative"
                         : "X-Amz-Expires should be a number");
  if (seconds > static_cast<std::uint64_t>(kMaxPresignedLifetime.count()))
    return bad_query(
        "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires "
        "must be less than 604800 seconds");
  out.expires = std::chrono::seconds(seconds);
  return std::nullopt;
}

bool repeats_auth_parameter(std::string_view query) {
  static constexpr std::array<std::string_view, 7> kNames = {
      "X-Amz-Algorithm",     "X-Amz-Credential", "X-Amz-Date",          "X-Amz-Expires",
      "X-Amz-SignedHeaders", "X-Amz-Signature",  "X-Amz-Security-Token"};
  std::array<int, kNames.size()> seen{};
  std::string_view name;
  std::string_view value;
  while (next_query_field(query, name, value))
    for (std::size_t i = 0; i < kNames.size(); ++i)
      if (name == kNames[i] && ++seen[i] > 1) return true;
  return false;
}

SigResult<PresentedSignature> from_query(const HttpRequest& request) {
  const std::string_view query = request.query();
  if (find_query(query, "X-Amz-Algorithm") != kSigV4Algorithm)
    return bad_query("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
  const auto credential = find_query(query, "X-Amz-Credential");
  const auto date = find_query(query, "X-Amz-Date");
  const auto expires = find_query(query, "X-Amz-Expires");
  const auto headers = find_query(query, "X-Amz-SignedHeaders");
  const auto signature = find_query(query, "X-Amz-Signature");
  if (repeats_auth_parameter(query))
    return bad_query("Query-string authentication parameters must not be repeated");

  PresentedSignature out;
  out.presigned = true;
  const bool credential_ok = credential && parse_credential(*credential, out);
  const bool s3 = out.is_s3() || !credential_ok;
  if (!credential || !date || !headers || !signature || (s3 && !expires))
    return bad_query(
        "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
        "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
  if (!credential_ok)
    return bad_query(
        "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "
        "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
  if (!parse_iso8601_basic(*date, out.signed_at))
    return bad_query("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  out.timestamp = *date;
  if (auto failure = take_expires(expires, out)) return std::move(*failure);
  if (!parse_signed_headers(*headers, out.signed_headers))
    return bad_query("X-Amz-SignedHeaders is mal-formed");
  if (!is_hex_signature(*signature)) return bad_query("X-Amz-Signature is mal-formed");
  out.signature = *signature;
  out.session_token = find_query(query, "X-Amz-Security-Token").value_or("");
  if (!out.is_s3()) return out;
  out.content_sha256 = kUnsignedPayload;
  if (const auto stated = find_query(query, "X-Amz-Content-Sha256")) {
    out.content_sha256 = *stated;
  } else if (request.headers.contains("x-amz-content-sha256")) {
    out.content_sha256 = request.headers.get("x-amz-content-sha256");
  }
  if (auto failure = take_payload_mode(out)) return std::move(*failure);
  return out;
}

}  // namespace

std::string PresentedSignature::scope() const {
  std::string out = date;
  out.append("/").append(region).append("/").append(service).append("/").append(kTerminator);
  return out;
}

bool has_signature(const HttpRequest& request) {
  return request.headers.contains("Authorization") ||
         find_query(request.query(), "X-Amz-Algorithm").has_value() ||
         find_query(request.query(), "X-Amz-Signature").has_value();
}

SigResult<PresentedSignature> parse_authorization(const HttpRequest& request) {
  const bool header = request.headers.contains("Authorization");
  const bool query = find_query(request.query(), "X-Amz-Algorithm").has_value() ||
                     find_query(request.query(), "X-Amz-Signature").has_value();
  if (header && query)
    return SigFailure{SigError::kMultipleMechanisms,
                      "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, "
                      "Signature query string parameter or the Authorization header should be "
                      "specified"};
  if (header) return from_header(request);
  if (query) return from_query(request);
  return SigFailure{SigError::kMissingAuthenticationToken, "Missing Authentication Token"};
}

}  // namespace sallyport::http
