#include "api/query/permission.h"

#include <fmt/format.h>

#include "api/query/entity.h"
#include "iam/authorizer.h"

namespace sallyport::api {

namespace {

constexpr std::size_t kMaxTagsAsked = 50;

struct Resource {
  std::string arn;
  std::vector<model::Tag> tags;
};

std::string new_arn(const QueryCall& call, std::string_view noun, std::string_view name_parameter) {
  const std::string_view path = call.form.find("Path").value_or("/");
  return iam_arn(call.context.place, noun, path, call.form.get(name_parameter));
}

std::string listing_arn(const QueryCall& call, std::string_view noun) {
  return iam_arn(call.context.place, noun, call.form.find("PathPrefix").value_or("/"), "");
}

// What is not there is asked about by the name that it would have.
template <class T>
Task<Outcome<Resource>> find_resource(const QueryCall& call, std::string name) {
  Resource out;
  out.arn = iam_arn(call.context.place, EntityWords<T>::kNoun, "/", name);
  auto found = co_await state::Repository<T>(call.context.resources).get("", std::move(name));
  if (!found.ok()) {
    if (found.error().code == Errc::kNotFound) co_return out;
    co_return std::move(found).error();
  }
  out.arn = found->value.arn;
  out.tags = std::move(found->value.tags);
  co_return out;
}

Task<Outcome<Resource>> find_policy_resource(const QueryCall& call) {
  Resource out;
  out.arn = call.form.get("PolicyArn");
  auto found = co_await state::Repository<model::ManagedPolicy>(call.context.resources)
                   .get("", policy_name_of(out.arn));
  if (found.ok() && found->value.arn == out.arn) out.tags = std::move(found->value.tags);
  if (!found.ok() && found.error().code != Errc::kNotFound) co_return std::move(found).error();
  co_return out;
}

Task<Outcome<Resource>> find_user_resource(const QueryCall& call) {
  const auto given = call.form.find("UserName");
  const iam::Identity& caller = call.caller.identity;
  if (!given && caller.kind() != iam::Identity::Kind::kUser)
    co_return Resource{iam_arn(call.context.place, "user", "/", ""), {}};
  std::string name(given ? *given : caller.user_name());
  co_return co_await find_resource<model::IamUser>(call, std::move(name));
}

Task<Outcome<Resource>> target_of(const QueryCall& call) {
  Resource out;
  switch (call.row.target) {
    case QueryTarget::kNone:
    case QueryTarget::kAll: out.arn = "*"; break;
    case QueryTarget::kRole:
      co_return co_await find_resource<model::Role>(call, std::string(call.form.get("RoleName")));
    case QueryTarget::kUser: co_return co_await find_user_resource(call);
    case QueryTarget::kPolicy: co_return co_await find_policy_resource(call);
    case QueryTarget::kNewRole: out.arn = new_arn(call, "role", "RoleName"); break;
    case QueryTarget::kNewUser: out.arn = new_arn(call, "user", "UserName"); break;
    case QueryTarget::kNewPolicy: out.arn = new_arn(call, "policy", "PolicyName"); break;
    case QueryTarget::kRoles: out.arn = listing_arn(call, "role"); break;
    case QueryTarget::kUsers: out.arn = listing_arn(call, "user"); break;
    case QueryTarget::kPolicies: out.arn = listing_arn(call, "policy"); break;
  }
  co_return out;
}

iam::RequestDetails details_of(const QueryCall& call, const std::vector<model::Tag>& tags) {
  iam::RequestDetails details = call.caller.details();
  const auto add = [&details](std::string key, std::string_view value) {
    details.context.push_back({std::move(key), std::string(value)});
  };
  const bool attaches = call.row.action.starts_with("Attach");
  if (attaches || call.row.action.starts_with("Detach"))
    add("iam:PolicyARN", call.form.get("PolicyArn"));
  for (const model::Tag& tag : tags) {
    add("aws:ResourceTag/" + tag.key, tag.value);
    add("iam:ResourceTag/" + tag.key, tag.value);
  }
  for (std::size_t i = 1; i <= kMaxTagsAsked; ++i) {
    const auto key = call.form.find(fmt::format("Tags.member.{}.Key", i));
    if (!key) break;
    add("aws:TagKeys", *key);
    add(fmt::format("aws:RequestTag/{}", *key),
        call.form.get(fmt::format("Tags.member.{}.Value", i)));
  }
  for (std::size_t i = 1; i <= kMaxTagsAsked; ++i) {
    const auto key = call.form.find(fmt::format("TagKeys.member.{}", i));
    if (!key) break;
    add("aws:TagKeys", *key);
  }
  return details;
}

Task<Outcome<Done>> ask(const QueryCall& call, Resource resource) {
  iam::AccessQuestion question;
  question.action =
      fmt::format("{}:{}", call.row.api == QueryApi::kIam ? "iam" : "sts", call.row.action);
  question.resource = std::move(resource.arn);
  question.details = details_of(call, resource.tags);
  iam::Identity identity = call.caller.identity;
  CO_TRY(co_await call.context.authorizer.check(std::move(identity), std::move(question)));
  co_return done();
}

}  // namespace

Task<Outcome<Done>> ask_permission(const QueryCall& call) {
  if (call.row.target == QueryTarget::kNone) co_return done();
  CO_TRY_ASSIGN(Resource resource, co_await target_of(call));
  co_return co_await ask(call, std::move(resource));
}

Task<Outcome<Done>> ask_permission(const QueryCall& call, std::string resource) {
  Resource asked;
  asked.arn = std::move(resource);
  co_return co_await ask(call, std::move(asked));
}

}  // namespace sallyport::api
