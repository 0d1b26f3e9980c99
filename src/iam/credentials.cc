#include "iam/credentials.h"

#include <array>
#include <utility>

#include "codec/base64.h"
#include "crypto/seal.h"
#include "iam/authorizer.h"
#include "iam/change_cache.h"
#include "iam/session_token.h"
#include "state/repository.h"

namespace sallyport::iam {

namespace {

constexpr std::size_t kMaxCachedKeys = 4096;
constexpr std::size_t kMaxAccessKey = 128;  // AccessKeyId of the IAM API reference
constexpr std::string_view kTemporaryPrefix = "ASIA";

struct KnownKey {
  SecretString secret;
  SecretString token;  // of temporary credentials
  Identity identity;
};

Error unknown_key() {
  return Error(Errc::kNotFound, "there is no such access key");
}
Error wrong_token() {
  return Error(Errc::kInvalidArgument, "the session token is not one for this access key");
}

// `prefix` and 16 of A to Z and 2 to 7.
std::string new_key_id(Random& random, std::string_view prefix) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::array<std::uint8_t, 16> bytes{};
  random.fill(bytes);
  std::string out(prefix);
  for (const std::uint8_t byte : bytes) out.push_back(kAlphabet[byte % kAlphabet.size()]);
  return out;
}

// 40 characters.
SecretString new_secret(Random& random) {
  std::array<std::uint8_t, 30> bytes{};
  random.fill(bytes);
  SecretString out(codec::base64_encode(bytes));
  wipe(bytes.data(), bytes.size());
  return out;
}

}  // namespace

std::string access_key_seal_context(std::string_view access_key_id) {
  return "access-key:" + std::string(access_key_id);
}

struct CredentialStore::Impl {
  state::ResourceStore& resources;
  Authorizer& authorizer;
  const crypto::SecretBox& box;
  const Clock& clock;
  Random& random;
  RootCredentials root;
  Identity root_identity;
  std::shared_ptr<ChangeCache<KnownKey>> cache =
      std::make_shared<ChangeCache<KnownKey>>(kMaxCachedKeys);
  std::shared_ptr<void> subscription;

  Impl(state::ResourceStore& r, Authorizer& a, const crypto::SecretBox& b, const Clock& c,
       Random& rnd, std::string account, RootCredentials root_key)
      : resources(r),
        authorizer(a),
        box(b),
        clock(c),
        random(rnd),
        root(std::move(root_key)),
        root_identity(Identity::root(account)) {
    // The callback may still run while the subscription is being given up: it holds the cache
    // itself. Roles and users are many keys' owners and change seldom.
    subscription = resources.subscribe([cache = cache](const state::ResourceEvent& event) {
      if (event.key.kind == state::kind::kAccessKey) cache->drop(event.key.id);
      if (event.key.kind == state::kind::kRole || event.key.kind == state::kind::kIamUser)
        cache->clear();
    });
  }

  Task<Result<std::shared_ptr<const KnownKey>>> load_user_key(std::string access_key) {
    state::Repository<model::AccessKey> keys(resources);
    auto stored = co_await keys.get("", access_key);
    if (!stored.ok()) {
      if (stored.error().code == Errc::kUnavailable) co_return std::move(stored).error();
      co_return unknown_key();
    }
    const model::AccessKey& key = stored->value;
    if (!key.active || key.id != access_key) co_return unknown_key();
    auto secret = box.open(key.sealed_secret, access_key_seal_context(access_key));
    if (!secret.ok()) co_return unknown_key();
    auto user = co_await authorizer.user(key.user_name);
    if (!user.ok()) {
      if (user.error().code == Errc::kUnavailable) co_return std::move(user).error();
      co_return unknown_key();
    }
    co_return std::make_shared<const KnownKey>(
        KnownKey{std::move(*secret), SecretString(), std::move(*user)});
  }

  Task<Result<std::shared_ptr<const KnownKey>>> load_session(std::string access_key,
                                                             std::string text) {
    CO_TRY_ASSIGN(SessionToken token, open_token(box, text));
    if (!equal_constant_time(token.access_key, access_key)) co_return wrong_token();
    AssumeRoleRequest request;
    request.role_arn = std::move(token.role_arn);
    request.session_name = std::move(token.session_name);
    request.session_policy = std::move(token.session_policy);
    request.life = std::chrono::duration_cast<std::chrono::seconds>(token.expires - token.issued);
    auto session = co_await authorizer.resume_role(std::move(request), token.expires);
    if (!session.ok()) {
      if (session.error().code == Errc::kUnavailable) co_return std::move(session).error();
      co_return unknown_key();
    }
    if (session->user_id() != token.user_id) co_return unknown_key();
    co_return std::make_shared<const KnownKey>(
        KnownKey{std::move(token.secret), SecretString(std::move(text)), std::move(*session)});
  }
};

CredentialStore::CredentialStore(state::ResourceStore& resources, Authorizer& authorizer,
                                 const crypto::SecretBox& box, const Clock& clock, Random& random,
                                 std::string account, RootCredentials root)
    : impl_(std::make_unique<Impl>(resources, authorizer, box, clock, random, std::move(account),
                                   std::move(root))) {}
CredentialStore::~CredentialStore() = default;

Task<Result<KnownCredential>> CredentialStore::find(std::string access_key,
                                                    std::string session_token) {
  // Without a root key (it may be taken away) an empty one is nobody's.
  if (!access_key.empty() && equal_constant_time(access_key, impl_->root.access_key)) {
    if (!session_token.empty()) co_return wrong_token();
    co_return KnownCredential{impl_->root.secret, impl_->root_identity};
  }
  if (access_key.empty() || access_key.size() > kMaxAccessKey) co_return unknown_key();
  const bool temporary = access_key.starts_with(kTemporaryPrefix);
  if (temporary && session_token.empty()) co_return unknown_key();

  auto [known, generation] = impl_->cache->find(access_key);
  const bool as_cached =
      known != nullptr && equal_constant_time(known->token.reveal(), session_token);
  if (!as_cached && !temporary && !session_token.empty()) co_return wrong_token();
  if (!as_cached) {
    if (temporary) {
      CO_TRY_ASSIGN(known, co_await impl_->load_session(access_key, std::move(session_token)));
    } else {
      CO_TRY_ASSIGN(known, co_await impl_->load_user_key(access_key));
    }
    impl_->cache->insert(access_key, known, generation);
  }
  if (impl_->clock.wall() >= known->identity.expires())
    co_return Error(Errc::kTimeout, "the session token has expired");
  co_return KnownCredential{known->secret, known->identity};
}

Result<TemporaryCredentials> CredentialStore::issue(const Identity& identity) {
  SessionToken token;
  token.access_key = new_key_id(impl_->random, kTemporaryPrefix);
  token.secret = new_secret(impl_->random);
  token.role_arn = identity.role_arn();
  token.user_id = identity.user_id();
  token.session_name = identity.session_name();
  token.session_policy = identity.session_policy_text();
  token.issued = identity.issued();
  token.expires = identity.expires();
  TRY_ASSIGN(std::string sealed, seal_token(impl_->box, token));
  TemporaryCredentials out;
  out.access_key = std::move(token.access_key);
  out.secret = std::move(token.secret);
  out.session_token = std::move(sealed);
  out.expires = token.expires;
  return out;
}

Result<NewAccessKey> CredentialStore::new_access_key(std::string user_name) {
  NewAccessKey out;
  out.secret = new_secret(impl_->random);
  out.key.id = new_key_id(impl_->random, "AKIA");
  out.key.user_name = std::move(user_name);
  out.key.created = impl_->clock.wall();
  TRY_ASSIGN(out.key.sealed_secret,
             impl_->box.seal(out.secret, access_key_seal_context(out.key.id)));
  return out;
}

}  // namespace sallyport::iam
