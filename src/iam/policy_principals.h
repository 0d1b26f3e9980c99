// Who a statement of a bucket or trust policy speaks of (IAM user guide, "AWS JSON policy elements:
// Principal").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sallyport::iam {

class Identity;

// How closely a statement names a caller; a higher one grants more.
enum class Naming : std::uint8_t {
  kNot,      // not at all
  kAccount,  // his account: he is whom the account's own policies let
  kRole,     // the role of his session, or its id: a session policy limits what is granted
  kCaller,   // himself: user, id of the user, session of a role, or everyone
};

// Immutable after parse, thread-safe.
class Principals {
 public:
  // One value of {"AWS": …}, {"Service": …}, {"Federated": …} or {"CanonicalUser": …}. Errors:
  // kInvalidArgument (a type that is not known, a value that is none of it).
  Result<void> add(std::string_view type, std::string_view value);
  // "*"
  void add_everyone() { everyone_ = true; }

  // {"AWS": "*"} and "*" name everybody, services and anonymous callers too. Federated principals
  // name nobody; a canonical user is the account whose id it is.
  Naming names(const Identity& caller) const;
  bool names_service(std::string_view service) const;
  bool everyone() const { return everyone_; }

 private:
  enum class Form : std::uint8_t {
    kAccount,    // value: the account's id
    kArn,        // of a user, a role or a session
    kId,         // "AIDA…", "AROA…"
    kService,    // "transfer.amazonaws.com"; "*" is every service
    kFederated,  // kept for what it says
  };
  struct One {
    Form form;
    std::string value;
  };
  Result<void> add_aws(std::string_view value);

  bool everyone_ = false;
  std::vector<One> list_;
};

}  // namespace sallyport::iam
