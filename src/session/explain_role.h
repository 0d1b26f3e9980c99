// What is wrong with a role that a file transfer server is to assume, in detail: the Authorizer
// only says that it cannot be assumed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "iam/pattern.h"
#include "model/role.h"
#include "state/resource_store.h"

namespace sallyport::session {

inline constexpr std::string_view kTransferService = "transfer.amazonaws.com";
// A trust policy that lets the service assume the role, and nobody else.
inline constexpr std::string_view kTransferTrustPolicy =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"transfer.amazonaws.com"},"Action":"sts:AssumeRole"}]})";

struct RoleFault {
  enum class Kind : std::uint8_t {
    kMissing,           // there is no role of that name
    kOtherArn,          // there is one, under another ARN
    kUnreadableTrust,   // the trust policy cannot be read
    kNotTrusted,        // no statement names the service
    kTrustCondition,    // one does, and its action or conditions do not fit
    kTrustDenied,       // a statement denies it
    kUnreadablePolicy,  // a policy cannot be read; then the role allows nothing
    kMissingPolicy,     // an attached policy is not there; then the role allows nothing
    kUnknownAwsPolicy,  // an attached policy of AWS is not built in; it adds nothing
  };
  Kind kind;
  std::string message;  // a sentence
  std::string policy;   // name of an inline policy or ARN of an attached one; else empty

  bool prevents_assuming() const { return kind <= Kind::kTrustDenied; }
  // Then the role allows nothing.
  bool prevents_reading() const {
    return kind == Kind::kUnreadablePolicy || kind == Kind::kMissingPolicy;
  }
};

struct RoleCheck {
  std::string arn;
  std::optional<model::Role> role;  // as found by its name
  std::vector<RoleFault> faults;
};

// "arn:aws:iam::…:role/path/name" → "name".
std::string role_name_of(std::string_view arn);

// `trust_context` as the Authorizer has it when `server_arn` assumes the role. Errors:
// kUnavailable; a role whose record cannot be read is kCorrupt.
Task<Result<RoleCheck>> check_role(state::ResourceStore& resources, std::string arn,
                                   std::string server_arn);

}  // namespace sallyport::session
