#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "api/query/actions.h"
#include "api/query/listing.h"
#include "api/query/policy_view.h"
#include "codec/percent_encoding.h"

namespace sallyport::api {

namespace {

using model::ManagedPolicy;
using model::PolicyVersion;

constexpr std::size_t kMaxVersions = 5;
constexpr TextRule kVersionId{1, 64, R"(v[1-9][0-9]*(\.[A-Za-z0-9-]*)?)"};

Fault no_such_version(const std::string& arn, const std::string& id) {
  return no_such_entity(
      fmt::format("Policy {} version {} does not exist or is not attachable.", arn, id));
}

// A policy that is not there has no version either: AWS says the same of both.
Fault about_version(Fault fault, const std::string& arn, const std::string& id) {
  return fault.code == Errc::kNotFound ? no_such_version(arn, id) : std::move(fault);
}

void write_version(codec::XmlWriter& xml, const ManagedPolicy& policy, const PolicyVersion& version,
                   bool with_document) {
  if (with_document) xml.element("Document", codec::percent_encode(version.document));
  xml.element("VersionId", version.id);
  xml.element_bool("IsDefaultVersion", version.id == policy.default_version);
  if (version.created != WallTime{}) xml.element("CreateDate", iam_time(version.created));
}

// The newest first, in the order of their bytes.
std::string listing_key(const PolicyVersion& version) {
  std::int64_t number = 0;
  const std::string_view digits = std::string_view(version.id).substr(1);
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return fmt::format("{:019}", std::numeric_limits<std::int64_t>::max() - number);
}

}  // namespace

Task<Outcome<Done>> create_policy_version(const QueryCall& call, codec::XmlWriter& xml) {
  Parameters read(call);
  const std::string arn = read.policy_arn();
  const std::string document = read.policy_document("PolicyDocument");
  const bool make_default = read.flag("SetAsDefault");
  CO_TRY(read.check());
  CO_TRY(check_managed_policy(document));
  ManagedPolicy changed;
  const Change<ManagedPolicy> add = [&](ManagedPolicy& policy, Steps&) -> Outcome<Done> {
    if (policy.versions.size() >= kMaxVersions) {
      return Fault(Errc::kLimitExceeded,
                   fmt::format("A managed policy can have up to {} versions. Before you create a "
                               "new version, you must delete an existing version.",
                               kMaxVersions));
    }
    PolicyVersion version{fmt::format("v{}", ++policy.last_version), document,
                          call.context.clock.wall()};
    policy.updated = version.created;
    if (make_default) policy.default_version = version.id;
    policy.versions.push_back(std::move(version));
    changed = policy;
    return done();
  };
  CO_TRY(co_await change(call.context, arn, add));
  xml.open("PolicyVersion");
  write_version(xml, changed, changed.versions.back(), false);
  xml.close();
  co_return done();
}

Task<Outcome<Done>> get_policy_version(const QueryCall& call, codec::XmlWriter& xml) {
  Parameters read(call);
  const std::string arn = read.policy_arn();
  const std::string id = read.text("VersionId", kVersionId);
  CO_TRY(read.check());
  auto stored = co_await load<ManagedPolicy>(call.context, arn);
  if (!stored.ok()) co_return about_version(std::move(stored).error(), arn, id);
  const PolicyVersion* version = stored->value.version(id);
  if (version == nullptr) co_return no_such_version(arn, id);
  xml.open("PolicyVersion");
  write_version(xml, stored->value, *version, true);
  xml.close();
  co_return done();
}

Task<Outcome<Done>> list_policy_versions(const QueryCall& call, codec::XmlWriter& xml) {
  Parameters read(call);
  const std::string arn = read.policy_arn();
  CO_TRY_ASSIGN(const auto page, read_page(call, read, arn));
  CO_TRY_ASSIGN(auto stored, co_await load<ManagedPolicy>(call.context, arn));
  auto& versions = stored.value.versions;
  std::sort(versions.begin(), versions.end(), [](const PolicyVersion& a, const PolicyVersion& b) {
    return listing_key(a) < listing_key(b);
  });
  write_page(call, xml, page, "Versions", versions, listing_key, [&](const PolicyVersion& version) {
    xml.open("member");
    write_version(xml, stored.value, version, false);
    xml.close();
  });
  co_return done();
}

Task<Outcome<Done>> delete_policy_version(const QueryCall& call, codec::XmlWriter&) {
  Parameters read(call);
  const std::string arn = read.policy_arn();
  const std::string id = read.text("VersionId", kVersionId);
  CO_TRY(read.check());
  auto stored = co_await load<ManagedPolicy>(call.context, arn);
  if (!stored.ok()) co_return about_version(std::move(stored).error(), arn, id);
  if (stored->version == 0) {
    co_return Fault(Errc::kPermissionDenied,
                    "Cannot delete policy versions for policies outside your own account.");
  }
  const Change<ManagedPolicy> remove = [&](ManagedPolicy& policy, Steps&) -> Outcome<Done> {
    if (policy.version(id) == nullptr) return no_such_version(arn, id);
    if (policy.default_version == id)
      return delete_conflict("Cannot delete the default version of a policy.");
    std::erase_if(policy.versions, [&id](const PolicyVersion& one) { return one.id == id; });
    return done();
  };
  co_return co_await change(call.context, arn, remove);
}

Task<Outcome<Done>> set_default_policy_version(const QueryCall& call, codec::XmlWriter&) {
  Parameters read(call);
  const std::string arn = read.policy_arn();
  const std::string id = read.text("VersionId", kVersionId);
  CO_TRY(read.check());
  const Change<ManagedPolicy> set = [&](ManagedPolicy& policy, Steps&) -> Outcome<Done> {
    if (policy.version(id) == nullptr) return no_such_version(arn, id);
    policy.default_version = id;
    policy.updated = call.context.clock.wall();
    return done();
  };
  auto changed = co_await change(call.context, arn, set);
  if (!changed.ok()) co_return about_version(std::move(changed).error(), arn, id);
  co_return done();
}

}  // namespace sallyport::api
