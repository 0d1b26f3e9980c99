#include "iam/authorizer.h"

#include "iam/authorizer_impl.h"
#include "iam/denial.h"

namespace sallyport::iam {

namespace {

Error access_denied(std::string message) {
  return Error(Errc::kPermissionDenied, std::move(message), "AccessDenied");
}

std::string_view principal_type(Identity::Kind kind) {
  switch (kind) {
    case Identity::Kind::kRoot: return "Account";
    case Identity::Kind::kUser: return "User";
    case Identity::Kind::kRole: return "AssumedRole";
    case Identity::Kind::kAnonymous: break;
  }
  return "Anonymous";
}

}  // namespace

Context Authorizer::Impl::context_of(const Identity& identity, const ParsedPrincipal* principal,
                                     RequestDetails details) const {
  Context out = std::move(details.context);
  const auto add = [&out](std::string_view key, std::string_view value) {
    out.push_back({std::string(key), std::string(value)});
  };
  add("aws:RequestedRegion", place.region);
  add("aws:PrincipalType", principal_type(identity.kind()));
  add("aws:PrincipalIsAWSService", "false");
  add("aws:ViaAWSService", "false");
  if (identity.kind() == Identity::Kind::kAnonymous) {
    add("aws:userid", "anonymous");
    return out;
  }
  add("aws:PrincipalArn", identity.principal_arn());
  add("aws:PrincipalAccount", identity.account());
  add("aws:userid", identity.user_id());
  if (identity.kind() == Identity::Kind::kUser) add("aws:username", identity.user_name());
  if (identity.kind() == Identity::Kind::kRole) {
    add("aws:MultiFactorAuthPresent", "false");
    add("aws:TokenIssueTime", to_iso8601_ms(identity.issued()));
  }
  if (principal != nullptr)
    for (const model::Tag& tag : principal->tags) add("aws:PrincipalTag/" + tag.key, tag.value);
  return out;
}

Task<Result<PrincipalPtr>> Authorizer::Impl::role(std::string arn) {
  CO_TRY_ASSIGN(PrincipalPtr found, co_await stored.role(std::string(last_component(arn))));
  if (found->arn != arn) co_return Error(Errc::kNotFound, "there is no such role");
  co_return found;
}

Task<Result<PrincipalPtr>> Authorizer::Impl::principal(const Identity& identity) {
  const Error gone(Errc::kNotFound, "the caller's role or user is not there any more");
  switch (identity.kind()) {
    case Identity::Kind::kRoot:
    case Identity::Kind::kAnonymous: break;
    case Identity::Kind::kUser: {
      CO_TRY_ASSIGN(PrincipalPtr found, co_await stored.user(identity.user_name()));
      if (found->arn != identity.principal_arn() || found->id != identity.user_id()) co_return gone;
      co_return found;
    }
    case Identity::Kind::kRole: {
      CO_TRY_ASSIGN(PrincipalPtr found, co_await role(identity.role_arn()));
      if (!identity.user_id().starts_with(found->id + ":")) co_return gone;
      co_return found;
    }
  }
  co_return PrincipalPtr();
}

Task<Result<void>> Authorizer::Impl::add_object_tags(const PolicySet& policies,
                                                     const std::string& bucket,
                                                     RequestDetails& details) {
  if (details.object_tags == nullptr) co_return ok();
  bool asked = (policies.session != nullptr && policies.session->asks_object_tags()) ||
               (policies.resource != nullptr && policies.resource->asks_object_tags());
  for (const NamedPolicy& one : policies.identity) asked |= one.document->asks_object_tags();
  if (!asked) co_return ok();
  const Action action =
      details.object_version.empty() ? Action::kGetObjectTagging : Action::kGetObjectVersionTagging;
  Permit permit(action, bucket, details.object_key);
  CO_TRY_ASSIGN(const auto tags, co_await details.object_tags->object_tags(std::move(permit),
                                                                           details.object_version));
  for (const auto& [key, value] : tags)
    details.context.push_back({"s3:ExistingObjectTag/" + key, value});
  co_return ok();
}

Task<Result<Decision>> Authorizer::Impl::decide(const Identity& identity, AccessQuestion question) {
  auto loaded = co_await principal(identity);
  if (!loaded.ok()) {
    if (loaded.error().code == Errc::kUnavailable) co_return std::move(loaded).error();
    co_return access_denied("the caller's role or user is not there or cannot be read");
  }
  const PrincipalPtr whose = std::move(*loaded);
  if (whose != nullptr && !whose->readable)
    co_return access_denied("a policy of the caller's role or user cannot be read");

  PolicySet policies;
  if (whose != nullptr) policies.identity = whose->policies;
  policies.session = identity.session_policy();
  BucketPolicyPtr bucket;
  if (!question.bucket.empty()) {
    CO_TRY_ASSIGN(bucket, co_await stored.bucket(question.bucket));
    if (!bucket->readable && !identity.is_root())
      co_return access_denied("the bucket's policy cannot be read");
    policies.resource = bucket->document.get();
  }
  CO_TRY(co_await add_object_tags(policies, question.bucket, question.details));
  const AccessRequest request{std::move(question.action), std::move(question.resource),
                              context_of(identity, whose.get(), std::move(question.details))};
  co_return evaluate(policies, identity, request);
}

Authorizer::Authorizer(state::ResourceStore& resources, model::Place place, const Clock& clock)
    : impl_(std::make_unique<Impl>(resources, std::move(place), clock)) {}
Authorizer::~Authorizer() = default;

Task<Result<Identity>> Authorizer::user(std::string user_name) {
  CO_TRY_ASSIGN(const PrincipalPtr found, co_await impl_->stored.user(std::move(user_name)));
  Identity out;
  out.kind_ = Identity::Kind::kUser;
  out.account_ = impl_->place.account;
  out.principal_arn_ = found->arn;
  out.caller_arn_ = found->arn;
  out.user_id_ = found->id;
  out.user_name_ = found->name;
  co_return out;
}

Task<Result<Decision>> Authorizer::decide(Identity identity, AccessQuestion question) {
  co_return co_await impl_->decide(identity, std::move(question));
}

Task<Result<void>> Authorizer::check(Identity identity, AccessQuestion question) {
  const std::string action = question.action;
  const std::string resource = question.resource;
  auto decision = co_await impl_->decide(identity, std::move(question));
  if (!decision.ok() && decision.error().code != Errc::kPermissionDenied)
    co_return std::move(decision).error();
  if (decision.ok() && decision->allowed()) co_return ok();
  co_return access_denied(
      denial_sentence(identity, action, resource, decision.ok() ? *decision : Decision{}));
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

Permit Authorizer::delegate(std::shared_ptr<const AssumeRoleRequest> session, Action action,
                            std::string bucket, std::string key) {
  return Permit(action, std::move(bucket), std::move(key), std::move(session));
}

}  // namespace sallyport::iam
