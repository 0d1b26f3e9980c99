#include <fmt/format.h>

#include "api/query/actions.h"
#include "api/query/entity.h"
#include "iam/authorizer.h"
#include "iam/credentials.h"

namespace sallyport::api {

namespace {

constexpr std::size_t kMaxSessionPolicy = iam::kMaxSessionPolicyCharacters;
constexpr TextRule kAccessKeyId{16, 128, R"([\w]*)"};
constexpr TextRule kRoleArn{20, 2048};
constexpr TextRule kSessionName{2, 64, R"([\w+=,.@-]*)"};
constexpr TextRule kSessionPolicy{1, kMaxSessionPolicy, R"([\u0009\u000A\u000D\u0020-\u00FF]+)"};
constexpr TextRule kExternalId{2, 1224, R"([\w+=,.@:\/-]*)"};
constexpr std::int64_t kMinLife = 900, kMaxLife = 43200;

Outcome<iam::AssumeRoleRequest> read_request(const QueryCall& call) {
  Parameters read(call);
  iam::AssumeRoleRequest request;
  request.role_arn = read.text("RoleArn", kRoleArn);
  request.session_name = read.text("RoleSessionName", kSessionName);
  request.session_policy = read.optional_text("Policy", kSessionPolicy).value_or("");
  request.external_id = read.optional_text("ExternalId", kExternalId).value_or("");
  const auto life = read.number("DurationSeconds", kMinLife, kMaxLife);
  for (const std::string_view one : {"PolicyArns", "Tags", "TransitiveTagKeys", "SerialNumber",
                                     "TokenCode", "SourceIdentity", "ProvidedContexts"})
    read.refuse(one);
  TRY(read.check());
  if (!request.role_arn.starts_with("arn:aws:iam::") ||
      request.role_arn.find(":role/") == std::string::npos)
    return validation_error(fmt::format("{} is invalid", request.role_arn));
  if (life) request.life = std::chrono::seconds(*life);
  request.details = call.caller.details();
  return request;
}

}  // namespace

Task<Outcome<Done>> get_caller_identity(const QueryCall& call, codec::XmlWriter& xml) {
  const iam::Identity& who = call.caller.identity;
  xml.element("Arn", who.caller_arn()).element("UserId", who.user_id());
  xml.element("Account", who.account());
  co_return done();
}

Task<Outcome<Done>> get_access_key_info(const QueryCall& call, codec::XmlWriter& xml) {
  Parameters read(call);
  const std::string id = read.text("AccessKeyId", kAccessKeyId);
  CO_TRY(read.check());
  if (id != call.caller.access_key) {
    const auto key =
        co_await state::Repository<model::AccessKey>(call.context.resources).get("", id);
    if (!key.ok() && key.error().code == Errc::kNotFound)
      co_return no_such_entity(fmt::format("The Access Key with id {} cannot be found.", id));
    if (!key.ok()) co_return key.error();
  }
  xml.element("Account", call.context.place.account);
  co_return done();
}

Task<Outcome<Done>> assume_role(const QueryCall& call, codec::XmlWriter& xml) {
  CO_TRY_ASSIGN(iam::AssumeRoleRequest request, read_request(call));
  const std::size_t policy_bytes = request.session_policy.size();
  iam::Identity caller = call.caller.identity;
  CO_TRY_ASSIGN(const auto session, co_await call.context.authorizer.assume_role(
                                        std::move(caller), std::move(request)));
  CO_TRY_ASSIGN(const auto credentials, call.context.credentials.issue(session));
  xml.open("Credentials").element("AccessKeyId", credentials.access_key);
  xml.element("SecretAccessKey", credentials.secret.reveal());
  xml.element("SessionToken", credentials.session_token);
  xml.element("Expiration", iam_time(credentials.expires)).close();
  xml.open("AssumedRoleUser").element("AssumedRoleId", session.user_id());
  xml.element("Arn", session.caller_arn()).close();
  if (policy_bytes > 0) {
    xml.element("PackedPolicySize",
                static_cast<std::int64_t>((policy_bytes * 100 + kMaxSessionPolicy - 1) /
                                          kMaxSessionPolicy));
  }
  co_return done();
}

}  // namespace sallyport::api
