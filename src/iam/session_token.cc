#include "iam/session_token.h"

#include <nlohmann/json.hpp>

#include "codec/json.h"
#include "crypto/seal.h"

namespace sallyport::iam {

namespace {

using nlohmann::json;

constexpr std::string_view kPurpose = "session-token";

Error not_ours() {
  return Error(Errc::kInvalidArgument, "the session token was not issued here");
}

// Empty when it is not there; the seal says that we wrote it, an older release perhaps.
std::string text_of(const json& in, const char* member) {
  const auto found = in.find(member);
  return found != in.end() && found->is_string() ? found->get<std::string>() : std::string();
}

WallTime time_of(const json& in, const char* member) {
  const auto found = in.find(member);
  return from_unix_ms(found != in.end() && found->is_number_integer() ? found->get<std::int64_t>()
                                                                      : 0);
}

}  // namespace

Result<std::string> seal_token(const crypto::SecretBox& box, const SessionToken& token) {
  const json members{{"key", token.access_key},
                     {"secret", token.secret.reveal()},
                     {"role", token.role_arn},
                     {"id", token.user_id},
                     {"name", token.session_name},
                     {"policy", token.session_policy},
                     {"issued", to_unix_ms(token.issued)},
                     {"expires", to_unix_ms(token.expires)}};
  TRY_ASSIGN(std::string sealed, box.seal(SecretString(codec::write_json(members)), kPurpose));
  if (sealed.size() > kMaxSessionToken)
    return Error(Errc::kLimitExceeded, "the session policy makes the session token too long",
                 "PackedPolicyTooLarge");
  return sealed;
}

Result<SessionToken> open_token(const crypto::SecretBox& box, std::string_view text) {
  if (text.size() > kMaxSessionToken) return not_ours();
  const auto opened = box.open(text, kPurpose);
  if (!opened.ok()) return not_ours();
  const auto members = codec::parse_json(opened->reveal());
  if (!members.ok() || !members->is_object()) return not_ours();
  SessionToken out;
  out.access_key = text_of(*members, "key");
  out.secret = SecretString(text_of(*members, "secret"));
  out.role_arn = text_of(*members, "role");
  out.user_id = text_of(*members, "id");
  out.session_name = text_of(*members, "name");
  out.session_policy = text_of(*members, "policy");
  out.issued = time_of(*members, "issued");
  out.expires = time_of(*members, "expires");
  if (out.access_key.empty() || out.secret.empty() || out.role_arn.empty()) return not_ours();
  return out;
}

}  // namespace sallyport::iam
