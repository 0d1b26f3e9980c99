#include "api/query/iam_forms.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "codec/percent_encoding.h"

namespace sallyport::api {

namespace {

constexpr int kConflictRetries = 8;

Fault validation_error(std::string message) {
  return {Errc::kInvalidArgument, std::move(message), "ValidationError"};
}

std::string lower_camel(std::string_view name) {
  std::string out(name);
  if (!out.empty() && out[0] >= 'A' && out[0] <= 'Z') out[0] = static_cast<char>(out[0] + 32);
  return out;
}

bool is_name_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("_+=,.@-").find(c) != std::string_view::npos;
}

}  // namespace

Outcome<std::string> read_required(const codec::Form& form, std::string_view parameter) {
  const auto value = form.find(parameter);
  if (!value) {
    return validation_error(fmt::format(
        "1 validation error detected: Value null at '{}' failed to satisfy constraint: Member must "
        "not be null",
        lower_camel(parameter)));
  }
  return std::string(*value);
}

Outcome<std::string> read_name(const codec::Form& form, std::string_view parameter,
                               std::size_t max_length) {
  TRY_ASSIGN(std::string name, read_required(form, parameter));
  if (name.empty() || name.size() > max_length) {
    return validation_error(fmt::format(
        "1 validation error detected: Value at '{}' failed to satisfy constraint: Member must have "
        "length {} than or equal to {}",
        lower_camel(parameter), name.empty() ? "greater" : "less", name.empty() ? 1 : max_length));
  }
  if (!std::all_of(name.begin(), name.end(), is_name_character)) {
    return validation_error(fmt::format(
        "The specified value for {} is invalid. It must contain only alphanumeric characters "
        "and/or the following: +=,.@_-",
        lower_camel(parameter)));
  }
  return name;
}

Outcome<IamPage> read_iam_page(const QueryContext& context, const codec::Form& form,
                               std::string_view listing) {
  IamPage page;
  if (const auto text = form.find("MaxItems")) {
    const auto [end, error] =
        std::from_chars(text->data(), text->data() + text->size(), page.limit);
    if (error != std::errc() || end != text->data() + text->size() || page.limit < 1 ||
        page.limit > 1000)
      return validation_error("MaxItems must be between 1 and 1000");
  }
  if (const auto marker = form.find("Marker")) {
    auto opened = context.tokens.open(*marker, listing);
    if (!opened.ok()) return validation_error("Invalid Marker");
    page.after = std::move(*opened);
  }
  return page;
}

Task<Outcome<state::Versioned<model::Role>>> load_role(const QueryContext& context,
                                                       std::string name) {
  auto found = co_await state::Repository<model::Role>(context.resources).get("", name);
  if (found.ok()) co_return std::move(found).value();
  if (found.error().code == Errc::kNotFound) {
    co_return Fault(Errc::kNotFound, fmt::format("The role with name {} cannot be found.", name));
  }
  co_return std::move(found).error();
}

Task<Outcome<Done>> change_role(const QueryContext& context, std::string name, RoleChange change) {
  for (int attempt = 0;; ++attempt) {
    CO_TRY_ASSIGN(auto stored, co_await load_role(context, name));
    CO_TRY(change(stored.value));
    auto updated = co_await state::Repository<model::Role>(context.resources)
                       .update(std::move(stored.value), stored.version);
    if (updated.ok()) co_return done();
    const bool moved =
        updated.error().code == Errc::kConflict || updated.error().code == Errc::kNotFound;
    if (!moved || attempt == kConflictRetries) co_return std::move(updated).error();
  }
}

void write_role(codec::XmlWriter& xml, const model::Role& role, bool with_tags) {
  // Whole seconds, as IAM has it.
  std::string created = to_iso8601_ms(role.created);
  if (const auto dot = created.find('.'); dot != std::string::npos)
    created = created.substr(0, dot) + "Z";
  xml.element("Path", role.path).element("RoleName", role.name).element("RoleId", role.id);
  xml.element("Arn", role.arn).element("CreateDate", created);
  xml.element("AssumeRolePolicyDocument", codec::percent_encode(role.assume_role_policy_document));
  if (!role.description.empty()) xml.element("Description", role.description);
  xml.element("MaxSessionDuration", role.max_session_duration);
  if (!with_tags || role.tags.empty()) return;
  xml.open("Tags");
  for (const auto& tag : role.tags)
    xml.open("member").element("Key", tag.key).element("Value", tag.value).close();
  xml.close();
}

}  // namespace sallyport::api
