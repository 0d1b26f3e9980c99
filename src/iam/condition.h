// Condition operators of policies (IAM user guide, "IAM JSON policy elements: Condition
// operators").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "iam/pattern.h"
#include "net/address.h"

namespace sallyport::iam {

// One key of one operator with its values, e.g. {"StringLike": {"s3:prefix": ["a/*", "b"]}}.
// Immutable after parse, thread-safe.
class Condition {
 public:
  // `op` with its qualifiers ("ForAnyValue:StringLikeIfExists"). Errors: kInvalidArgument (an
  // operator that is not known, a value that does not fit it); the message says which are known.
  static Result<Condition> parse(std::string_view op, std::string_view key,
                                 const std::vector<std::string>& values, bool variables);

  struct Outcome {
    bool holds = false;
    bool unresolved = false;  // a variable had no value
  };
  Outcome evaluate(const Context& context) const;

 private:
  enum class Test : std::uint8_t { kString, kArn, kBool, kIp, kNull };
  enum class Set : std::uint8_t { kNone, kForAny, kForAll };
  struct Value {
    std::vector<Pattern> patterns;  // one; six for an ARN
    std::optional<net::Cidr> cidr;
    bool flag = false;
  };
  Result<Value> parse_value(std::string_view text, Pattern::Syntax syntax) const;
  MatchResult matches(const Value& value, std::string_view text, const Context& context) const;
  Outcome test_one(std::string_view text, const Context& context) const;

  std::string key_;
  Test test_ = Test::kString;
  Set set_ = Set::kNone;
  bool negated_ = false;
  bool if_exists_ = false;
  std::vector<Value> values_;
};

}  // namespace sallyport::iam
