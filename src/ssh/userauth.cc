#include "ssh/userauth.h"

#include <memory>
#include <utility>

#include "ssh/certificate.h"
#include "ssh/negotiation.h"
#include "ssh/public_key.h"

namespace sallyport::ssh {
namespace {

constexpr std::string_view kUserauthService = "ssh-userauth";
constexpr std::string_view kConnectionService = "ssh-connection";
constexpr std::string_view kPublicKeyMethod = "publickey";
// Bounds key queries, which do not count as failures when the key is known.
constexpr int kMaxRequests = 200;
constexpr std::size_t kMaxUserName = 1024;

DisconnectReason too_many() {
  return {kDisconnectProtocolError, "Too many authentication failures"};
}

// RFC 4252 section 7: what the client has signed.
Bytes signed_data(ByteView session_id, std::string_view user, std::string_view service,
                  std::string_view algorithm, ByteView key) {
  ByteWriter out;
  out.string(session_id).u8(kMsgUserauthRequest).string(user).string(service);
  out.string(kPublicKeyMethod).boolean(true).string(algorithm).string(key);
  return out.take();
}

// A key by itself, or a certificate with its key.
struct Offered {
  PublicKey key;
  std::shared_ptr<const Certificate> certificate;
};

Result<Offered> read_offered(ByteView blob, bool certified, std::string_view key_type) {
  const auto wrong_type = [] {
    return Error(Errc::kInvalidArgument, "The key is not of the algorithm's type");
  };
  if (!certified) {
    TRY_ASSIGN(PublicKey key, PublicKey::from_blob(blob));
    if (key.type() != key_type) return wrong_type();
    return Offered{std::move(key), nullptr};
  }
  TRY_ASSIGN(Certificate certificate, Certificate::parse(blob));
  if (certificate.key().type() != key_type) return wrong_type();
  PublicKey key = certificate.key();
  return Offered{std::move(key), std::make_shared<const Certificate>(std::move(certificate))};
}

}  // namespace

Handled Userauth::handle_service_request(ByteView payload) {
  ByteReader in(payload);
  in.u8();
  const std::string_view service = in.text();
  if (!in.done()) return protocol_error("Malformed SERVICE_REQUEST.");
  if (service != kUserauthService) {
    return DisconnectReason{kDisconnectServiceNotAvailable, "Service not available."};
  }
  if (++service_requests_ > kMaxRequests) return protocol_error("Too many service requests.");
  ByteWriter out;
  out.u8(kMsgServiceAccept).string(service);
  writer_.post(out.bytes());
  started_ = true;
  return std::nullopt;
}

Handled Userauth::handle_request(ByteView payload, ByteView session_id) {
  // RFC 4252 section 5.1: silently ignored after success.
  if (authenticated_) return std::nullopt;
  if (++requests_ > kMaxRequests) return too_many();
  ByteReader in(payload);
  in.u8();
  const Request request{std::string(in.text()), std::string(in.text()), std::string(in.text())};
  if (in.failed() || request.user.size() > kMaxUserName) {
    return protocol_error("Malformed USERAUTH_REQUEST.");
  }
  if (request.service != kConnectionService) {
    return DisconnectReason{kDisconnectServiceNotAvailable, "Service not available."};
  }
  if (requests_ == 1 && !settings_.banner.empty()) {
    ByteWriter out;
    out.u8(kMsgUserauthBanner).string(settings_.banner).string(std::string_view());
    writer_.post(out.bytes());
  }
  if (request.method == kPublicKeyMethod) return handle_public_key(request, in, session_id);
  return refuse(request, AuthFailure::kMethodNotOffered);
}

Handled Userauth::handle_public_key(const Request& request, ByteReader& in, ByteView session_id) {
  const bool has_signature = in.boolean();
  const std::string algorithm(in.text());
  const ByteView blob = in.string();
  const ByteView signature = has_signature ? in.string() : ByteView();
  if (!in.done()) return protocol_error("Malformed USERAUTH_REQUEST.");

  const std::string_view of_certificate = signature_algorithm_of_certificate(algorithm);
  const bool certified = !of_certificate.empty();
  const std::string signature_algorithm(certified ? of_certificate : algorithm);
  if (!contains_name(settings_.public_key_algorithms, signature_algorithm)) {
    return refuse(request, AuthFailure::kAlgorithmNotAccepted);
  }
  auto offered =
      read_offered(blob, certified, key_type_of_signature_algorithm(signature_algorithm));
  if (!offered.ok()) return refuse(request, AuthFailure::kMalformedKey);
  if (has_signature) {
    const Bytes data = signed_data(session_id, request.user, request.service, algorithm, blob);
    // The algorithm is on the settings' list, so SHA-1 is refused there or not at all.
    if (!offered->key.verify(signature_algorithm, data, signature, RsaSha1::kAllowed)) {
      return refuse(request, AuthFailure::kBadSignature, std::move(offered->key));
    }
  }
  pending_ = Pending{request.user, algorithm, offered->key, to_bytes(blob), has_signature};
  events_.push(CheckPublicKey{request.user, algorithm, std::move(offered->key), has_signature,
                              std::move(offered->certificate)});
  return std::nullopt;
}

Handled Userauth::verdict(bool accept) {
  if (std::exchange(refusing_, false)) return count_failure();
  if (!pending_) return std::nullopt;
  const Pending asked = *std::exchange(pending_, std::nullopt);
  if (!accept) return count_failure();
  ByteWriter out;
  if (!asked.proven) {
    out.u8(kMsgUserauthPkOk).string(asked.algorithm).string(asked.blob);
    writer_.post(out.bytes());
    return std::nullopt;
  }
  out.u8(kMsgUserauthSuccess);
  writer_.post(out.bytes());
  authenticated_ = true;
  user_ = asked.user;
  events_.push(Authenticated{asked.user, asked.key, asked.algorithm});
  return std::nullopt;
}

Handled Userauth::refuse(const Request& request, AuthFailure reason, std::optional<PublicKey> key) {
  // Clients begin with "none" to learn the methods; that is no attempt.
  if (requests_ == 1 && request.method == "none") {
    send_failure();
    return std::nullopt;
  }
  refusing_ = true;
  events_.push(AuthRefused{request.user, request.method, reason, std::move(key)});
  return std::nullopt;
}

Handled Userauth::count_failure() {
  if (++failures_ >= settings_.max_auth_attempts) return too_many();
  send_failure();
  return std::nullopt;
}

void Userauth::send_failure() {
  ByteWriter out;
  out.u8(kMsgUserauthFailure).string(kPublicKeyMethod).boolean(false);
  writer_.post(out.bytes());
}

}  // namespace sallyport::ssh
