// Identities without an Authorizer, for tests of what takes them.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "iam/identity.h"
#include "iam/policy.h"

namespace sallyport::iam {

struct IdentityForTest {
  static Identity role(const std::string& name = "transfer", const std::string& session = "ann",
                       const std::string& account = "000000000000") {
    Identity out;
    out.kind_ = Identity::Kind::kRole;
    out.account_ = account;
    out.role_arn_ = "arn:aws:iam::" + account + ":role/" + name;
    out.principal_arn_ = out.role_arn_;
    out.caller_arn_ = "arn:aws:sts::" + account + ":assumed-role/" + name + "/" + session;
    out.user_id_ = "AROATESTTESTTESTTEST1:" + session;
    return out;
  }
  static Identity user(const std::string& name = "alice",
                       const std::string& account = "000000000000") {
    Identity out;
    out.kind_ = Identity::Kind::kUser;
    out.account_ = account;
    out.principal_arn_ = "arn:aws:iam::" + account + ":user/" + name;
    out.caller_arn_ = out.principal_arn_;
    out.user_id_ = "AIDATESTTESTTESTTEST1";
    out.user_name_ = name;
    return out;
  }
};

}  // namespace sallyport::iam
