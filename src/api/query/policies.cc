#include <fmt/format.h>

#include "api/query/actions.h"
#include "api/query/listing.h"
#include "api/query/policy_view.h"
#include "iam/managed_policies.h"

namespace sallyport::api {

namespace {

using model::ManagedPolicy;
using Policies = state::Repository<ManagedPolicy>;

constexpr std::size_t kMaxManagedPolicy = 6144;  // without white space
constexpr std::size_t kMaxDescription = 1000;

template <class T>
Task<Outcome<Done>> count_in(const QueryContext& context, Attachments& out) {
  const std::function<void(const T&)> count = [&out](const T& entity) {
    for (const std::string& arn : entity.attached_policy_arns) ++out[arn];
  };
  co_return co_await for_each(context, count);
}

std::int64_t count_of(const Attachments& attachments, const std::string& arn) {
  const auto found = attachments.find(arn);
  return found == attachments.end() ? 0 : found->second;
}

}  // namespace

Task<Outcome<Attachments>> count_attachments(const QueryContext& context) {
  Attachments out;
  CO_TRY(co_await count_in<model::Role>(context, out));
  CO_TRY(co_await count_in<model::IamUser>(context, out));
  co_return out;
}

void write_policy(codec::XmlWriter& xml, const ManagedPolicy& policy,
                  const Attachments& attachments, bool with_description) {
  xml.element("PolicyName", policy.name).element("PolicyId", policy.id);
  xml.element("Arn", policy.arn).element("Path", policy.path);
  xml.element("DefaultVersionId", policy.default_version);
  xml.element("AttachmentCount", count_of(attachments, policy.arn));
  xml.element("PermissionsBoundaryUsageCount", 0).element_bool("IsAttachable", true);
  if (with_description && !policy.description.empty())
    xml.element("Description", policy.description);
  if (policy.created == WallTime{}) return;  // of AWS
  xml.element("CreateDate", iam_time(policy.created));
  xml.element("UpdateDate", iam_time(policy.updated));
}

Outcome<Done> check_managed_policy(const std::string& document) {
  if (policy_size(document) > kMaxManagedPolicy) {
    return Fault(Errc::kLimitExceeded,
                 fmt::format("Cannot exceed quota for PolicySize: {}", kMaxManagedPolicy));
  }
  TRY(iam::PolicyDocument::parse(document, iam::PolicyKind::kIdentity));
  return done();
}

Task<Outcome<Done>> create_policy(const QueryCall& call, codec::XmlWriter& xml) {
  Parameters read(call);
  ManagedPolicy policy;
  policy.name = read.name("PolicyName", kMaxPolicyName);
  policy.path = read.policy_path().value_or("/");
  policy.description = read.optional_text("Description", {0, kMaxDescription}).value_or("");
  policy.tags = read.tags(false);
  std::string document = read.policy_document("PolicyDocument");
  CO_TRY(read.check());
  CO_TRY(check_managed_policy(document));
  policy.id = new_entity_id(call.context.random, "ANPA");
  policy.arn = iam_arn(call.context.place, "policy", policy.path, policy.name);
  policy.created = policy.updated = call.context.clock.wall();
  policy.versions = {{policy.default_version, std::move(document), policy.created}};

  CO_TRY_ASSIGN(const bool stored, co_await insert_new(call.context, policy));
  if (!stored) {
    co_return Fault(Errc::kAlreadyExists,
                    fmt::format("A policy called {} already exists. Duplicate names are not "
                                "allowed.",
                                policy.name));
  }
  xml.open("Policy");
  write_policy(xml, policy, {}, false);
  write_tags(xml, policy.tags);
  xml.close();
  co_return done();
}

Task<Outcome<Done>> get_policy(const QueryCall& call, codec::XmlWriter& xml) {
  Parameters read(call);
  const std::string arn = read.policy_arn();
  CO_TRY(read.check());
  CO_TRY_ASSIGN(const auto stored, co_await load<ManagedPolicy>(call.context, arn));
  CO_TRY_ASSIGN(const auto attachments, co_await count_attachments(call.context));
  xml.open("Policy");
  write_policy(xml, stored.value, attachments, true);
  write_tags(xml, stored.value.tags);
  xml.close();
  co_return done();
}

namespace {

// What a listing of policies asks for.
struct PolicyFilter {
  std::string scope;
  std::string prefix;
  bool only_attached = false;
  bool as_boundary = false;

  bool covers(const ManagedPolicy& policy, const Attachments& attachments) const {
    return !as_boundary && policy.path.starts_with(prefix) &&
           (!only_attached || count_of(attachments, policy.arn) > 0);
  }
};

// AWS's own, then the customer's by name: where a page ends is "aws/<arn>" or "own/<name>".
constexpr std::string_view kAws = "aws/", kOwn = "own/";

}  // namespace

Task<Outcome<Done>> list_policies(const QueryCall& call, codec::XmlWriter& xml) {
  Parameters read(call);
  PolicyFilter filter;
  filter.scope = read.one_of("Scope", {"All", "AWS", "Local"}).value_or("All");
  filter.prefix = read.path_prefix();
  filter.only_attached = read.flag("OnlyAttached");
  filter.as_boundary =
      read.one_of("PolicyUsageFilter", {"PermissionsPolicy", "PermissionsBoundary"}) ==
      "PermissionsBoundary";
  CO_TRY_ASSIGN(const auto page, read_page(call, read, filter.scope));
  CO_TRY_ASSIGN(const auto attachments, co_await count_attachments(call.context));

  std::vector<ManagedPolicy> found;
  std::string last = page.after;
  bool more = false;
  std::uint32_t looked_at = 0;
  if (filter.scope != "Local" && !last.starts_with(kOwn)) {
    std::vector<std::string> arns;
    for (const auto& known : iam::managed_policies()) arns.emplace_back(known.arn);
    std::sort(arns.begin(), arns.end());
    for (const std::string& arn : arns) {
      if (std::string(kAws) + arn <= page.after) continue;
      if (looked_at == page.limit) {
        more = true;
        break;
      }
      CO_TRY_ASSIGN(auto policy, co_await load<ManagedPolicy>(call.context, arn));
      found.push_back(std::move(policy.value));
      last = std::string(kAws) + arn;
      ++looked_at;
    }
  }
  if (filter.scope != "AWS" && !more) {
    const std::string after = last.starts_with(kOwn) ? last.substr(kOwn.size()) : "";
    CO_TRY_ASSIGN(
        auto own,
        co_await Policies(call.context.resources).list("", after, page.limit - looked_at));
    more = own.more;
    for (auto& item : own.items) {
      last = std::string(kOwn) + item.value.name;
      found.push_back(std::move(item.value));
    }
  }
  xml.open("Policies");
  for (const ManagedPolicy& policy : found) {
    if (!filter.covers(policy, attachments)) continue;
    xml.open("member");
    write_policy(xml, policy, attachments, false);
    xml.close();
  }
  xml.close();
  write_truncation(call, xml, page, more, last);
  co_return done();
}

Task<Outcome<Done>> delete_policy(const QueryCall& call, codec::XmlWriter&) {
  Parameters read(call);
  const std::string arn = read.policy_arn();
  CO_TRY(read.check());
  const Attempt attempt = [&]() -> Task<Outcome<Done>> {
    CO_TRY_ASSIGN(const auto stored, co_await load<ManagedPolicy>(call.context, arn));
    if (stored.version == 0) {
      co_return Fault(Errc::kPermissionDenied, "Cannot delete policies outside your own account.");
    }
    CO_TRY_ASSIGN(const auto attachments, co_await count_attachments(call.context));
    if (count_of(attachments, arn) > 0)
      co_return delete_conflict("Cannot delete a policy attached to entities.");
    if (stored.value.versions.size() > 1) {
      co_return delete_conflict(
          "This policy has more than one version. Before you delete a policy, you must delete the "
          "policy's versions. The default version is deleted with the policy.");
    }
    co_return co_await commit(call.context, removal_of(stored));
  };
  co_return co_await retried(attempt);
}

}  // namespace sallyport::api
