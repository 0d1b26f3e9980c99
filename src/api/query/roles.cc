#include <fmt/format.h>

#include "api/query/actions.h"
#include "api/query/entity.h"
#include "api/query/listing.h"
#include "codec/percent_encoding.h"

namespace sallyport::api {

namespace {

using model::Role;
using Roles = state::Repository<Role>;

constexpr std::size_t kMaxTrustPolicy = 2048;  // without white space
constexpr TextRule kDescription{0, 1000, R"([\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*)"};
constexpr std::int64_t kMinSession = 3600, kMaxSession = 43200;

Outcome<Done> check_trust_policy(const std::string& document) {
  if (policy_size(document) > kMaxTrustPolicy) {
    return Fault(Errc::kLimitExceeded,
                 fmt::format("Cannot exceed quota for ACLSizePerRole: {}", kMaxTrustPolicy));
  }
  TRY(iam::PolicyDocument::parse(document, iam::PolicyKind::kTrust));
  return done();
}

void write_role(codec::XmlWriter& xml, const Role& role, bool with_tags) {
  xml.element("Path", role.path).element("RoleName", role.name).element("RoleId", role.id);
  xml.element("Arn", role.arn).element("CreateDate", iam_time(role.created));
  xml.element("AssumeRolePolicyDocument", codec::percent_encode(role.assume_role_policy_document));
  if (!role.description.empty()) xml.element("Description", role.description);
  xml.element("MaxSessionDuration", role.max_session_duration);
  if (with_tags) write_tags(xml, role.tags);
}

Outcome<Role> read_role(const QueryCall& call) {
  Parameters read(call);
  Role role;
  role.name = read.name("RoleName", kMaxRoleName);
  role.path = read.path("Path").value_or("/");
  role.assume_role_policy_document = read.policy_document("AssumeRolePolicyDocument");
  role.description = read.optional_text("Description", kDescription).value_or("");
  role.max_session_duration =
      read.number("MaxSessionDuration", kMinSession, kMaxSession).value_or(kMinSession);
  role.tags = read.tags(true);
  read.refuse("PermissionsBoundary");
  TRY(read.check());
  TRY(check_trust_policy(role.assume_role_policy_document));
  role.id = new_entity_id(call.context.random, "AROA");
  role.arn = iam_arn(call.context.place, "role", role.path, role.name);
  role.created = call.context.clock.wall();
  return role;
}

}  // namespace

Task<Outcome<Done>> create_role(const QueryCall& call, codec::XmlWriter& xml) {
  CO_TRY_ASSIGN(const auto role, read_role(call));
  CO_TRY_ASSIGN(const bool stored, co_await insert_new(call.context, role));
  if (!stored) {
    co_return Fault(Errc::kAlreadyExists,
                    fmt::format("Role with name {} already exists.", role.name));
  }
  xml.open("Role");
  write_role(xml, role, true);
  xml.close();
  co_return done();
}

Task<Outcome<Done>> get_role(const QueryCall& call, codec::XmlWriter& xml) {
  Parameters read(call);
  const std::string name = read.name("RoleName", kMaxRoleName);
  CO_TRY(read.check());
  CO_TRY_ASSIGN(const auto stored, co_await load<Role>(call.context, name));
  xml.open("Role");
  write_role(xml, stored.value, true);
  xml.close();
  co_return done();
}

Task<Outcome<Done>> list_roles(const QueryCall& call, codec::XmlWriter& xml) {
  Parameters read(call);
  const std::string prefix = read.path_prefix();
  CO_TRY_ASSIGN(const auto wanted, read_page(call, read));
  CO_TRY_ASSIGN(const auto page,
                co_await Roles(call.context.resources).list("", wanted.after, wanted.limit));
  xml.open("Roles");
  for (const auto& role : page.items) {
    if (!role.value.path.starts_with(prefix)) continue;
    xml.open("member");
    write_role(xml, role.value, false);
    xml.close();
  }
  xml.close();
  write_truncation(call, xml, wanted, page.more,
                   page.items.empty() ? "" : page.items.back().value.name);
  co_return done();
}

Task<Outcome<Done>> update_role(const QueryCall& call, codec::XmlWriter&) {
  Parameters read(call);
  const std::string name = read.name("RoleName", kMaxRoleName);
  const auto description = read.optional_text("Description", kDescription);
  const auto duration = read.number("MaxSessionDuration", kMinSession, kMaxSession);
  CO_TRY(read.check());
  const Change<Role> update = [&](Role& role, Steps&) {
    if (description) role.description = *description;
    if (duration) role.max_session_duration = *duration;
    return done();
  };
  co_return co_await change(call.context, name, update);
}

Task<Outcome<Done>> update_role_description(const QueryCall& call, codec::XmlWriter& xml) {
  Parameters read(call);
  const std::string name = read.name("RoleName", kMaxRoleName);
  const std::string description = read.text("Description", kDescription);
  CO_TRY(read.check());
  Role updated;
  const Change<Role> update = [&](Role& role, Steps&) {
    role.description = description;
    updated = role;
    return done();
  };
  CO_TRY(co_await change(call.context, name, update));
  xml.open("Role");
  write_role(xml, updated, false);
  xml.close();
  co_return done();
}

Task<Outcome<Done>> update_assume_role_policy(const QueryCall& call, codec::XmlWriter&) {
  Parameters read(call);
  const std::string name = read.name("RoleName", kMaxRoleName);
  const std::string document = read.policy_document("PolicyDocument");
  CO_TRY(read.check());
  CO_TRY(check_trust_policy(document));
  const Change<Role> update = [&document](Role& role, Steps&) {
    role.assume_role_policy_document = document;
    return done();
  };
  co_return co_await change(call.context, name, update);
}

Task<Outcome<Done>> delete_role(const QueryCall& call, codec::XmlWriter&) {
  Parameters read(call);
  const std::string name = read.name("RoleName", kMaxRoleName);
  CO_TRY(read.check());
  const Attempt attempt = [&]() -> Task<Outcome<Done>> {
    CO_TRY_ASSIGN(const auto stored, co_await load<Role>(call.context, name));
    CO_TRY(has_no_policies(stored.value));
    co_return co_await commit(call.context, removal_of(stored));
  };
  co_return co_await retried(attempt);
}

}  // namespace sallyport::api
