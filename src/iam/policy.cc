#include "iam/policy.h"

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <set>

#include "codec/json.h"
#include "iam/condition_values.h"

namespace sallyport::iam {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxDepth = 16;

// Quotes of the policy do not make a message as long as the policy.
std::string clipped(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
  return std::string(text.substr(0, most)) + "…";
}

Error malformed(std::string_view place, std::string_view what) {
  return Error(Errc::kInvalidArgument, clipped(place, 200) + ": " + clipped(what, 500),
               "MalformedPolicyDocument");
}

std::string at(std::string_view place, std::string_view member) {
  return std::string(place) + "." + std::string(member);
}
std::string at(std::string_view place, std::size_t index) {
  return std::string(place) + "[" + std::to_string(index) + "]";
}

// A later member of the same name would silently replace what a reader sees first.
Result<Json> parse_without_duplicates(std::string_view text) {
  auto checked = codec::parse_json(text, {kMaxPolicyText, kMaxDepth});
  if (!checked.ok()) return malformed("policy", checked.error().message);
  std::vector<std::set<std::string>> open;
  std::string duplicate;
  const auto watch = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) {
      open.emplace_back();
    } else if (event == Json::parse_event_t::object_end) {
      open.pop_back();
    } else if (event == Json::parse_event_t::key) {
      const auto& name = parsed.get_ref<const std::string&>();
      if (!open.back().insert(name).second && duplicate.empty()) duplicate = name;
    }
    return true;
  };
  Json json = Json::parse(text.begin(), text.end(), watch, false);
  if (!duplicate.empty())
    return malformed("policy", "the member \"" + duplicate + "\" comes twice in one object");
  if (!json.is_object()) return malformed("policy", "must be a JSON object, {\"Version\": …}");
  return json;
}

Result<void> only_members(const Json& object, std::string_view place,
                          std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : object.items()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    std::string list;
    for (const std::string_view k : known) list.append(list.empty() ? "" : ", ").append(k);
    return malformed(place, "unknown member \"" + name + "\"; known are " + list);
  }
  return ok();
}

Result<std::string> text_member(const Json& object, const char* name, std::string_view place) {
  const auto found = object.find(name);
  if (found == object.end()) return std::string();
  if (!found->is_string()) return malformed(at(place, name), "must be a text");
  return found->get<std::string>();
}

struct Texts {
  bool scalars = false;  // numbers and true and false are texts too
  bool empty = false;    // the list may be empty
};
// One text or a list of texts.
Result<std::vector<std::string>> texts(const Json& value, std::string_view place, Texts may) {
  const auto one = [&](const Json& item, std::string_view where) -> Result<std::string> {
    if (item.is_string()) return item.get<std::string>();
    if (may.scalars && (item.is_boolean() || item.is_number())) return item.dump();
    return malformed(where, "must be a text or a list of texts");
  };
  std::vector<std::string> out;
  if (!value.is_array()) {
    TRY_ASSIGN(std::string text, one(value, place));
    out.push_back(std::move(text));
    return out;
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    TRY_ASSIGN(std::string text, one(value[i], at(place, i)));
    out.push_back(std::move(text));
  }
  if (out.empty() && !may.empty) return malformed(place, "must not be an empty list");
  return out;
}

// "*", "*:*" or "service:Name" with wildcards in the name.
bool is_action(std::string_view text) {
  if (text == "*") return true;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return false;
  const auto alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  const std::string_view service = text.substr(0, colon), name = text.substr(colon + 1);
  return (service == "*" ||
          std::all_of(service.begin(), service.end(),
                      [&](char c) { return alphanumeric(c) || c == '-' || c == '.'; })) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return alphanumeric(c) || c == '*' || c == '?'; });
}

// An ARN with fewer fields than six ends in fields that are "*".
Result<std::string> whole_resource(const std::string& text, bool variables,
                                   std::string_view place) {
  if (text == "*") return text;
  std::string arn = text;
  auto fields = split_arn(arn, variables);
  for (int missing = 0; !fields && missing < 3; ++missing) {
    arn += ":*";
    fields = split_arn(arn, variables);
  }
  if (!fields || (*fields)[0] != "arn" || (*fields)[1].empty() || (*fields)[2].empty())
    return malformed(place,
                     "\"" + text + "\" must be \"*\" or an ARN, like arn:aws:s3:::bucket/key");
  if ((*fields)[2].find_first_of("*?$") != std::string_view::npos)
    return malformed(place, "\"" + text + "\" must name its service, like arn:aws:s3:::bucket/key");
  return arn;
}

}  // namespace

// Holds what every element needs to know of its document.
class PolicyParser {
 public:
  explicit PolicyParser(PolicyKind kind) : kind_(kind) {}

  Result<std::shared_ptr<const PolicyDocument>> parse(std::string_view text) {
    TRY(check_size(text));
    TRY_ASSIGN(const Json json, parse_without_duplicates(text));
    TRY(only_members(json, "policy", {"Version", "Id", "Statement"}));
    TRY(version(json));
    std::shared_ptr<PolicyDocument> document(new PolicyDocument());
    document->kind_ = kind_;
    TRY_ASSIGN(document->id_, text_member(json, "Id", "policy"));
    const auto found = json.find("Statement");
    if (found == json.end()) return malformed("policy", "has no Statement");
    if (!found->is_array()) {
      TRY_ASSIGN(Statement one, statement(*found, "Statement"));
      document->statements_.push_back(std::move(one));
      return std::shared_ptr<const PolicyDocument>(std::move(document));
    }
    if (found->empty()) return malformed("Statement", "must hold at least one statement");
    if (found->size() > kMaxStatements)
      return Error(Errc::kLimitExceeded,
                   "Statement: at most " + std::to_string(kMaxStatements) + " are allowed",
                   "LimitExceeded");
    for (std::size_t i = 0; i < found->size(); ++i) {
      TRY_ASSIGN(Statement one, statement((*found)[i], at("Statement", i)));
      document->statements_.push_back(std::move(one));
    }
    return std::shared_ptr<const PolicyDocument>(std::move(document));
  }

 private:
  Result<void> check_size(std::string_view text) const {
    const std::size_t limit = kind_ == PolicyKind::kBucket  ? kMaxBucketPolicyBytes
                              : kind_ == PolicyKind::kTrust ? kMaxTrustPolicyBytes
                                                            : kMaxIdentityPolicyBytes;
    const auto too_long = [limit] {
      return Error(
          Errc::kLimitExceeded,
          "policy: longer than " + std::to_string(limit) + " characters, white space not counted",
          "LimitExceeded");
    };
    if (text.size() > kMaxPolicyText) return too_long();
    const auto counted = static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) > ' '; }));
    if (counted > limit) return too_long();
    return ok();
  }

  Result<void> version(const Json& json) {
    TRY_ASSIGN(const std::string text, text_member(json, "Version", "policy"));
    if (json.contains("Version") && text != "2012-10-17" && text != "2008-10-17")
      return malformed("Version", "must be \"2012-10-17\" or \"2008-10-17\"");
    variables_ = text == "2012-10-17";
    return ok();
  }

  Result<Statement> statement(const Json& json, const std::string& place) {
    if (!json.is_object()) return malformed(place, "must be an object");
    TRY(only_members(json, place,
                     {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction",
                      "Resource", "NotResource", "Condition"}));
    Statement out;
    TRY_ASSIGN(out.sid, sid(json, place));
    TRY_ASSIGN(const std::string effect, text_member(json, "Effect", place));
    if (effect != "Allow" && effect != "Deny")
      return malformed(at(place, "Effect"), "must be \"Allow\" or \"Deny\"");
    out.effect = effect == "Allow" ? Effect::kAllow : Effect::kDeny;
    TRY(principals(json, place, out));
    TRY(actions(json, place, out));
    TRY(resources(json, place, out));
    TRY(conditions(json, place, out));
    return out;
  }

  Result<std::string> sid(const Json& json, const std::string& place) {
    TRY_ASSIGN(std::string sid, text_member(json, "Sid", place));
    const bool plain = std::all_of(sid.begin(), sid.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    });
    if (!plain && kind_ != PolicyKind::kBucket)
      return malformed(at(place, "Sid"), "may hold letters and digits only");
    if (!sid.empty() && !sids_.insert(sid).second)
      return malformed(at(place, "Sid"), "\"" + sid + "\" stands in an earlier statement too");
    return sid;
  }

  // Finds the one of `name` and `not_name` that is there.
  Result<const Json*> one_of(const Json& json, const char* name, const char* not_name,
                             const std::string& place, bool& negated) const {
    const auto plain = json.find(name), inverse = json.find(not_name);
    if ((plain == json.end()) == (inverse == json.end()))
      return malformed(place, std::string("needs ") + name + " or " + not_name +
                                  (plain == json.end() ? "" : ", not both"));
    negated = plain == json.end();
    return negated ? &*inverse : &*plain;
  }

  Result<void> actions(const Json& json, const std::string& place, Statement& out) const {
    TRY_ASSIGN(const Json* value, one_of(json, "Action", "NotAction", place, out.not_action));
    const std::string here = at(place, out.not_action ? "NotAction" : "Action");
    TRY_ASSIGN(const auto list, texts(*value, here, {}));
    for (const std::string& text : list) {
      if (!is_action(text))
        return malformed(here, "\"" + text + "\" must be written service:Name, like s3:GetObject");
      const std::string lower = ascii_lower(text);
      if (kind_ == PolicyKind::kTrust && !lower.starts_with("sts:"))
        return malformed(here, "\"" + text +
                                   "\" is none of STS, like sts:AssumeRole; a trust "
                                   "policy speaks of no other");
      TRY_ASSIGN(Pattern pattern, Pattern::parse(lower, {.wildcards = true, .variables = false}));
      out.actions.push_back(std::move(pattern));
    }
    return ok();
  }

  Result<void> resources(const Json& json, const std::string& place, Statement& out) const {
    if (kind_ == PolicyKind::kTrust) {
      if (json.contains("Resource") || json.contains("NotResource"))
        return malformed(place, "a trust policy has no Resource; it speaks of its own role");
      // So that an empty list covers the role itself.
      out.not_resource = true;
      return ok();
    }
    TRY_ASSIGN(const Json* value, one_of(json, "Resource", "NotResource", place, out.not_resource));
    const std::string here = at(place, out.not_resource ? "NotResource" : "Resource");
    TRY_ASSIGN(const auto list, texts(*value, here, {}));
    for (const std::string& text : list) {
      // First, as it says what is wrong with a variable.
      TRY(pattern_at(text, here));
      TRY_ASSIGN(const std::string whole, whole_resource(text, variables_, here));
      TRY_ASSIGN(Pattern pattern, pattern_at(whole, here));
      out.resources.push_back(std::move(pattern));
    }
    return ok();
  }

  Result<Pattern> pattern_at(const std::string& text, const std::string& place) const {
    auto pattern =
        Pattern::parse(text, {.wildcards = true, .variables = variables_, .ignore_case = false});
    if (!pattern.ok()) return malformed(place, pattern.error().message);
    return pattern;
  }

  Result<void> principals(const Json& json, const std::string& place, Statement& out) const {
    if (json.contains("NotPrincipal"))
      return malformed(at(place, "NotPrincipal"),
                       "is not offered; name the principals, or use Condition");
    const auto found = json.find("Principal");
    if (kind_ == PolicyKind::kIdentity) {
      if (found == json.end()) return ok();
      return malformed(at(place, "Principal"), "stands in trust and bucket policies only");
    }
    const std::string here = at(place, "Principal");
    if (found == json.end()) return malformed(place, "needs a Principal");
    if (found->is_string() && found->get_ref<const std::string&>() == "*") {
      if (kind_ == PolicyKind::kTrust)
        return malformed(here, R"("*" is not offered in a trust policy; write {"AWS": "*"})");
      out.principals.add_everyone();
      return ok();
    }
    if (!found->is_object() || found->empty())
      return malformed(here,
                       R"(must be "*" or an object like {"Service": "transfer.amazonaws.com"})");
    for (const auto& [type, value] : found->items()) {
      const bool has_none = (kind_ == PolicyKind::kTrust && type == "CanonicalUser") ||
                            (kind_ == PolicyKind::kBucket && type == "Federated");
      if (has_none) return malformed(at(here, type), "is not offered in this kind of policy");
      TRY_ASSIGN(const auto list, texts(value, at(here, type), {}));
      for (const std::string& text : list)
        if (auto added = out.principals.add(type, text); !added.ok())
          return malformed(at(here, type), added.error().message);
    }
    return ok();
  }

  Result<void> conditions(const Json& json, const std::string& place, Statement& out) const {
    const auto found = json.find("Condition");
    if (found == json.end()) return ok();
    const std::string here = at(place, "Condition");
    if (!found->is_object()) return malformed(here, "must be an object of operators");
    for (const auto& [op, keys] : found->items()) {
      if (!keys.is_object()) return malformed(at(here, op), "must be an object of condition keys");
      std::set<std::string> seen;
      for (const auto& [key, value] : keys.items()) {
        const std::string spot = at(at(here, op), key);
        if (!seen.insert(ascii_lower(key)).second)
          return malformed(spot, "comes twice; letter case makes no other key");
        TRY_ASSIGN(const auto list, texts(value, spot, {.scalars = true, .empty = true}));
        auto condition = Condition::parse(op, key, list, variables_);
        if (!condition.ok()) return malformed(spot, condition.error().message);
        out.conditions.push_back(std::move(condition).value());
      }
    }
    return ok();
  }

  PolicyKind kind_;
  bool variables_ = false;
  std::set<std::string> sids_;
};

Result<std::shared_ptr<const PolicyDocument>> PolicyDocument::parse(std::string_view json,
                                                                    PolicyKind kind) {
  return PolicyParser(kind).parse(json);
}

bool PolicyDocument::asks_object_tags() const {
  constexpr std::string_view kKey = "s3:existingobjecttag/";
  for (const Statement& statement : statements_)
    for (const Condition& condition : statement.conditions)
      if (equal_ignoring_case(std::string_view(condition.key()).substr(0, kKey.size()), kKey))
        return true;
  return false;
}

}  // namespace sallyport::iam
