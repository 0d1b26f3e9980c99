#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "api/query/iam_forms.h"
#include "iam/policy.h"

namespace sallyport::api {

namespace {

using Roles = state::Repository<model::Role>;

constexpr std::size_t kMaxRoleName = 64;
constexpr std::size_t kMaxPath = 512;
constexpr std::size_t kMaxDescription = 1000;
constexpr int kMaxTags = 50;

Fault validation_error(std::string message) {
  return {Errc::kInvalidArgument, std::move(message), "ValidationError"};
}

// "AROA" and 17 upper-case letters or digits.
std::string new_role_id(Random& random) {
  static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::array<std::uint8_t, 17> bytes;
  random.fill(bytes);
  std::string id = "AROA";
  for (const auto byte : bytes) id += kAlphabet[byte % kAlphabet.size()];
  return id;
}

Outcome<std::string> read_path(const codec::Form& form) {
  const auto given = form.find("Path");
  if (!given) return std::string("/");
  const bool printable =
      std::all_of(given->begin(), given->end(), [](char c) { return c >= '!' && c <= '~'; });
  if (given->size() > kMaxPath || !printable || !given->starts_with('/') || !given->ends_with('/'))
    return validation_error(
        "The specified value for path is invalid. It must begin and end with / and contain only "
        "alphanumeric characters and/or / characters.");
  return std::string(*given);
}

Outcome<std::int64_t> read_session_duration(const codec::Form& form) {
  std::int64_t seconds = 3600;
  const auto given = form.find("MaxSessionDuration");
  if (!given) return seconds;
  const auto [end, error] = std::from_chars(given->data(), given->data() + given->size(), seconds);
  if (error != std::errc() || end != given->data() + given->size() || seconds < 3600 ||
      seconds > 43200)
    return validation_error("MaxSessionDuration must be between 3600 and 43200 seconds");
  return seconds;
}

Outcome<std::vector<model::Tag>> read_role_tags(const codec::Form& form) {
  std::vector<model::Tag> tags;
  for (int i = 1;; ++i) {
    const auto key = form.find(fmt::format("Tags.member.{}.Key", i));
    if (!key) return tags;
    if (i > kMaxTags || key->empty() || key->size() > 128)
      return validation_error("A role has at most 50 tags, with keys of 1 to 128 characters");
    for (const auto& tag : tags)
      if (tag.key == *key) return validation_error("Duplicate tag keys found.");
    tags.push_back(
        {std::string(*key), std::string(form.get(fmt::format("Tags.member.{}.Value", i)))});
  }
}

Outcome<std::string> read_trust_policy(const codec::Form& form, std::string_view parameter) {
  TRY_ASSIGN(std::string document, read_required(form, parameter));
  TRY(iam::PolicyDocument::parse(document, iam::PolicyKind::kTrust));
  return document;
}

Outcome<model::Role> read_role(const QueryContext& context, const codec::Form& form) {
  model::Role role;
  TRY_ASSIGN(role.name, read_name(form, "RoleName", kMaxRoleName));
  TRY_ASSIGN(role.path, read_path(form));
  TRY_ASSIGN(role.assume_role_policy_document, read_trust_policy(form, "AssumeRolePolicyDocument"));
  TRY_ASSIGN(role.max_session_duration, read_session_duration(form));
  TRY_ASSIGN(role.tags, read_role_tags(form));
  role.description = form.get("Description");
  if (role.description.size() > kMaxDescription)
    return validation_error("Description must have length less than or equal to 1000");
  // To take it and not to apply it would grant more than was asked for.
  if (form.contains("PermissionsBoundary"))
    return validation_error("PermissionsBoundary is not available in this version of Sallyport.");
  role.id = new_role_id(context.random);
  role.arn = context.place.role_arn(role.path, role.name);
  role.created = context.clock.wall();
  return role;
}

}  // namespace

Task<Outcome<Done>> create_role(const QueryCall& call, codec::XmlWriter& xml) {
  const QueryContext& context = call.context;
  const codec::Form& form = call.form;
  CO_TRY_ASSIGN(const auto role, read_role(context, form));
  auto inserted = co_await Roles(context.resources).insert(role);
  if (!inserted.ok()) {
    if (inserted.error().code != Errc::kAlreadyExists) co_return std::move(inserted).error();
    co_return Fault(Errc::kAlreadyExists,
                    fmt::format("Role with name {} already exists.", role.name));
  }
  xml.open("Role");
  write_role(xml, role, true);
  xml.close();
  co_return done();
}

Task<Outcome<Done>> get_role(const QueryCall& call, codec::XmlWriter& xml) {
  const QueryContext& context = call.context;
  const codec::Form& form = call.form;
  CO_TRY_ASSIGN(const auto name, read_name(form, "RoleName", kMaxRoleName));
  CO_TRY_ASSIGN(const auto stored, co_await load_role(context, name));
  xml.open("Role");
  write_role(xml, stored.value, true);
  xml.close();
  co_return done();
}

Task<Outcome<Done>> list_roles(const QueryCall& call, codec::XmlWriter& xml) {
  const QueryContext& context = call.context;
  const codec::Form& form = call.form;
  constexpr std::string_view kListing = "ListRoles";
  CO_TRY_ASSIGN(const auto wanted, read_iam_page(context, form, kListing));
  const std::string prefix(form.get("PathPrefix"));
  CO_TRY_ASSIGN(const auto page,
                co_await Roles(context.resources).list("", wanted.after, wanted.limit));
  xml.open("Roles");
  for (const auto& role : page.items) {
    if (!role.value.path.starts_with(prefix)) continue;
    xml.open("member");
    write_role(xml, role.value, false);
    xml.close();
  }
  xml.close().element_bool("IsTruncated", page.more);
  if (page.more) xml.element("Marker", context.tokens.make(kListing, page.items.back().value.name));
  co_return done();
}

Task<Outcome<Done>> delete_role(const QueryCall& call, codec::XmlWriter&) {
  const QueryContext& context = call.context;
  const codec::Form& form = call.form;
  CO_TRY_ASSIGN(const auto name, read_name(form, "RoleName", kMaxRoleName));
  CO_TRY_ASSIGN(const auto stored, co_await load_role(context, name));
  if (!stored.value.inline_policies.empty()) {
    co_return Fault(Errc::kConflict, "Cannot delete entity, must delete policies first.",
                    "DeleteConflict");
  }
  if (!stored.value.attached_policy_arns.empty()) {
    co_return Fault(Errc::kConflict, "Cannot delete entity, must detach all policies first.",
                    "DeleteConflict");
  }
  auto removed = co_await Roles(context.resources).remove("", name);
  if (!removed.ok() && removed.error().code != Errc::kNotFound)
    co_return std::move(removed).error();
  co_return done();
}

Task<Outcome<Done>> update_assume_role_policy(const QueryCall& call, codec::XmlWriter&) {
  const QueryContext& context = call.context;
  const codec::Form& form = call.form;
  CO_TRY_ASSIGN(const auto name, read_name(form, "RoleName", kMaxRoleName));
  CO_TRY_ASSIGN(const auto document, read_trust_policy(form, "PolicyDocument"));
  co_return co_await change_role(context, name, [&document](model::Role& role) {
    role.assume_role_policy_document = document;
    return done();
  });
}

Task<Outcome<Done>> list_instance_profiles_for_role(const QueryCall& call, codec::XmlWriter& xml) {
  const QueryContext& context = call.context;
  const codec::Form& form = call.form;
  CO_TRY_ASSIGN(const auto name, read_name(form, "RoleName", kMaxRoleName));
  CO_TRY(co_await load_role(context, name));
  xml.open("InstanceProfiles").close().element_bool("IsTruncated", false);
  co_return done();
}

Task<Outcome<Done>> get_caller_identity(const QueryCall& call, codec::XmlWriter& xml) {
  const iam::Identity& who = call.caller.identity;
  xml.element("Arn", who.caller_arn()).element("UserId", who.user_id());
  xml.element("Account", who.account());
  co_return done();
}

}  // namespace sallyport::api
