#include "iam/authorizer.h"

#include <map>
#include <mutex>
#include <vector>

#include "iam/evaluate.h"
#include "iam/managed_policies.h"
#include "iam/policy.h"
#include "model/role.h"
#include "state/resource_store.h"

namespace sallyport::iam {

namespace {

constexpr std::size_t kMaxSessionName = 64;
constexpr std::size_t kMaxCachedRoles = 4096;

// A role with its policies parsed, as it stood when it was read.
struct ParsedRole {
  model::Role role;
  std::shared_ptr<const PolicyDocument> trust;  // null: cannot be read, nobody is trusted
  std::vector<NamedPolicy> policies;
  bool readable = true;  // false: a policy cannot be read, which might have held a Deny
};

std::shared_ptr<const ParsedRole> parse_role(model::Role role) {
  auto out = std::make_shared<ParsedRole>();
  const auto add = [&out](const std::string& name, std::string_view text) {
    auto document = PolicyDocument::parse(text, PolicyKind::kIdentity);
    if (document.ok()) {
      out->policies.push_back({name, std::move(document).value()});
    } else {
      out->readable = false;
    }
  };
  if (auto trust = PolicyDocument::parse(role.assume_role_policy_document, PolicyKind::kTrust);
      trust.ok())
    out->trust = std::move(trust).value();
  for (const auto& [name, text] : role.inline_policies) add(name, text);
  for (const std::string& arn : role.attached_policy_arns) {
    // AWS's own policies only allow, save the built-in one that denies: what is not built in adds
    // nothing. A policy of somebody else that cannot be looked into might deny.
    if (const ManagedPolicy* policy = find_managed_policy(arn)) {
      add(arn, policy->document);
    } else if (!arn.starts_with("arn:aws:iam::aws:policy/")) {
      out->readable = false;
    }
  }
  out->role = std::move(role);
  return out;
}

// Thread-safe. A change that comes while a role is being read keeps the old text out of the cache.
class RoleCache {
 public:
  struct Lookup {
    std::shared_ptr<const ParsedRole> role;
    std::uint64_t generation = 0;
  };
  Lookup find(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = roles_.find(name);
    return {found == roles_.end() ? nullptr : found->second, generation_};
  }
  void insert(const std::string& name, std::shared_ptr<const ParsedRole> role,
              std::uint64_t generation) {
    const std::lock_guard lock(mutex_);
    if (generation != generation_) return;
    if (roles_.size() >= kMaxCachedRoles) roles_.clear();
    roles_.insert_or_assign(name, std::move(role));
  }
  void drop(const std::string& name) {
    const std::lock_guard lock(mutex_);
    ++generation_;
    roles_.erase(name);
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const ParsedRole>> roles_;
  std::uint64_t generation_ = 0;
};

std::string_view last_component(std::string_view arn) {
  const std::size_t slash = arn.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : arn.substr(slash + 1);
}

Error cannot_assume(std::string message) {
  return Error(Errc::kPermissionDenied, std::move(message), "AssumeRole");
}
Error access_denied(std::string message) {
  return Error(Errc::kPermissionDenied, std::move(message), "AccessDenied");
}

}  // namespace

struct Authorizer::Impl {
  state::ResourceStore& resources;
  model::Place place;
  const Clock& clock;
  std::shared_ptr<RoleCache> cache = std::make_shared<RoleCache>();
  std::shared_ptr<void> subscription;

  Impl(state::ResourceStore& r, model::Place p, const Clock& c)
      : resources(r), place(std::move(p)), clock(c) {
    // The callback may still run while the subscription is being given up: it holds the cache
    // itself.
    subscription = resources.subscribe([cache = cache](const state::ResourceEvent& event) {
      if (event.key.kind == state::kind::kRole) cache->drop(event.key.id);
    });
  }

  // kNotFound when there is no role of exactly this ARN.
  Task<Result<std::shared_ptr<const ParsedRole>>> load(std::string arn) {
    const std::string name(last_component(arn));
    auto [role, generation] = cache->find(name);
    if (role == nullptr) {
      state::ResourceKey key{std::string(state::kind::kRole), "", name};
      auto stored = co_await resources.get(std::move(key));
      if (!stored.ok()) co_return std::move(stored).error();
      CO_TRY_ASSIGN(model::Role parsed, model::role_from_document(stored->document));
      role = parse_role(std::move(parsed));
      cache->insert(name, role, generation);
    }
    if (role->role.arn != arn) co_return Error(Errc::kNotFound, "there is no such role");
    co_return role;
  }

  Context context_of(const Identity& identity, RequestDetails details) const {
    Context out{
        {"aws:SecureTransport", "true"},         {"aws:PrincipalArn", identity.principal_arn()},
        {"aws:PrincipalAccount", place.account}, {"aws:PrincipalType", "AssumedRole"},
        {"aws:userid", identity.user_id()},      {"aws:RequestedRegion", place.region}};
    for (auto& one : details.context) out.push_back(std::move(one));
    return out;
  }
};

Authorizer::Authorizer(state::ResourceStore& resources, model::Place place, const Clock& clock)
    : impl_(std::make_unique<Impl>(resources, std::move(place), clock)) {}
Authorizer::~Authorizer() = default;

Task<Result<Identity>> Authorizer::assume_role(AssumeRoleRequest request) {
  auto loaded = co_await impl_->load(request.role_arn);
  if (!loaded.ok()) {
    if (loaded.error().code == Errc::kUnavailable) co_return std::move(loaded).error();
    co_return cannot_assume("the role is not there or cannot be read");
  }
  const ParsedRole& role = **loaded;

  Context context{{"aws:SourceAccount", impl_->place.account}};
  if (!request.source_arn.empty()) context.push_back({"aws:SourceArn", request.source_arn});
  if (role.trust == nullptr || !evaluate_trust(*role.trust, request.service, context).allowed())
    co_return cannot_assume("the role does not trust " + request.service);

  Identity out;
  out.kind_ = Identity::Kind::kRole;
  out.account_ = impl_->place.account;
  out.principal_arn_ = request.role_arn;
  out.expires_ = impl_->clock.wall() + request.life;
  if (!request.session_policy.empty()) {
    auto policy = PolicyDocument::parse(request.session_policy, PolicyKind::kIdentity);
    if (!policy.ok())
      co_return cannot_assume("the session policy cannot be read: " + policy.error().message);
    out.session_policy_ = std::move(policy).value();
  }
  const std::string session = request.session_name.substr(0, kMaxSessionName);
  out.role_arn_ = request.role_arn;
  out.caller_arn_ =
      "arn:aws:sts::" + impl_->place.account + ":assumed-role/" + role.role.name + "/" + session;
  out.user_id_ = role.role.id + ":" + session;
  co_return out;
}

Task<Result<Identity>> Authorizer::assume_role(Identity, AssumeRoleRequest) {
  co_return Error(Errc::kUnsupported, "not there yet");
}

Task<Result<Identity>> Authorizer::resume_role(AssumeRoleRequest, WallTime) {
  co_return Error(Errc::kUnsupported, "not there yet");
}

Task<Result<Identity>> Authorizer::user(std::string) {
  co_return Error(Errc::kUnsupported, "not there yet");
}

Task<Result<Decision>> Authorizer::decide(Identity identity, AccessQuestion question) {
  if (identity.is_root()) co_return evaluate({}, identity, {});
  auto loaded = co_await impl_->load(identity.role_arn());
  if (!loaded.ok()) {
    if (loaded.error().code == Errc::kUnavailable) co_return std::move(loaded).error();
    co_return access_denied("the role is not there or cannot be read");
  }
  const ParsedRole& role = **loaded;
  if (!role.readable) co_return access_denied("a policy of the role cannot be read");
  const AccessRequest request{std::move(question.action), std::move(question.resource),
                              impl_->context_of(identity, std::move(question.details))};
  const PolicySet policies{role.policies, identity.session_policy(), nullptr};
  co_return evaluate(policies, identity, request);
}

Task<Result<void>> Authorizer::check(Identity identity, AccessQuestion question) {
  const std::string sentence = "User: " + identity.caller_arn() +
                               " is not authorized to perform: " + question.action +
                               " on resource: " + question.resource;
  CO_TRY_ASSIGN(const Decision decision, co_await decide(std::move(identity), std::move(question)));
  if (decision.allowed()) co_return ok();
  co_return access_denied(sentence);
}

Task<Result<Permit>> Authorizer::authorize(Identity identity, Action action, std::string bucket,
                                           std::string key, RequestDetails details) {
  AccessQuestion question;
  question.action = action_name(action);
  question.resource = s3_resource(action, bucket, key);
  question.bucket = bucket;
  question.details = std::move(details);
  if (action_scope(action) == ActionScope::kPrefix)
    question.details.context.push_back({"s3:prefix", key});
  CO_TRY(co_await check(std::move(identity), std::move(question)));
  co_return Permit(action, std::move(bucket), std::move(key));
}

}  // namespace sallyport::iam
