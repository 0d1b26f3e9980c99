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

std::string_view Identity::session_name() const {
  if (kind_ != Kind::kRole) return {};
  const std::string_view arn = caller_arn_;
  return arn.substr(arn.rfind('/') + 1);
}

}  // namespace sallyport::iam
