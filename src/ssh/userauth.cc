#include "ssh/userauth.h"

#include <utility>

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

}  // namespace

Handled Userauth::handle_service_request(ByteView payload) {
  ByteReader in(payload);
  in.u8();
  const std::string_view service = in.text();
  if (!in.done()) return protocol_error("Malformed SERVICE_REQUEST.");
  if (service != kUserauthService) {
    return DisconnectReason{kDisconnectServiceNotAvailable, "Service not available."};
  }
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

  if (!contains_name(settings_.public_key_algorithms, algorithm)) {
    return refuse(request, AuthFailure::kAlgorithmNotAccepted);
  }
  auto key = PublicKey::from_blob(blob);
  if (!key.ok() || key->type() != key_type_of_signature_algorithm(algorithm)) {
    return refuse(request, AuthFailure::kMalformedKey);
  }
  if (has_signature) {
    const Bytes data = signed_data(session_id, request.user, request.service, algorithm, blob);
    // The algorithm is on the settings' list, so SHA-1 is refused there or not at all.
    if (!key->verify(algorithm, data, signature, RsaSha1::kAllowed)) {
      return refuse(request, AuthFailure::kBadSignature, std::move(key).value());
    }
  }
  pending_ = Pending{request.user, algorithm, *key, has_signature};
  events_.push(CheckPublicKey{request.user, algorithm, std::move(key).value(), has_signature});
  return std::nullopt;
}

Handled Userauth::verdict(bool accept) {
  if (!pending_) return std::nullopt;
  const Pending asked = *std::exchange(pending_, std::nullopt);
  if (!accept) return count_failure();
  ByteWriter out;
  if (!asked.proven) {
    out.u8(kMsgUserauthPkOk).string(asked.algorithm).string(asked.key.blob());
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
  events_.push(AuthRefused{request.user, request.method, reason, std::move(key)});
  // Clients begin with "none" to learn the methods; that is no attempt.
  if (requests_ == 1 && request.method == "none") {
    send_failure();
    return std::nullopt;
  }
  return count_failure();
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
