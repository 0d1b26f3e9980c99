// AWS Signature Version 4: verification and signing over one canonicaliser ("Create a signed AWS
// API request" in the IAM user guide; "Authenticating Requests (AWS Signature Version 4)" in the S3
// API reference). Header form and presigned query form.
//
// A server does, in this order:
//   auto presented = parse_authorization(request);             // who, and with what scope
//   … look the access key up, check the session token …
//   auto verified = verify(*presented, request, body_hash, secret, clock.wall(), &cache);
// For S3 `body_hash` is presented->content_sha256, and the body is read through open_signed_body()
// (http/signed_body.h); for all other services it is sha256_hex(body), of the body read whole.
//
// Everything is a pure function or a value; SigningKeyCache is thread-safe. No secret is in any
// text.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "http/message.h"
#include "http/sigv4_error.h"

namespace sallyport::http {

inline constexpr std::string_view kSigV4Algorithm = "AWS4-HMAC-SHA256";
inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";
inline constexpr std::chrono::minutes kMaxClockSkew{15};
inline constexpr std::chrono::seconds kMaxPresignedLifetime{7 * 24 * 3600};

// How x-amz-content-sha256 says the body is protected.
enum class PayloadMode : std::uint8_t {
  kHash,                      // the SHA-256 of the body is signed
  kUnsigned,                  // UNSIGNED-PAYLOAD
  kStreamingSigned,           // STREAMING-AWS4-HMAC-SHA256-PAYLOAD
  kStreamingSignedTrailer,    // STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER
  kStreamingUnsignedTrailer,  // STREAMING-UNSIGNED-PAYLOAD-TRAILER
};

// The signature that a request presents, nothing of it verified yet.
struct PresentedSignature {
  std::string access_key;
  std::string date;  // of the scope, "YYYYMMDD"
  std::string region;
  std::string service;
  std::vector<std::string> signed_headers;  // lower case, in the order given
  std::string signature;                    // 64 lower-case hexadecimal digits
  std::string session_token;                // X-Amz-Security-Token, "" without one
  std::string timestamp;                    // "YYYYMMDDTHHMMSSZ"
  WallTime signed_at{};
  bool presigned = false;           // query form
  std::chrono::seconds expires{0};  // query form only
  // S3 only: the value that takes the payload hash's place, and what it means.
  std::string content_sha256;
  PayloadMode payload = PayloadMode::kHash;

  bool is_s3() const { return service == "s3"; }
  // "<date>/<region>/<service>/aws4_request"
  std::string scope() const;
};

// True when the request presents a signature in any form (also one that is malformed).
bool has_signature(const HttpRequest& request);

SigResult<PresentedSignature> parse_authorization(const HttpRequest& request);

using SigningKey = std::array<std::uint8_t, 32>;

SigningKey derive_signing_key(const SecretString& secret, std::string_view date,
                              std::string_view region, std::string_view service);

// Derived keys, one an access key, date, region and service; bounded, the least recently used goes
// first. An entry counts only for the secret it was derived from. Thread-safe.
class SigningKeyCache {
 public:
  explicit SigningKeyCache(std::size_t capacity = 1024);
  ~SigningKeyCache();
  SigningKey get(const SecretString& secret, const PresentedSignature& presented);
  std::size_t size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// What a verified signature leaves behind: the start of a chunk-signature chain.
struct VerifiedSignature {
  SigningKey key;
  std::string scope;
  std::string timestamp;
  std::string signature;
};

// Checks time, coverage and signature. `body_hash`: see above. Without a cache the key is derived.
SigResult<VerifiedSignature> verify(const PresentedSignature& presented, const HttpRequest& request,
                                    std::string_view body_hash, const SecretString& secret,
                                    WallTime now, SigningKeyCache* cache = nullptr);

// Lower-case hexadecimal SHA-256.
std::string sha256_hex(std::string_view data);

// --- Signing ---

struct Credentials {
  std::string access_key;
  SecretString secret;
  std::string session_token;  // "" for long-lived keys
};

struct SignOptions {
  std::string region;
  std::string service;
  WallTime at{};
};

// Adds X-Amz-Date, X-Amz-Security-Token, for S3 x-amz-content-sha256, and Authorization. Every
// header that is present is signed, save those that proxies change. REQUIRES: Host is set.
// `body_hash` is sha256_hex(body), or for S3 also one of the x-amz-content-sha256 constants.
void sign(HttpRequest& request, const Credentials& credentials, std::string_view body_hash,
          const SignOptions& options);

// Adds the X-Amz- query parameters to the target. Headers present are signed. For S3 `body_hash` is
// normally kUnsignedPayload.
void presign(HttpRequest& request, const Credentials& credentials, std::string_view body_hash,
             std::chrono::seconds expires, const SignOptions& options);

// --- The canonicaliser, for tests and tools ---

struct CanonicalRules {
  bool double_encode = true;   // every service but S3
  bool normalize_path = true;  // every service but S3
};

// `signed_headers` in lower case. X-Amz-Signature in the query is left out.
std::string canonical_request(const HttpRequest& request,
                              const std::vector<std::string>& signed_headers,
                              std::string_view body_hash, CanonicalRules rules);
std::string string_to_sign(std::string_view timestamp, std::string_view scope,
                           std::string_view canonical_request);
// Hexadecimal HMAC-SHA256.
std::string sign_string(const SigningKey& key, std::string_view text);

}  // namespace sallyport::http
