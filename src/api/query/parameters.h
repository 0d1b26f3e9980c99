// The parameters of one Query request, checked as IAM and STS check them: all violations at once
// ("2 validation errors detected: …"), in their words.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/decode.h"
#include "api/query/service.h"
#include "model/server.h"

namespace sallyport::api {

inline constexpr std::size_t kMaxRoleName = 64;
inline constexpr std::size_t kMaxNewUserName = 64;
inline constexpr std::size_t kMaxUserName = 128;
inline constexpr std::size_t kMaxPolicyName = 128;
inline constexpr std::size_t kMaxTags = 50;

// "RoleName" → "roleName", as errors and audit events write it.
std::string lower_camel(std::string_view name);

Fault validation_error(std::string message);
Fault no_such_entity(std::string message);

// Lengths in bytes; `pattern` in Java's syntax, "" allows everything.
struct TextRule {
  std::size_t min = 0;
  std::size_t max = std::numeric_limits<std::size_t>::max();
  std::string_view pattern = {};
};

// Collects what is wrong; values that were read count only once check() is passed. Not thread-safe.
class Parameters {
 public:
  // `call` outlives it.
  explicit Parameters(const QueryCall& call) : call_(call) {}

  std::string text(std::string_view name, const TextRule& rule);  // must be there
  std::optional<std::string> optional_text(std::string_view name, const TextRule& rule);
  std::optional<std::int64_t> number(std::string_view name, std::int64_t min, std::int64_t max);
  bool flag(std::string_view name);  // false without it
  std::optional<std::string> one_of(std::string_view name,
                                    std::initializer_list<std::string_view> allowed);
  void missing(std::string_view name) { violated(name, "not be null"); }

  // RoleName, UserName, PolicyName.
  std::string name(std::string_view parameter, std::size_t max_length);
  std::optional<std::string> optional_name(std::string_view parameter, std::size_t max_length);
  std::string policy_arn(std::string_view parameter = "PolicyArn");
  std::string policy_document(std::string_view parameter);
  std::optional<std::string> path(std::string_view parameter);  // "/", "/a/b/"; of roles and users
  std::optional<std::string> policy_path();
  std::string path_prefix();  // "/" without it
  // Tags.member.N. `ignore_case`: keys that differ in case only are the same key.
  std::vector<model::Tag> tags(bool ignore_case);
  std::vector<std::string> tag_keys();  // TagKeys.member.N

  // For what is understood and not offered: taking and ignoring it would grant too much.
  void refuse(std::string_view parameter);

  Outcome<Done> check() const;

 private:
  std::optional<std::string_view> find(std::string_view name) const {
    return call_.form.find(name);
  }
  void violated(std::string_view place, std::string_view constraint);
  void check_text(std::string_view place, std::string_view value, const TextRule& rule);
  void fault(Fault fault);

  const QueryCall& call_;
  Violations violations_;
  std::optional<Fault> fault_;  // what has words of its own; told after the violations
};

}  // namespace sallyport::api
