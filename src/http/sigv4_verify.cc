#include <algorithm>

#include "http/sigv4.h"

namespace sallyport::http {
namespace {

bool covers(const PresentedSignature& presented, std::string_view name) {
  return std::any_of(presented.signed_headers.begin(), presented.signed_headers.end(),
                     [&](const std::string& s) { return equals_ignore_case(s, name); });
}

// AWS asks for Host and every x-amz- header. The session token may be left out: some services have
// it added behind the signature.
std::optional<SigFailure> check_coverage(const PresentedSignature& presented,
                                         const Headers& headers) {
  const auto refuse = [](std::string_view name) {
    return SigFailure{
        SigError::kHeadersNotSigned,
        "There were headers present in the request which were not signed: " + to_lower(name)};
  };
  if (!covers(presented, "host") || !headers.contains("Host"))
    return SigFailure{SigError::kHeadersNotSigned,
                      "'Host' or ':authority' must be a "
                      "'SignedHeader' in the AWS Authorization."};
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const std::string_view name = headers.at(i).name;
    if (!equals_ignore_case(name.substr(0, 6), "x-amz-")) continue;
    if (equals_ignore_case(name, "x-amz-security-token") && !presented.is_s3()) continue;
    if (!covers(presented, name)) return refuse(name);
  }
  return std::nullopt;
}

std::string skew_text(const PresentedSignature& presented, WallTime now, bool early) {
  if (presented.is_s3())
    return "The difference between the request time and the current time is too large.";
  const std::string at = to_iso8601_basic(now);
  if (early)
    return "Signature not yet current: " + presented.timestamp + " is still later than " +
           to_iso8601_basic(now + kMaxClockSkew) + " (" + at + " + 15 min.)";
  return "Signature expired: " + presented.timestamp + " is now earlier than " +
         to_iso8601_basic(now - kMaxClockSkew) + " (" + at + " - 15 min.)";
}

std::optional<SigFailure> check_time(const PresentedSignature& presented, WallTime now) {
  if (presented.presigned) {
    if (presented.signed_at > now + kMaxClockSkew)
      return SigFailure{SigError::kRequestExpired, presented.is_s3()
                                                       ? "Request is not valid yet"
                                                       : skew_text(presented, now, true)};
    if (now > presented.signed_at + presented.expires)
      return SigFailure{SigError::kRequestExpired, presented.is_s3()
                                                       ? "Request has expired"
                                                       : skew_text(presented, now, false)};
    return std::nullopt;
  }
  if (presented.signed_at > now + kMaxClockSkew)
    return SigFailure{SigError::kRequestTimeTooSkewed, skew_text(presented, now, true)};
  if (presented.signed_at < now - kMaxClockSkew)
    return SigFailure{SigError::kRequestTimeTooSkewed, skew_text(presented, now, false)};
  return std::nullopt;
}

std::optional<SigFailure> check_scope_date(const PresentedSignature& presented) {
  const std::string_view day = std::string_view(presented.timestamp).substr(0, 8);
  if (day == presented.date) return std::nullopt;
  if (presented.presigned)
    return SigFailure{SigError::kInvalidQueryParameters,
                      "Invalid credential date \"" + presented.date +
                          "\". This date is not the same as X-Amz-Date: \"" + std::string(day) +
                          "\"."};
  return SigFailure{SigError::kInvalidScope,
                    "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of "
                    "date from HTTP: '" +
                        presented.date + "' != '" + std::string(day) + "', from '" +
                        presented.timestamp + "'."};
}

// A JSON or Query service that is told the body's hash must not be told a wrong one.
std::optional<SigFailure> check_stated_hash(const PresentedSignature& presented,
                                            const Headers& headers, std::string_view body_hash) {
  if (presented.is_s3()) return std::nullopt;
  const auto stated = headers.find("x-amz-content-sha256");
  if (!stated || *stated == body_hash) return std::nullopt;
  return SigFailure{SigError::kPayloadHashMismatch,
                    "The provided 'x-amz-content-sha256' header does not match what was computed."};
}

}  // namespace

SigResult<VerifiedSignature> verify(const PresentedSignature& presented, const HttpRequest& request,
                                    std::string_view body_hash, const SecretString& secret,
                                    WallTime now, SigningKeyCache* cache) {
  if (auto failure = check_scope_date(presented)) return std::move(*failure);
  if (auto failure = check_time(presented, now)) return std::move(*failure);
  if (auto failure = check_coverage(presented, request.headers)) return std::move(*failure);
  if (auto failure = check_stated_hash(presented, request.headers, body_hash))
    return std::move(*failure);

  const CanonicalRules rules{!presented.is_s3(), !presented.is_s3()};
  VerifiedSignature out;
  out.scope = presented.scope();
  out.timestamp = presented.timestamp;
  out.signature = presented.signature;
  out.key = cache != nullptr
                ? cache->get(secret, presented)
                : derive_signing_key(secret, presented.date, presented.region, presented.service);
  const std::string expected = sign_string(
      out.key,
      string_to_sign(out.timestamp, out.scope,
                     canonical_request(request, presented.signed_headers, body_hash, rules)));
  if (!equal_constant_time(expected, presented.signature))
    return SigFailure{
        SigError::kInvalidSignature,
        presented.is_s3()
            ? "The request signature we calculated does not match the signature you provided. "
              "Check your key and signing method."
            : "The request signature we calculated does not match the signature you provided. "
              "Check your AWS Secret Access Key and signing method. Consult the service "
              "documentation for details."};
  return out;
}

}  // namespace sallyport::http
