#include "iam/policy_principals.h"

#include <algorithm>

#include "iam/condition_values.h"
#include "iam/identity.h"

namespace sallyport::iam {

namespace {

constexpr std::size_t kAccountDigits = 12;
constexpr std::size_t kShortestId = 16, kLongestId = 128;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_account(std::string_view text) {
  return text.size() == kAccountDigits && std::all_of(text.begin(), text.end(), is_digit);
}

// A unique id of IAM ("IAM identifiers"): what a principal turns into when its owner is deleted.
bool is_unique_id(std::string_view text) {
  return text.size() >= kShortestId && text.size() <= kLongestId && text.front() == 'A' &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_digit(c) || (c >= 'A' && c <= 'Z'); });
}

bool is_service(std::string_view text) {
  return text.find('.') != std::string_view::npos &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
                  c == '-';
         });
}

Error refuse(std::string_view value, std::string_view why) {
  return Error(Errc::kInvalidArgument, "\"" + std::string(value) + "\" " + std::string(why));
}

// "name" behind "user/", with something behind it.
bool names_one(std::string_view resource, std::string_view type) {
  return resource.size() > type.size() && resource.starts_with(type) && !resource.ends_with('/');
}

bool names_session(std::string_view resource) {
  constexpr std::string_view kType = "assumed-role/";
  return names_one(resource, kType) &&
         resource.substr(kType.size()).find('/') != std::string_view::npos;
}

}  // namespace

Result<void> Principals::add(std::string_view type, std::string_view value) {
  if (type == "AWS") return add_aws(value);
  if (value.empty()) return refuse(value, "names nobody");
  if (type == "Service") {
    if (value != "*" && !is_service(value))
      return refuse(value, "is no service; write it like transfer.amazonaws.com");
    list_.push_back({Form::kService, std::string(value)});
  } else if (type == "Federated") {
    list_.push_back({Form::kFederated, std::string(value)});
  } else if (type == "CanonicalUser") {
    list_.push_back({Form::kAccount, std::string(value)});
  } else {
    return Error(Errc::kInvalidArgument, "unknown type \"" + std::string(type) +
                                             "\"; known are AWS, Service, Federated and "
                                             "CanonicalUser");
  }
  return ok();
}

Result<void> Principals::add_aws(std::string_view value) {
  if (value == "*") {
    everyone_ = true;
    return ok();
  }
  if (value.find_first_of("*?") != std::string_view::npos)
    return refuse(value, "must name one principal; only \"*\" for everyone is a wildcard here");
  if (is_account(value)) {
    list_.push_back({Form::kAccount, std::string(value)});
    return ok();
  }
  if (is_unique_id(value)) {
    list_.push_back({Form::kId, std::string(value)});
    return ok();
  }
  const auto arn = split_arn(value, false);
  if (arn && (*arn)[0] == "arn" && (*arn)[1].starts_with("aws") && (*arn)[3].empty() &&
      !(*arn)[4].empty()) {
    const std::string_view service = (*arn)[2], account = (*arn)[4], resource = (*arn)[5];
    if (service == "iam" && resource == "root" && is_account(account)) {
      list_.push_back({Form::kAccount, std::string(account)});
      return ok();
    }
    if ((service == "iam" && (names_one(resource, "user/") || names_one(resource, "role/"))) ||
        (service == "sts" && (names_session(resource) || names_one(resource, "federated-user/")))) {
      list_.push_back({Form::kArn, std::string(value)});
      return ok();
    }
  }
  return refuse(value,
                "is no principal; write \"*\", an account's 12 digits, or the ARN of an account's "
                "root, a user, a role or a session of a role");
}

Naming Principals::names(const Identity& caller) const {
  if (everyone_) return Naming::kCaller;
  Naming out = Naming::kNot;
  if (caller.kind() == Identity::Kind::kAnonymous) return out;
  // A role's user id is "<role id>:<session name>".
  const std::string_view id =
      std::string_view(caller.user_id()).substr(0, caller.user_id().find(':'));
  const Naming by_principal =
      caller.kind() == Identity::Kind::kRole ? Naming::kRole : Naming::kCaller;
  for (const One& one : list_) {
    Naming here = Naming::kNot;
    switch (one.form) {
      case Form::kAccount:
        if (one.value == caller.account()) here = Naming::kAccount;
        break;
      case Form::kArn:
        if (one.value == caller.caller_arn()) {
          here = Naming::kCaller;
        } else if (one.value == caller.principal_arn()) {
          here = by_principal;
        }
        break;
      case Form::kId:
        if (one.value == id) here = by_principal;
        break;
      case Form::kService:
      case Form::kFederated: break;
    }
    out = std::max(out, here);
  }
  return out;
}

bool Principals::names_service(std::string_view service) const {
  return everyone_ || std::any_of(list_.begin(), list_.end(), [service](const One& one) {
           return one.form == Form::kService && (one.value == "*" || one.value == service);
         });
}

}  // namespace sallyport::iam
