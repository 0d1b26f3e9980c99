// Who acts, as far as policies care.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace sallyport::iam {

class PolicyDocument;

// Immutable, cheap to copy, thread-safe. Only this folder makes one that may do something.
class Identity {
 public:
  enum class Kind : std::uint8_t {
    kRoot,       // the installation's own key: no policy limits it, save a bucket policy's Deny
    kUser,       // an IAM user
    kRole,       // a session of an assumed role
    kAnonymous,  // an unsigned request: only what a bucket policy opens to everyone
  };

  static Identity root(std::string_view account = "000000000000");
  static Identity anonymous();

  Kind kind() const { return kind_; }
  bool is_root() const { return kind_ == Kind::kRoot; }
  const std::string& account() const { return account_; }
  // Whose policies count: the role's or user's ARN; for root the account's ":root" ARN. Condition
  // key aws:PrincipalArn.
  const std::string& principal_arn() const { return principal_arn_; }
  // "arn:aws:sts::<account>:assumed-role/<role>/<session>" for a role; else principal_arn().
  const std::string& caller_arn() const { return caller_arn_; }
  // Condition key aws:userid: "<role id>:<session name>", the user's id, the account for root.
  const std::string& user_id() const { return user_id_; }
  // Condition key aws:username; of a user only.
  const std::string& user_name() const { return user_name_; }
  // Of a role; else empty.
  const std::string& role_arn() const { return role_arn_; }
  // Until when an assumed role may be used; far in the future for others.
  WallTime expires() const { return expires_; }
  // When the role was assumed; zero for others.
  WallTime issued() const { return issued_; }
  // The name given at AssumeRole; of a role, else empty.
  std::string_view session_name() const;
  // Null: there is none.
  const PolicyDocument* session_policy() const { return session_policy_.get(); }
  const std::string& session_policy_text() const { return session_policy_text_; }

 private:
  friend class Authorizer;
  friend struct IdentityForTest;  // iam/testing/identity_for_test.h, which no product code includes
  Identity() = default;           // nobody gets one by forgetting to fill it in
  Kind kind_ = Kind::kAnonymous;
  std::string account_;
  std::string principal_arn_;
  std::string caller_arn_;
  std::string user_id_;
  std::string user_name_;
  std::string role_arn_;
  WallTime expires_ = WallTime::max();
  WallTime issued_{};
  std::string session_policy_text_;
  std::shared_ptr<const PolicyDocument> session_policy_;
};

}  // namespace sallyport::iam
