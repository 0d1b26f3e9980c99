#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/moves/differences.h"
#include "api/moves/import.h"
#include "api/moves/shown.h"
#include "codec/json.h"
#include "crypto/seal.h"
#include "iam/policy.h"
#include "model/access_key.h"
#include "model/bucket_settings.h"
#include "model/iam_user.h"
#include "model/managed_policy.h"
#include "model/role.h"

namespace sallyport::api {

namespace {

using iam::PolicyKind;
using nlohmann::json;

Result<void> check_policy(const std::string& text, PolicyKind kind) {
  auto parsed = iam::PolicyDocument::parse(text, kind);
  if (!parsed.ok()) return std::move(parsed).error();
  return ok();
}

Result<void> check(const model::Role& role) {
  TRY(check_policy(role.assume_role_policy_document, PolicyKind::kTrust));
  for (const auto& [name, text] : role.inline_policies)
    TRY(check_policy(text, PolicyKind::kIdentity));
  return ok();
}
Result<void> check(const model::IamUser& user) {
  for (const auto& [name, text] : user.inline_policies)
    TRY(check_policy(text, PolicyKind::kIdentity));
  return ok();
}
Result<void> check(const model::ManagedPolicy& policy) {
  for (const auto& version : policy.versions)
    TRY(check_policy(version.document, PolicyKind::kIdentity));
  if (policy.version(policy.default_version) == nullptr)
    return Error(Errc::kInvalidArgument, "DefaultVersionId names no version");
  return ok();
}
Result<void> check(const model::BucketSettings& settings) {
  if (settings.policy.empty()) return ok();
  return check_policy(settings.policy, PolicyKind::kBucket);
}
Result<void> check(const model::AccessKey&) {
  return ok();
}

// As the store would have it, with everything that is not a member of the kind left out.
template <auto parse>
Result<std::string> read(const std::string& text) {
  TRY_ASSIGN(const auto value, parse(text));
  TRY(check(value));
  return model::to_document(value);
}

struct DocumentKind {
  std::string_view kind;
  Result<std::string> (*read)(const std::string& text);
};
constexpr DocumentKind kDocuments[] = {
    {"managed-policy", &read<&model::managed_policy_from_document>},
    {"role", &read<&model::role_from_document>},
    {"iam-user", &read<&model::iam_user_from_document>},
    {"access-key", &read<&model::access_key_from_document>},
    {"bucket-settings", &read<&model::bucket_settings_from_document>},
};

bool is_name(std::string_view id) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("+=,.@_-").find(c) != std::string_view::npos;
  };
  return !id.empty() && id.size() <= 128 && std::all_of(id.begin(), id.end(), allowed);
}

// Times and ids of this installation do not make a difference.
std::set<std::string> compared(const json& want) {
  std::set<std::string> out;
  for (const auto& [name, value] : want.items())
    if (!name.ends_with("DateMs") && name != "SealedSecret" && name != "AccessKeyIds")
      out.insert(name);
  return out;
}

Outcome<json> wanted_document(const TransferContext& context, const MovedElement& element,
                              const json& have) {
  json content = element.content;
  // Which keys a user has is said by his keys.
  if (element.kind->kind == "iam-user")
    content["AccessKeyIds"] =
        have.is_object() ? have.value("AccessKeyIds", json::array()) : json::array();
  if (!element.kind->sealed.empty()) {
    TRY_ASSIGN(std::string sealed,
               context.secrets.seal(SecretString(element.secret),
                                    element.kind->seal_context("", element.id)));
    content[std::string(element.kind->sealed)] = std::move(sealed);
  }
  const auto row =
      std::find_if(std::begin(kDocuments), std::end(kDocuments),
                   [&](const DocumentKind& one) { return one.kind == element.kind->kind; });
  TRY_ASSIGN(const std::string text, row->read(codec::write_json(content)));
  return json::parse(text, nullptr, false);
}

state::ResourceChange change_to(const state::ResourceKey& key, std::int64_t version,
                                const json& document) {
  using Op = state::ResourceChange::Op;
  return {version == 0 ? Op::kInsert : Op::kUpdate, key, version, codec::write_json(document)};
}

// A new access key is written together with the user whose it is.
Task<Outcome<std::vector<state::ResourceChange>>> beside(const TransferContext& context,
                                                         const MovedElement& element) {
  std::vector<state::ResourceChange> out;
  if (element.kind->kind != "access-key") co_return out;
  const std::string name = element.content.value("UserName", "");
  auto user = co_await state::Repository<model::IamUser>(context.resources).get("", name);
  if (!user.ok() && user.error().code == Errc::kNotFound)
    co_return invalid_request("there is no IAM user " + name + "; import him before his keys");
  if (!user.ok()) co_return std::move(user).error();
  auto& ids = user->value.access_key_ids;
  if (std::find(ids.begin(), ids.end(), element.id) != ids.end()) co_return out;
  ids.push_back(element.id);
  out.push_back(state::Repository<model::IamUser>::updating(user->value, user->version));
  co_return out;
}

}  // namespace

Task<Outcome<ImportResult>> import_document(const TransferContext& context, MovedElement element) {
  const MovedKind& kind = *element.kind;
  if (!is_name(element.id))
    co_return invalid_request("its name has characters that names do not have");
  if (kind.secret_needed && element.secret.empty())
    co_return ImportResult{"skipped", {}, "its secret is not in the file"};
  const state::ResourceKey key(std::string(kind.kind), "", element.id);
  for (int attempt = 0;; ++attempt) {
    auto stored = co_await context.resources.get(key);
    if (!stored.ok() && stored.error().code != Errc::kNotFound) co_return std::move(stored).error();
    const std::int64_t version = stored.ok() ? stored->version : 0;
    const json have = stored.ok() ? json::parse(stored->document, nullptr, false) : json();
    CO_TRY_ASSIGN(const json want, wanted_document(context, element, have));
    json found = have.is_object() ? differences(want, have, compared(want), true) : json::array();
    if (version > 0 && found.empty()) co_return ImportResult{"same", {}, ""};
    CO_TRY_ASSIGN(auto changes, co_await beside(context, element));
    changes.push_back(change_to(key, version, want));
    CO_TRY_ASSIGN(const bool taken, co_await try_changes(context, std::move(changes), attempt,
                                                         &made_or_moved_underneath));
    if (taken) co_return ImportResult{version == 0 ? "made" : "changed", std::move(found), ""};
  }
}

}  // namespace sallyport::api
