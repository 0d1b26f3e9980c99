#include "iam/stored_policies.h"

#include <map>
#include <utility>

#include "iam/managed_policies.h"
#include "iam/policy.h"
#include "state/repository.h"

namespace sallyport::iam {

namespace {

constexpr std::size_t kMaxCachedPrincipals = 4096;
constexpr std::size_t kMaxCachedBuckets = 4096;
constexpr std::string_view kAwsPolicies = "arn:aws:iam::aws:policy/";

void add_policy(ParsedPrincipal& out, const std::string& name, std::string_view text) {
  auto document = PolicyDocument::parse(text, PolicyKind::kIdentity);
  if (document.ok()) {
    out.policies.push_back({name, std::move(document).value()});
  } else {
    out.readable = false;
  }
}

void add_inline(ParsedPrincipal& out, const std::map<std::string, std::string>& policies) {
  for (const auto& [name, text] : policies) add_policy(out, name, text);
}

// A document that cannot be read is no policy at all, which the caller must not take for "allowed".
bool is_damage(const Error& error) {
  return error.code == Errc::kCorrupt || error.code == Errc::kNotFound;
}

}  // namespace

std::string_view last_component(std::string_view arn) {
  const std::size_t slash = arn.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : arn.substr(slash + 1);
}

struct StoredPolicies::Caches {
  ChangeCache<ParsedPrincipal> roles{kMaxCachedPrincipals};
  ChangeCache<ParsedPrincipal> users{kMaxCachedPrincipals};
  ChangeCache<BucketPolicy> buckets{kMaxCachedBuckets};

  void changed(const state::ResourceKey& key) {
    if (key.kind == state::kind::kRole) roles.drop(key.id);
    if (key.kind == state::kind::kIamUser) users.drop(key.id);
    if (key.kind == state::kind::kBucketSettings) buckets.drop(key.id);
    if (key.kind == state::kind::kManagedPolicy) {
      roles.clear();
      users.clear();
    }
  }
};

StoredPolicies::StoredPolicies(state::ResourceStore& resources)
    : resources_(resources), caches_(std::make_shared<Caches>()) {
  // The callback may still run while the subscription is being given up: it holds the caches
  // itself.
  subscription_ = resources.subscribe(
      [caches = caches_](const state::ResourceEvent& event) { caches->changed(event.key); });
}

StoredPolicies::~StoredPolicies() = default;

Task<Result<void>> StoredPolicies::add_managed(ParsedPrincipal& out,
                                               std::vector<std::string> arns) {
  for (const std::string& arn : arns) {
    if (const ManagedPolicy* built_in = find_managed_policy(arn)) {
      add_policy(out, arn, built_in->document);
      continue;
    }
    // AWS's own policies only allow, save the built-in one that denies: what is not built in adds
    // nothing. A policy of somebody else that cannot be looked into might deny.
    if (arn.starts_with(kAwsPolicies)) continue;
    state::Repository<model::ManagedPolicy> policies(resources_);
    auto stored = co_await policies.get("", std::string(last_component(arn)));
    if (!stored.ok() && !is_damage(stored.error())) co_return std::move(stored).error();
    const model::PolicyVersion* version = stored.ok() && stored->value.arn == arn
                                              ? stored->value.version(stored->value.default_version)
                                              : nullptr;
    if (version == nullptr) {
      out.readable = false;
    } else {
      add_policy(out, arn, version->document);
    }
  }
  co_return ok();
}

Task<Result<PrincipalPtr>> StoredPolicies::role(std::string name) {
  auto [cached, generation] = caches_->roles.find(name);
  if (cached != nullptr) co_return cached;
  state::Repository<model::Role> roles(resources_);
  CO_TRY_ASSIGN(auto stored, co_await roles.get("", name));
  model::Role& role = stored.value;

  auto out = std::make_shared<ParsedPrincipal>();
  out->max_session = std::chrono::seconds(role.max_session_duration);
  if (auto trust = PolicyDocument::parse(role.assume_role_policy_document, PolicyKind::kTrust);
      trust.ok())
    out->trust = std::move(trust).value();
  add_inline(*out, role.inline_policies);
  CO_TRY(co_await add_managed(*out, std::move(role.attached_policy_arns)));
  out->name = std::move(role.name);
  out->arn = std::move(role.arn);
  out->id = std::move(role.id);
  out->tags = std::move(role.tags);
  caches_->roles.insert(name, out, generation);
  co_return PrincipalPtr(std::move(out));
}

Task<Result<PrincipalPtr>> StoredPolicies::user(std::string name) {
  auto [cached, generation] = caches_->users.find(name);
  if (cached != nullptr) co_return cached;
  state::Repository<model::IamUser> users(resources_);
  CO_TRY_ASSIGN(auto stored, co_await users.get("", name));
  model::IamUser& user = stored.value;

  auto out = std::make_shared<ParsedPrincipal>();
  add_inline(*out, user.inline_policies);
  CO_TRY(co_await add_managed(*out, std::move(user.attached_policy_arns)));
  out->name = std::move(user.name);
  out->arn = std::move(user.arn);
  out->id = std::move(user.id);
  out->tags = std::move(user.tags);
  caches_->users.insert(name, out, generation);
  co_return PrincipalPtr(std::move(out));
}

Task<Result<BucketPolicyPtr>> StoredPolicies::bucket(std::string name) {
  auto [cached, generation] = caches_->buckets.find(name);
  if (cached != nullptr) co_return cached;
  state::Repository<model::BucketSettings> settings(resources_);
  auto stored = co_await settings.get("", name);
  if (!stored.ok() && !is_damage(stored.error())) co_return std::move(stored).error();

  auto out = std::make_shared<BucketPolicy>();
  out->readable = stored.ok() || stored.error().code == Errc::kNotFound;
  if (stored.ok() && !stored->value.policy.empty()) {
    auto document = PolicyDocument::parse(stored->value.policy, PolicyKind::kBucket);
    out->readable = document.ok();
    if (document.ok()) out->document = std::move(document).value();
  }
  caches_->buckets.insert(name, out, generation);
  co_return BucketPolicyPtr(std::move(out));
}

}  // namespace sallyport::iam
