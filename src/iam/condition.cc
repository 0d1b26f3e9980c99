#include "iam/condition.h"

#include <algorithm>
#include <array>

#include "codec/base64.h"
#include "iam/condition_values.h"

namespace sallyport::iam {

struct Condition::Operator {
  std::string_view name;
  Test test;
  Order order = Order::kEqual;
  bool negated = false;
  bool wildcards = false;
  bool ignore_case = false;
  bool is_bool = false;  // only "true" and "false"
};

namespace {

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

Error refuse(std::string message) {
  return Error(Errc::kInvalidArgument, std::move(message));
}
Error refuse_value(std::string_view value, std::string_view what) {
  return refuse("\"" + std::string(value) + "\" " + std::string(what));
}

bool is_true_or_false(std::string_view text) {
  return equal_ignoring_case(text, "true") || equal_ignoring_case(text, "false");
}

}  // namespace

const Condition::Operator* Condition::find_operator(std::string_view name) {
  static constexpr std::array<Operator, 27> kOperators{{
      {.name = "StringEquals", .test = Test::kText},
      {.name = "StringNotEquals", .test = Test::kText, .negated = true},
      {.name = "StringEqualsIgnoreCase", .test = Test::kText, .ignore_case = true},
      {.name = "StringNotEqualsIgnoreCase",
       .test = Test::kText,
       .negated = true,
       .ignore_case = true},
      {.name = "StringLike", .test = Test::kText, .wildcards = true},
      {.name = "StringNotLike", .test = Test::kText, .negated = true, .wildcards = true},
      {.name = "NumericEquals", .test = Test::kNumber},
      {.name = "NumericNotEquals", .test = Test::kNumber, .negated = true},
      {.name = "NumericLessThan", .test = Test::kNumber, .order = Order::kLess},
      {.name = "NumericLessThanEquals", .test = Test::kNumber, .order = Order::kLessOrEqual},
      {.name = "NumericGreaterThan", .test = Test::kNumber, .order = Order::kGreater},
      {.name = "NumericGreaterThanEquals", .test = Test::kNumber, .order = Order::kGreaterOrEqual},
      {.name = "DateEquals", .test = Test::kDate},
      {.name = "DateNotEquals", .test = Test::kDate, .negated = true},
      {.name = "DateLessThan", .test = Test::kDate, .order = Order::kLess},
      {.name = "DateLessThanEquals", .test = Test::kDate, .order = Order::kLessOrEqual},
      {.name = "DateGreaterThan", .test = Test::kDate, .order = Order::kGreater},
      {.name = "DateGreaterThanEquals", .test = Test::kDate, .order = Order::kGreaterOrEqual},
      {.name = "Bool", .test = Test::kText, .ignore_case = true, .is_bool = true},
      {.name = "BinaryEquals", .test = Test::kBinary},
      {.name = "IpAddress", .test = Test::kNetwork},
      {.name = "NotIpAddress", .test = Test::kNetwork, .negated = true},
      {.name = "ArnEquals", .test = Test::kArn, .wildcards = true},
      {.name = "ArnLike", .test = Test::kArn, .wildcards = true},
      {.name = "ArnNotEquals", .test = Test::kArn, .negated = true, .wildcards = true},
      {.name = "ArnNotLike", .test = Test::kArn, .negated = true, .wildcards = true},
      {.name = "Null", .test = Test::kNull},
  }};
  const auto found = std::find_if(kOperators.begin(), kOperators.end(),
                                  [name](const Operator& o) { return o.name == name; });
  return found == kOperators.end() ? nullptr : &*found;
}

Result<Condition> Condition::parse(std::string_view op, std::string_view key,
                                   const std::vector<std::string>& values, bool variables) {
  Condition out;
  out.key_ = ascii_lower(key);
  std::string_view name = op;
  if (drop_prefix(name, "ForAnyValue:")) {
    out.set_ = Set::kForAny;
  } else if (drop_prefix(name, "ForAllValues:")) {
    out.set_ = Set::kForAll;
  }
  out.if_exists_ = drop_suffix(name, "IfExists");

  const Operator* known = find_operator(name);
  if (known == nullptr)
    return refuse(
        "unknown condition operator \"" + std::string(op) +
        "\"; known are StringEquals, StringLike, StringEqualsIgnoreCase, NumericEquals, "
        "NumericLessThan(Equals), NumericGreaterThan(Equals), DateEquals, DateLessThan(Equals), "
        "DateGreaterThan(Equals), Bool, BinaryEquals, IpAddress, ArnEquals, ArnLike, their "
        "negations like StringNotEquals and NotIpAddress, and Null");
  if (known->test == Test::kNull && out.if_exists_)
    return refuse("\"Null\" does not take IfExists; it asks for just that");
  if (key.empty()) return refuse("a condition key without a name");
  out.test_ = known->test;
  out.order_ = known->order;
  out.negated_ = known->negated;
  for (const std::string& text : values) {
    TRY_ASSIGN(Value value, out.parse_value(text, *known, variables));
    out.values_.push_back(std::move(value));
  }
  return out;
}

Result<Condition::Value> Condition::parse_value(std::string_view text, const Operator& op,
                                                bool variables) const {
  const Pattern::Syntax syntax{
      .wildcards = op.wildcards, .variables = variables, .ignore_case = op.ignore_case};
  switch (op.test) {
    case Test::kText: {
      if (op.is_bool && !is_true_or_false(text) && !(variables && text.starts_with("${")))
        return refuse_value(text, "is neither \"true\" nor \"false\"");
      TRY_ASSIGN(Pattern pattern, Pattern::parse(text, syntax));
      return Value(std::move(pattern));
    }
    case Test::kArn: {
      // Names what is wrong with a variable before what is wrong with the ARN.
      TRY_ASSIGN(Pattern whole, Pattern::parse(text, syntax));
      ArnPattern out;
      if (const auto fields = split_arn(text, variables)) {
        for (const std::string_view field : *fields) {
          TRY_ASSIGN(Pattern pattern, Pattern::parse(field, syntax));
          out.push_back(std::move(pattern));
        }
        return Value(std::move(out));
      }
      if (text != "*" && !(variables && text.starts_with("${")))
        return refuse_value(text, "is no ARN; write arn:partition:service:region:account:resource");
      out.push_back(std::move(whole));
      return Value(std::move(out));
    }
    case Test::kNumber:
      if (const auto number = parse_condition_number(text)) return Value(*number);
      return refuse_value(text, "is no number; write it like 10 or 2.5");
    case Test::kDate:
      if (const auto date = parse_condition_date(text)) return Value(*date);
      return refuse_value(
          text, "is no date; write it like 2026-01-02T03:04:05Z, or the seconds since 1970");
    case Test::kNetwork:
      if (const auto network = parse_condition_network(text)) return Value(*network);
      return refuse_value(text,
                          "is no address range; write it like 203.0.113.0/24 or 2001:db8::/32");
    case Test::kBinary: {
      const auto bytes = codec::base64_decode(text);
      if (!bytes.ok()) return refuse_value(text, "is no base64 text");
      return Value(std::string(as_text(*bytes)));
    }
    case Test::kNull: break;
  }
  if (!is_true_or_false(text)) return refuse_value(text, "is neither \"true\" nor \"false\"");
  return Value(equal_ignoring_case(text, "true"));
}

template <class T>
bool Condition::any_in_order(const std::optional<T>& given) const {
  return given && std::any_of(values_.begin(), values_.end(), [&](const Value& value) {
           const T& wanted = *std::get_if<T>(&value);
           switch (order_) {
             case Order::kEqual: return *given == wanted;
             case Order::kLess: return *given < wanted;
             case Order::kLessOrEqual: return *given <= wanted;
             case Order::kGreater: return *given > wanted;
             case Order::kGreaterOrEqual: return *given >= wanted;
           }
           return false;
         });
}

bool Condition::matches_any(std::string_view text, const Context& context) const {
  const auto any = [this](const auto& match) {
    return std::any_of(values_.begin(), values_.end(), match);
  };
  const auto yes = [&context](const Pattern& pattern, std::string_view part) {
    return pattern.matches(part, context) == MatchResult::kYes;
  };
  switch (test_) {
    case Test::kText:
      return any([&](const Value& value) { return yes(*std::get_if<Pattern>(&value), text); });
    case Test::kArn: {
      const auto fields = split_arn(text, false);
      return any([&](const Value& value) {
        const ArnPattern& patterns = *std::get_if<ArnPattern>(&value);
        if (patterns.size() == 1) return yes(patterns.front(), text);
        return fields && std::equal(patterns.begin(), patterns.end(), fields->begin(), yes);
      });
    }
    case Test::kNumber: return any_in_order(parse_condition_number(text));
    case Test::kDate: return any_in_order(parse_condition_date(text));
    case Test::kNetwork: {
      const auto address = net::IpAddress::parse(text);
      return address.ok() && any([&](const Value& value) {
               return std::get_if<net::Cidr>(&value)->contains(*address);
             });
    }
    case Test::kBinary:
      return any([&](const Value& value) { return *std::get_if<std::string>(&value) == text; });
    case Test::kNull: break;
  }
  return false;
}

bool Condition::null_holds(bool present) const {
  // What Access Analyzer's check "Null with qualifier" says of it.
  if (set_ != Set::kNone) return set_ == Set::kForAll;
  return std::any_of(values_.begin(), values_.end(), [present](const Value& value) {
    return *std::get_if<bool>(&value) != present;
  });
}

bool Condition::holds(const Context& context) const {
  bool present = false, has_text = false, one_matches = false, all_hold = true, one_holds = false;
  for (const ContextEntry& entry : context) {
    if (!equal_ignoring_case(entry.key, key_)) continue;
    present = true;
    if (test_ == Test::kNull) break;
    has_text = has_text || !entry.value.empty();
    const bool matched = matches_any(entry.value, context);
    one_matches = one_matches || matched;
    one_holds = one_holds || matched != negated_;
    all_hold = all_hold && matched != negated_;
  }
  if (test_ == Test::kNull) return null_holds(present);
  if (!present && if_exists_) return true;
  switch (set_) {
    case Set::kForAll: return !has_text || all_hold;
    case Set::kForAny: return has_text && one_holds;
    case Set::kNone: break;
  }
  return one_matches != negated_;
}

}  // namespace sallyport::iam
