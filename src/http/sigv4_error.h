// What can be wrong with a signed request, and how each family of AWS services says it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace sallyport::http {

enum class SigError : std::uint8_t {
  kMissingAuthenticationToken,  // no signature at all
  kIncompleteSignature,         // a part of the signature is missing or malformed
  kUnsupportedAlgorithm,        // not AWS4-HMAC-SHA256
  kInvalidQueryParameters,      // a presigned URL's parameters are wrong
  kMultipleMechanisms,          // header and query form at once
  kUnknownAccessKey,            // for the caller that looks keys up
  kInvalidToken,                // the session token is wrong, likewise
  kExpiredToken,                // the session token has run out, likewise
  kInvalidSignature,            // the signature does not match
  kHeadersNotSigned,            // an x-amz- header or Host is not covered
  kInvalidScope,                // the credential scope is not for this date, region or service
  kRequestTimeTooSkewed,        // signed too long ago or in the future
  kRequestExpired,              // a presigned URL has run out
  kMissingPayloadHash,          // S3 requires x-amz-content-sha256
  kInvalidPayloadHash,          // x-amz-content-sha256 is none of the allowed values
  kPayloadHashMismatch,         // the body is not the one that was signed
  kMissingDecodedLength,        // an aws-chunked body without x-amz-decoded-content-length
  kMalformedBody,               // aws-chunked framing is wrong
  kMalformedTrailer,            // its trailers are, or one is missing
  kIncompleteBody,              // fewer or more bytes than announced
  kInvalidChecksum,             // a checksum header that is not a checksum
  kBadDigest,                   // a checksum that does not match
};
inline constexpr int kSigErrorCount = static_cast<int>(SigError::kBadDigest) + 1;

// The families: AWS JSON (Transfer Family, KMS, …), AWS Query (IAM, STS), S3's XML.
enum class SigDialect : std::uint8_t { kJson, kQuery, kS3 };

struct SigWireError {
  std::string_view code;  // e.g. "SignatureDoesNotMatch"
  int http_status;
};
SigWireError sig_wire_error(SigError error, SigDialect dialect);

// An error with the text that AWS gives.
struct [[nodiscard]] SigFailure {
  SigError code;
  std::string message;
};

// A value or a SigFailure.
template <class T>
class [[nodiscard]] SigResult {
 public:
  SigResult(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  SigResult(SigFailure failure) : state_(std::in_place_index<1>, std::move(failure)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  // REQUIRES: ok().
  T& value() { return *std::get_if<0>(&state_); }
  const T& value() const { return *std::get_if<0>(&state_); }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }
  // REQUIRES: !ok().
  const SigFailure& error() const { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, SigFailure> state_;
};

}  // namespace sallyport::http
