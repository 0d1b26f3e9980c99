#include <algorithm>

#include "base/secret.h"
#include "codec/base64.h"
#include "identity/principal.h"
#include "state/resource_store.h"

namespace sallyport::identity {

namespace {

// Stands in for the record of a user who is not there, so that the same work is done. The key is
// the one of RFC 8032 section 7.1 test 1; it is compared, and the answer is not used.
constexpr std::string_view kDummyKey =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea dummy";

const std::string& dummy_document() {
  static const std::string document = [] {
    model::User user;
    user.server_id = model::ServerId("s-00000000000000000");
    user.user_name = "dummy";
    user.ssh_public_keys.push_back({model::SshPublicKeyId("key-0"), std::string(kDummyKey), {}});
    return model::to_document(user);
  }();
  return document;
}

// The decoded second word of "type base64 comment"; empty when there is none.
Bytes key_blob_of(std::string_view body) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t type = body.find_first_not_of(kBlank);
  if (type == std::string_view::npos) return {};
  body.remove_prefix(type);
  const std::size_t gap = body.find_first_of(kBlank);
  if (gap == std::string_view::npos) return {};
  body.remove_prefix(gap);
  const std::size_t begin = body.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  body.remove_prefix(begin);
  auto decoded = codec::base64_decode(body.substr(0, body.find_first_of(kBlank)));
  return decoded.ok() ? std::move(decoded).value() : Bytes();
}

// Every key is looked at, also after one has matched.
const model::SshPublicKey* find_key(const model::User& user, ByteView blob) {
  const model::SshPublicKey* found = nullptr;
  for (const model::SshPublicKey& key : user.ssh_public_keys) {
    const Bytes stored = key_blob_of(key.body);
    const bool same = !stored.empty() && equal_constant_time(as_text(stored), as_text(blob));
    if (same && found == nullptr) found = &key;
  }
  return found;
}

}  // namespace

bool is_usable(const model::User& user) {
  if (user.home_directory_type != model::HomeDirectoryType::kLogical) return true;
  return !user.home_directory_mappings.empty() &&
         std::all_of(user.home_directory_mappings.begin(), user.home_directory_mappings.end(),
                     [](const model::HomeDirectoryMapEntry& mapping) {
                       return mapping.target.starts_with('/') && !mapping.target.ends_with('/');
                     });
}

Principal principal_of(model::User user, model::SshPublicKeyId key) {
  Principal out;
  static_cast<model::Grant&>(out) = std::move(static_cast<model::Grant&>(user));
  out.server_id = std::move(user.server_id);
  out.user_name = std::move(user.user_name);
  out.key_id = std::move(key);
  return out;
}

ServiceManaged::ServiceManaged(state::ResourceStore& resources) : resources_(resources) {}

namespace {

struct Found {
  // Of somebody who is not there, a dummy.
  model::User user;
  bool known = false;
  bool readable = true;
};

Task<Result<Found>> find_user(state::ResourceStore& resources, model::ServerId server,
                              std::string user_name) {
  state::ResourceKey record{std::string(state::kind::kUser), server.str(), user_name};
  auto stored = co_await resources.get(std::move(record));
  if (!stored.ok() && stored.error().code != Errc::kNotFound) co_return std::move(stored).error();

  // The name of the superuser is what every scanner tries; it is nobody here, whatever is stored.
  const bool known = stored.ok() && user_name != "root";
  auto parsed = model::user_from_document(known ? stored->document : dummy_document());
  if (!parsed.ok()) co_return Found{{}, known, false};
  co_return Found{std::move(*parsed), known, true};
}

// What is left to ask once it is known whether he is who he says.
KeyDecision decide(Found found, const std::optional<model::SshPublicKeyId>& proof) {
  if (!found.readable) return {std::nullopt, Refusal::kBadUserRecord};
  if (!found.known) return {std::nullopt, Refusal::kUnknownUser};
  if (!proof) return {std::nullopt, Refusal::kWrongKey};
  if (!is_usable(found.user)) return {std::nullopt, Refusal::kBadUserRecord};
  return {principal_of(std::move(found.user), *proof), {}};
}

}  // namespace

Task<Result<KeyDecision>> ServiceManaged::check_public_key(model::ServerId server,
                                                           std::string user_name, Bytes key_blob) {
  auto found = co_await find_user(resources_, std::move(server), std::move(user_name));
  if (!found.ok()) co_return std::move(found).error();
  const model::SshPublicKey* const key = find_key(found->user, key_blob);
  std::optional<model::SshPublicKeyId> proof;
  if (key != nullptr) proof = key->id;
  co_return decide(std::move(*found), proof);
}

Task<Result<KeyDecision>> ServiceManaged::check_user(model::ServerId server,
                                                     std::string user_name) {
  auto found = co_await find_user(resources_, std::move(server), std::move(user_name));
  if (!found.ok()) co_return std::move(found).error();
  const std::optional<model::SshPublicKeyId> proof(std::in_place);
  co_return decide(std::move(*found), proof);
}

}  // namespace sallyport::identity
