#include <fmt/format.h>

#include <algorithm>

#include "api/query/actions.h"
#include "api/query/entity.h"
#include "api/query/listing.h"

namespace sallyport::api {

namespace {

using model::ManagedPolicy;
using Policies = state::Repository<ManagedPolicy>;

constexpr std::size_t kMaxAttached = 10;

Fault not_attachable(const std::string& arn) {
  return no_such_entity(fmt::format("Policy {} does not exist or is not attachable.", arn));
}

template <class T>
Task<Outcome<Done>> attach_once(const QueryContext& context, std::string name, std::string arn) {
  CO_TRY_ASSIGN(auto stored, co_await load<T>(context, name));
  auto policy = co_await load<ManagedPolicy>(context, arn);
  if (!policy.ok() && policy.error().code == Errc::kNotFound) co_return not_attachable(arn);
  if (!policy.ok()) co_return std::move(policy).error();

  auto& attached = stored.value.attached_policy_arns;
  if (std::find(attached.begin(), attached.end(), arn) != attached.end()) co_return done();
  if (attached.size() >= kMaxAttached) {
    co_return Fault(Errc::kLimitExceeded, fmt::format("Cannot exceed quota for {}: {}",
                                                      EntityWords<T>::kAttachQuota, kMaxAttached));
  }
  attached.push_back(arn);
  Steps steps{state::Repository<T>::updating(stored.value, stored.version)};
  // Who deletes the policy at the same time sees that it was touched.
  if (policy->version > 0) steps.push_back(Policies::updating(policy->value, policy->version));
  co_return co_await commit(context, std::move(steps));
}

}  // namespace

template <class T>
Task<Outcome<Done>> attach_policy(const QueryCall& call, codec::XmlWriter&) {
  Parameters read(call);
  const std::string name = EntityWords<T>::read(read);
  const std::string arn = read.policy_arn();
  CO_TRY(read.check());
  const Attempt attempt = [&]() { return attach_once<T>(call.context, name, arn); };
  co_return co_await retried(attempt);
}

template <class T>
Task<Outcome<Done>> detach_policy(const QueryCall& call, codec::XmlWriter&) {
  Parameters read(call);
  const std::string name = EntityWords<T>::read(read);
  const std::string arn = read.policy_arn();
  CO_TRY(read.check());
  const Change<T> detach = [&arn](T& entity, Steps&) -> Outcome<Done> {
    if (std::erase(entity.attached_policy_arns, arn) == 0)
      return no_such_entity(fmt::format("Policy {} was not found.", arn));
    return done();
  };
  co_return co_await change(call.context, name, detach);
}

template <class T>
Task<Outcome<Done>> list_attached_policies(const QueryCall& call, codec::XmlWriter& xml) {
  Parameters read(call);
  const std::string name = EntityWords<T>::read(read);
  const std::string prefix = read.path_prefix();
  CO_TRY_ASSIGN(const auto page, read_page(call, read, name));
  CO_TRY_ASSIGN(auto stored, co_await load<T>(call.context, name));
  auto& arns = stored.value.attached_policy_arns;
  std::erase_if(arns, [&prefix](const std::string& arn) {
    const auto path = arn.find('/');
    return path != std::string::npos && !std::string_view(arn).substr(path).starts_with(prefix);
  });
  std::sort(arns.begin(), arns.end());
  write_page(
      call, xml, page, "AttachedPolicies", arns,
      [](const std::string& arn) -> const std::string& { return arn; },
      [&xml](const std::string& arn) {
        xml.open("member").element("PolicyName", policy_name_of(arn)).element("PolicyArn", arn);
        xml.close();
      });
  co_return done();
}

template Task<Outcome<Done>> attach_policy<model::Role>(const QueryCall&, codec::XmlWriter&);
template Task<Outcome<Done>> attach_policy<model::IamUser>(const QueryCall&, codec::XmlWriter&);
template Task<Outcome<Done>> detach_policy<model::Role>(const QueryCall&, codec::XmlWriter&);
template Task<Outcome<Done>> detach_policy<model::IamUser>(const QueryCall&, codec::XmlWriter&);
template Task<Outcome<Done>> list_attached_policies<model::Role>(const QueryCall&,
                                                                 codec::XmlWriter&);
template Task<Outcome<Done>> list_attached_policies<model::IamUser>(const QueryCall&,
                                                                    codec::XmlWriter&);

namespace {

// One to whom a policy is attached.
struct Holder {
  std::string key;  // "role/<name>" or "user/<name>", the order of the listing
  std::string name;
  std::string id;
};

template <class T>
Task<Outcome<Done>> add_holders(const QueryContext& context, std::string arn, std::string prefix,
                                std::vector<Holder>& out) {
  const std::function<void(const T&)> look = [&](const T& entity) {
    const auto& attached = entity.attached_policy_arns;
    if (std::find(attached.begin(), attached.end(), arn) == attached.end()) return;
    if (!entity.path.starts_with(prefix)) return;
    out.push_back(
        {fmt::format("{}/{}", EntityWords<T>::kNoun, entity.name), entity.name, entity.id});
  };
  co_return co_await for_each(context, look);
}

template <class T>
void write_holders(codec::XmlWriter& xml, std::string_view list, std::string_view prefix,
                   const std::vector<Holder>& holders) {
  xml.open(list);
  for (const Holder& holder : holders) {
    if (!holder.key.starts_with(EntityWords<T>::kNoun)) continue;
    xml.open("member").element(EntityWords<T>::kParameter, holder.name);
    xml.element(fmt::format("{}Id", prefix), holder.id).close();
  }
  xml.close();
}

}  // namespace

Task<Outcome<Done>> list_entities_for_policy(const QueryCall& call, codec::XmlWriter& xml) {
  Parameters read(call);
  const std::string arn = read.policy_arn();
  const std::string prefix = read.path_prefix();
  const auto kind = read.one_of(
      "EntityFilter", {"User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"});
  const auto usage = read.one_of("PolicyUsageFilter", {"PermissionsPolicy", "PermissionsBoundary"});
  CO_TRY_ASSIGN(const auto page, read_page(call, read, arn));
  const auto policy = co_await load<ManagedPolicy>(call.context, arn);
  if (!policy.ok() && policy.error().code == Errc::kNotFound) co_return not_attachable(arn);
  if (!policy.ok()) co_return policy.error();

  std::vector<Holder> holders;
  const bool permissions = usage != "PermissionsBoundary";
  if (permissions && kind.value_or("Role") == "Role")
    CO_TRY(co_await add_holders<model::Role>(call.context, arn, prefix, holders));
  if (permissions && kind.value_or("User") == "User")
    CO_TRY(co_await add_holders<model::IamUser>(call.context, arn, prefix, holders));
  std::erase_if(holders, [&page](const Holder& holder) { return holder.key <= page.after; });
  const bool more = holders.size() > page.limit;
  if (more) holders.resize(page.limit);

  xml.open("PolicyGroups").close();
  write_holders<model::IamUser>(xml, "PolicyUsers", "User", holders);
  write_holders<model::Role>(xml, "PolicyRoles", "Role", holders);
  write_truncation(call, xml, page, more, holders.empty() ? "" : holders.back().key);
  co_return done();
}

}  // namespace sallyport::api
