#include "iam/condition.h"

#include <algorithm>
#include <array>

namespace sallyport::iam {

namespace {

constexpr std::string_view kKnownOperators =
    "StringEquals, StringNotEquals, StringEqualsIgnoreCase, StringNotEqualsIgnoreCase, StringLike, "
    "StringNotLike, ArnEquals, ArnNotEquals, ArnLike, ArnNotLike, Bool, IpAddress, NotIpAddress "
    "and "
    "Null";

bool drop_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}
bool drop_suffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

// The five fields and the rest of an ARN; fewer when it is none.
std::vector<std::string_view> arn_fields(std::string_view arn) {
  std::vector<std::string_view> out;
  while (out.size() < 5) {
    const std::size_t colon = arn.find(':');
    if (colon == std::string_view::npos) break;
    out.push_back(arn.substr(0, colon));
    arn.remove_prefix(colon + 1);
  }
  out.push_back(arn);
  return out;
}

Error refuse(std::string message) {
  return Error(Errc::kInvalidArgument, std::move(message));
}

}  // namespace

Result<Condition> Condition::parse(std::string_view op, std::string_view key,
                                   const std::vector<std::string>& values, bool variables) {
  Condition out;
  out.key_ = key;
  std::string_view name = op;
  if (drop_prefix(name, "ForAnyValue:")) {
    out.set_ = Set::kForAny;
  } else if (drop_prefix(name, "ForAllValues:")) {
    out.set_ = Set::kForAll;
  }
  out.if_exists_ = drop_suffix(name, "IfExists");

  struct Known {
    std::string_view name;
    Test test;
    bool negated;
    Pattern::Syntax syntax;
  };
  static constexpr std::array<Known, 14> kKnown{{
      {"StringEquals", Test::kString, false, {false, true, false}},
      {"StringNotEquals", Test::kString, true, {false, true, false}},
      {"StringEqualsIgnoreCase", Test::kString, false, {false, true, true}},
      {"StringNotEqualsIgnoreCase", Test::kString, true, {false, true, true}},
      {"StringLike", Test::kString, false, {true, true, false}},
      {"StringNotLike", Test::kString, true, {true, true, false}},
      {"ArnEquals", Test::kArn, false, {true, true, false}},
      {"ArnLike", Test::kArn, false, {true, true, false}},
      {"ArnNotEquals", Test::kArn, true, {true, true, false}},
      {"ArnNotLike", Test::kArn, true, {true, true, false}},
      {"Bool", Test::kBool, false, {}},
      {"IpAddress", Test::kIp, false, {}},
      {"NotIpAddress", Test::kIp, true, {}},
      {"Null", Test::kNull, false, {}},
  }};
  const auto known =
      std::find_if(kKnown.begin(), kKnown.end(), [name](const Known& k) { return k.name == name; });
  if (known == kKnown.end())
    return refuse("unknown condition operator \"" + std::string(op) + "\"; known are " +
                  std::string(kKnownOperators));
  out.test_ = known->test;
  out.negated_ = known->negated;
  if (out.test_ == Test::kNull && (out.if_exists_ || out.set_ != Set::kNone))
    return refuse("\"Null\" takes neither IfExists nor ForAnyValue nor ForAllValues");
  if (key.empty()) return refuse("a condition key without a name");
  if (values.empty()) return refuse("at least one value is needed");

  Pattern::Syntax syntax = known->syntax;
  syntax.variables = variables && syntax.variables;
  for (const std::string& text : values) {
    TRY_ASSIGN(Value value, out.parse_value(text, syntax));
    out.values_.push_back(std::move(value));
  }
  return out;
}

Result<Condition::Value> Condition::parse_value(std::string_view text,
                                                Pattern::Syntax syntax) const {
  Value value;
  switch (test_) {
    case Test::kString: {
      TRY_ASSIGN(Pattern pattern, Pattern::parse(text, syntax));
      value.patterns.push_back(std::move(pattern));
      break;
    }
    case Test::kArn: {
      const auto fields = arn_fields(text);
      if (fields.size() != 6 && text != "*")
        return refuse("\"" + std::string(text) +
                      "\" is no ARN; write arn:partition:service:region:account:resource");
      for (const std::string_view field : fields) {
        TRY_ASSIGN(Pattern pattern, Pattern::parse(field, syntax));
        value.patterns.push_back(std::move(pattern));
      }
      break;
    }
    case Test::kBool:
    case Test::kNull:
      if (!equal_ignoring_case(text, "true") && !equal_ignoring_case(text, "false"))
        return refuse("\"" + std::string(text) + "\" is neither \"true\" nor \"false\"");
      value.flag = equal_ignoring_case(text, "true");
      break;
    case Test::kIp: {
      auto cidr = net::Cidr::parse(text);
      if (!cidr.ok())
        return refuse("\"" + std::string(text) +
                      "\" is no address range; write it like 203.0.113.0/24 or 2001:db8::/32");
      value.cidr = std::move(cidr).value();
      break;
    }
  }
  return value;
}

MatchResult Condition::matches(const Value& value, std::string_view text,
                               const Context& context) const {
  const auto yes_if = [](bool yes) { return yes ? MatchResult::kYes : MatchResult::kNo; };
  switch (test_) {
    case Test::kString: return value.patterns.front().matches(text, context);
    case Test::kArn: {
      if (value.patterns.size() == 1) return MatchResult::kYes;
      const auto fields = arn_fields(text);
      if (fields.size() != value.patterns.size()) return MatchResult::kNo;
      for (std::size_t i = 0; i < fields.size(); ++i)
        if (const auto m = value.patterns[i].matches(fields[i], context); m != MatchResult::kYes)
          return m;
      return MatchResult::kYes;
    }
    case Test::kBool: return yes_if(equal_ignoring_case(text, value.flag ? "true" : "false"));
    case Test::kIp: {
      const auto address = net::IpAddress::parse(text);
      return yes_if(address.ok() && value.cidr->contains(*address));
    }
    case Test::kNull: break;
  }
  return MatchResult::kNo;
}

Condition::Outcome Condition::test_one(std::string_view text, const Context& context) const {
  Outcome out;
  bool any = false;
  for (const Value& value : values_) {
    const MatchResult m = matches(value, text, context);
    any = any || m == MatchResult::kYes;
    out.unresolved = out.unresolved || m == MatchResult::kUnresolved;
  }
  out.holds = any != negated_;
  return out;
}

Condition::Outcome Condition::evaluate(const Context& context) const {
  std::vector<const std::string*> present;
  for (const ContextEntry& entry : context)
    if (equal_ignoring_case(entry.key, key_)) present.push_back(&entry.value);

  if (test_ == Test::kNull) {
    const bool wanted_absent =
        std::any_of(values_.begin(), values_.end(), [](const Value& v) { return v.flag; });
    const bool wanted_present =
        std::any_of(values_.begin(), values_.end(), [](const Value& v) { return !v.flag; });
    return {present.empty() ? wanted_absent : wanted_present, false};
  }
  if (present.empty()) {
    if (set_ == Set::kForAll) return {true, false};
    if (set_ == Set::kForAny) return {if_exists_, false};
    return {if_exists_ || negated_, false};
  }
  Outcome out;
  out.holds = set_ == Set::kForAll;
  for (const std::string* value : present) {
    const Outcome one = test_one(*value, context);
    out.unresolved = out.unresolved || one.unresolved;
    if (set_ == Set::kForAll) {
      out.holds = out.holds && one.holds;
    } else {
      out.holds = out.holds || one.holds;
    }
  }
  return out;
}

}  // namespace sallyport::iam
