// Condition operators of policies (IAM user guide, "IAM JSON policy elements: Condition
// operators" and "Multivalued context keys").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "iam/pattern.h"
#include "net/address.h"

namespace sallyport::iam {

// One key of one operator with its values, e.g. {"StringLike": {"s3:prefix": ["a/*", "b"]}}.
//
// Without the key in the request a plain operator does not hold, a negated one does, and so does
// one with IfExists; ForAllValues holds and ForAnyValue does not, as with a key whose values are
// all empty. A negated operator holds when none of its values matches. A value with a variable that
// has none matches nothing. BinaryEquals compares the bytes of the key's value with what the
// policy's base64 says. Immutable after parse, thread-safe.
class Condition {
 public:
  // `op` with its qualifiers ("ForAnyValue:StringLikeIfExists"). `values` may be empty: then none
  // matches. Errors: kInvalidArgument (an operator that is not known, a value that does not fit
  // it); the message says which are known, or what a value looks like.
  static Result<Condition> parse(std::string_view op, std::string_view key,
                                 const std::vector<std::string>& values, bool variables);

  bool holds(const Context& context) const;
  const std::string& key() const { return key_; }

 private:
  enum class Test : std::uint8_t { kText, kArn, kNumber, kDate, kNetwork, kBinary, kNull };
  enum class Order : std::uint8_t { kEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };
  enum class Set : std::uint8_t { kNone, kForAny, kForAll };
  struct Operator;
  static const Operator* find_operator(std::string_view name);

  // An ARN's fields, each matched for itself; or one pattern for all of it, "*" or a variable.
  using ArnPattern = std::vector<Pattern>;
  // As test_ says: a number is double, a date std::int64_t, a binary's bytes std::string, what Null
  // wants bool.
  using Value =
      std::variant<Pattern, ArnPattern, double, std::int64_t, net::Cidr, std::string, bool>;
  Result<Value> parse_value(std::string_view text, const Operator& op, bool variables) const;
  // Does a value of the request match one of the policy's?
  bool matches_any(std::string_view text, const Context& context) const;
  template <class T>
  bool any_in_order(const std::optional<T>& given) const;
  bool null_holds(bool present) const;

  std::string key_;
  Test test_ = Test::kText;
  Order order_ = Order::kEqual;
  Set set_ = Set::kNone;
  bool negated_ = false;
  bool if_exists_ = false;
  std::vector<Value> values_;
};

}  // namespace sallyport::iam
