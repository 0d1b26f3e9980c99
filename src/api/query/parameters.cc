#include "api/query/parameters.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <mutex>

#include "api/pattern.h"
#include "iam/pattern.h"

namespace sallyport::api {

namespace {

constexpr TextRule kTagKey{1, 128, R"([\p{L}\p{Z}\p{N}_.:/=+\-@]+)"};
constexpr TextRule kTagValue{0, 256, R"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)"};
constexpr TextRule kPolicyDocument{1, 131072, R"([\u0009\u000A\u000D\u0020-\u00FF]+)"};
constexpr std::size_t kMinArn = 20;
constexpr std::size_t kMaxArn = 2048;
constexpr std::size_t kMaxPath = 512;
constexpr std::size_t kMaxToldValue = 256;

// `pattern` is one of this program's few literals, each compiled once.
Result<Pattern> compiled(std::string_view pattern) {
  static std::mutex mutex;
  static std::map<std::string, Pattern, std::less<>> known;
  const std::lock_guard lock(mutex);
  auto found = known.find(pattern);
  if (found == known.end()) {
    TRY_ASSIGN(Pattern made, Pattern::compile(pattern));
    found = known.emplace(pattern, std::move(made)).first;
  }
  return found->second;
}

bool matches(std::string_view pattern, std::string_view value) {
  const auto program = compiled(pattern);
  return program.ok() && program->matches(value);
}

bool is_name_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("_+=,.@-").find(c) != std::string_view::npos;
}

bool is_path(std::string_view path) {
  return path.starts_with('/') && path.ends_with('/') &&
         std::all_of(path.begin(), path.end(), [](char c) { return c >= '!' && c <= '~'; });
}

}  // namespace

std::string lower_camel(std::string_view name) {
  std::string out(name);
  if (!out.empty() && out[0] >= 'A' && out[0] <= 'Z') out[0] = static_cast<char>(out[0] + 32);
  return out;
}

Fault validation_error(std::string message) {
  return {Errc::kInvalidArgument, std::move(message), "ValidationError"};
}

Fault no_such_entity(std::string message) {
  return {Errc::kNotFound, std::move(message), "NoSuchEntity"};
}

void Parameters::violated(std::string_view place, std::string_view constraint) {
  // STS tells the value, IAM does not.
  std::string told;
  if (const auto value = find(place); call_.row.api == QueryApi::kSts && value)
    if (value->size() <= kMaxToldValue) told = fmt::format(" '{}'", *value);
  violations_.add(fmt::format("Value{} at '{}' failed to satisfy constraint: Member must {}", told,
                              lower_camel(place), constraint));
}

void Parameters::fault(Fault fault) {
  if (!fault_) fault_ = std::move(fault);
}

Outcome<Done> Parameters::check() const {
  if (!violations_.empty()) return validation_error(violations_.message());
  if (fault_) return *fault_;
  return done();
}

void Parameters::check_text(std::string_view place, std::string_view value, const TextRule& rule) {
  if (value.size() < rule.min)
    violated(place, fmt::format("have length greater than or equal to {}", rule.min));
  if (value.size() > rule.max) {
    violated(place, fmt::format("have length less than or equal to {}", rule.max));
  } else if (!rule.pattern.empty() && !matches(rule.pattern, value)) {
    violated(place, fmt::format("satisfy regular expression pattern: {}", rule.pattern));
  }
}

std::optional<std::string> Parameters::optional_text(std::string_view name, const TextRule& rule) {
  const auto value = find(name);
  if (!value) return std::nullopt;
  check_text(name, *value, rule);
  return std::string(*value);
}

std::string Parameters::text(std::string_view name, const TextRule& rule) {
  auto value = optional_text(name, rule);
  if (!value) missing(name);
  return std::move(value).value_or("");
}

std::optional<std::int64_t> Parameters::number(std::string_view name, std::int64_t min,
                                               std::int64_t max) {
  const auto given = find(name);
  if (!given) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(given->data(), given->data() + given->size(), value);
  if (error != std::errc() || end != given->data() + given->size()) {
    violated(name, "be a whole number");
  } else if (value < min) {
    violated(name, fmt::format("have value greater than or equal to {}", min));
  } else if (value > max) {
    violated(name, fmt::format("have value less than or equal to {}", max));
  }
  return value;
}

bool Parameters::flag(std::string_view name) {
  const auto value = find(name);
  if (value && *value != "true" && *value != "false") violated(name, "be true or false");
  return value == "true";
}

std::optional<std::string> Parameters::one_of(std::string_view name,
                                              std::initializer_list<std::string_view> allowed) {
  const auto value = find(name);
  if (!value) return std::nullopt;
  if (std::find(allowed.begin(), allowed.end(), *value) == allowed.end())
    violated(name, fmt::format("satisfy enum value set: [{}]", fmt::join(allowed, ", ")));
  return std::string(*value);
}

std::optional<std::string> Parameters::optional_name(std::string_view parameter,
                                                     std::size_t max_length) {
  auto name = optional_text(parameter, {1, max_length});
  if (name && !std::all_of(name->begin(), name->end(), is_name_character)) {
    fault(validation_error(
        fmt::format("The specified value for {} is invalid. It must contain only alphanumeric "
                    "characters and/or the following: +=,.@_-",
                    lower_camel(parameter))));
  }
  return name;
}

std::string Parameters::name(std::string_view parameter, std::size_t max_length) {
  auto value = optional_name(parameter, max_length);
  if (!value) missing(parameter);
  return std::move(value).value_or("");
}

std::string Parameters::policy_arn(std::string_view parameter) {
  std::string arn = text(parameter, {kMinArn, kMaxArn});
  if (!arn.starts_with("arn:aws:iam::") || arn.find(":policy/") == std::string::npos)
    fault(validation_error(fmt::format("ARN {} is not valid.", arn.substr(0, kMaxToldValue))));
  return arn;
}

std::string Parameters::policy_document(std::string_view parameter) {
  return text(parameter, kPolicyDocument);
}

std::optional<std::string> Parameters::policy_path() {
  return optional_text("Path", {1, kMaxPath, R"(((/[A-Za-z0-9\.,\+@=_-]+)*)/)"});
}

std::optional<std::string> Parameters::path(std::string_view parameter) {
  auto path = optional_text(parameter, {1, kMaxPath});
  if (path && !is_path(*path)) {
    fault(validation_error(
        fmt::format("The specified value for {} is invalid. It must begin and end with / and "
                    "contain only alphanumeric characters and/or / characters.",
                    lower_camel(parameter))));
  }
  return path;
}

std::string Parameters::path_prefix() {
  const TextRule rule{1, kMaxPath, R"(\u002F[\u0021-\u007F]*)"};
  return optional_text("PathPrefix", rule).value_or("/");
}

std::vector<model::Tag> Parameters::tags(bool ignore_case) {
  std::vector<model::Tag> tags;
  for (std::size_t i = 1;; ++i) {
    const std::string key_name = fmt::format("Tags.member.{}.Key", i);
    const std::string value_name = fmt::format("Tags.member.{}.Value", i);
    const auto key = find(key_name), value = find(value_name);
    if (!key && !value) break;
    if (i > kMaxTags) {
      violated("Tags", fmt::format("have length less than or equal to {}", kMaxTags));
      break;
    }
    const std::string place = fmt::format("tags.{}.member.", i);
    if (key) {
      check_text(place + "key", *key, kTagKey);
    } else {
      missing(place + "key");
    }
    if (value) {
      check_text(place + "value", *value, kTagValue);
    } else {
      missing(place + "value");
    }
    const auto same = [&](const model::Tag& tag) {
      return tag.key == key || (ignore_case && key && iam::equal_ignoring_case(tag.key, *key));
    };
    if (std::any_of(tags.begin(), tags.end(), same)) {
      fault({Errc::kInvalidArgument,
             ignore_case
                 ? "Duplicate tag keys found. Please note that Tag keys are case insensitive."
                 : "Duplicate tag keys found.",
             "InvalidInput"});
    }
    if (key && iam::ascii_lower(*key).starts_with("aws:")) {
      fault(
          {Errc::kInvalidArgument, "Tag keys that begin with aws: are reserved.", "InvalidInput"});
    }
    tags.push_back({std::string(key.value_or("")), std::string(value.value_or(""))});
  }
  return tags;
}

std::vector<std::string> Parameters::tag_keys() {
  std::vector<std::string> keys;
  for (std::size_t i = 1;; ++i) {
    const std::string name = fmt::format("TagKeys.member.{}", i);
    const auto key = find(name);
    if (!key) break;
    if (i > kMaxTags) {
      violated("TagKeys", fmt::format("have length less than or equal to {}", kMaxTags));
      break;
    }
    check_text(fmt::format("tagKeys.{}.member", i), *key, kTagKey);
    keys.emplace_back(*key);
  }
  if (keys.empty()) missing("TagKeys");
  return keys;
}

void Parameters::refuse(std::string_view parameter) {
  const std::string list = fmt::format("{}.member.", parameter);
  const auto& fields = call_.form.fields();
  const bool given =
      std::any_of(fields.begin(), fields.end(), [&](const codec::Form::Field& field) {
        return field.first == parameter || field.first.starts_with(list);
      });
  if (!given) return;
  fault(validation_error(
      fmt::format("{} is not available in this version of Sallyport.", parameter)));
}

}  // namespace sallyport::api
