#include "iam/identity.h"

namespace sallyport::iam {

Identity Identity::root(std::string_view account) {
  Identity out;
  out.kind_ = Kind::kRoot;
  out.account_ = account;
  out.principal_arn_ = "arn:aws:iam::" + std::string(account) + ":root";
  out.caller_arn_ = out.principal_arn_;
  out.user_id_ = account;
  return out;
}

Identity Identity::anonymous() {
  return Identity();
}

}  // namespace sallyport::iam
