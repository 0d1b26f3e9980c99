#include "s3/sts_answer.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <utility>

#include "codec/json.h"
#include "codec/xml.h"
#include "s3/key_file.h"
#include "s3/timestamp.h"

namespace sallyport::s3 {
namespace {

constexpr std::size_t kMaxArn = 2048;

Error no_answer(std::string_view action, std::string_view why) {
  return Error(Errc::kCorrupt,
               "the answer to " + std::string(action) + " cannot be used: " + std::string(why));
}

bool is_token(std::string_view text, std::size_t most) {
  return text.size() <= most &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

// The element ACTIONResult of an answer; `document` holds it.
Result<pugi::xml_node> result_of(std::string_view action, std::string_view body,
                                 codec::XmlDocument& document) {
  auto parsed = codec::parse_xml(body, {kMaxStsAnswerBytes, 16});
  if (!parsed.ok()) return no_answer(action, parsed.error().message);
  document = std::move(*parsed);
  const std::string name(action);
  const pugi::xml_node root = document->document_element();
  const pugi::xml_node result = root.child((name + "Result").c_str());
  if (root.name() != name + "Response" || !result)
    return no_answer(action, "it has no " + name + "Result");
  return result;
}

}  // namespace

Result<Keys> keys_of(std::string_view access_key, std::string_view secret,
                     std::string_view session_token, std::optional<WallTime> expires) {
  if (access_key.empty() || !is_token(access_key, kMaxKeyIdBytes))
    return Error(Errc::kCorrupt, "the access key id is missing or none");
  if (secret.empty() || !is_token(secret, kMaxSecretBytes))
    return Error(Errc::kCorrupt, "the secret access key is missing or none");
  if (!is_token(session_token, kMaxSessionTokenBytes))
    return Error(Errc::kCorrupt, "the session token is none");
  auto out = std::make_shared<HeldKeys>();
  out->keys = {std::string(access_key), SecretString(std::string(secret)),
               std::string(session_token)};
  out->expires = expires;
  return Keys(std::move(out));
}

Result<Keys> parse_session_keys(std::string_view action, std::string_view body) {
  codec::XmlDocument document;
  TRY_ASSIGN(const pugi::xml_node result, result_of(action, body, document));
  const pugi::xml_node found = result.child("Credentials");
  const auto text = [&found](const char* name) { return trimmed_key(found.child_value(name)); };
  const std::string_view token = text("SessionToken");
  if (token.empty()) return no_answer(action, "the session token is missing");
  const auto expires = parse_timestamp(text("Expiration"));
  if (!expires) return no_answer(action, "it does not say when the credentials expire");
  auto keys = keys_of(text("AccessKeyId"), text("SecretAccessKey"), token, *expires);
  if (!keys.ok()) return no_answer(action, keys.error().message);
  return keys;
}

Result<std::string> parse_caller_arn(std::string_view body) {
  constexpr std::string_view kAction = "GetCallerIdentity";
  codec::XmlDocument document;
  TRY_ASSIGN(const pugi::xml_node result, result_of(kAction, body, document));
  const std::string_view arn = trimmed_key(result.child_value("Arn"));
  if (!arn.starts_with("arn:") || !is_token(arn, kMaxArn))
    return no_answer(kAction, "it names no ARN");
  return std::string(arn);
}

Result<Keys> parse_metadata_keys(const std::string& body) {
  const auto wrong = [](std::string_view why) {
    return Error(Errc::kUnavailable, "its answer cannot be used: " + std::string(why));
  };
  const auto json = codec::parse_json(body, {64 * 1024, 8});
  if (!json.ok() || !json->is_object()) return wrong("it is no JSON object");
  const auto text = [&json](const char* name) {
    const auto at = json->find(name);
    return at != json->end() && at->is_string() ? at->get<std::string>() : std::string();
  };
  if (json->contains("Code") && text("Code") != "Success")
    return wrong("it says that the role's credentials could not be had");
  const auto expires = parse_timestamp(text("Expiration"));
  if (!expires) return wrong("it does not say when the credentials expire");
  const std::string token = text("Token");
  if (token.empty()) return wrong("the session token is missing");
  auto keys = keys_of(text("AccessKeyId"), text("SecretAccessKey"), token, *expires);
  if (!keys.ok()) return wrong(keys.error().message);
  return keys;
}

}  // namespace sallyport::s3
