// An IAM role (IAM API reference, Role). Plain data.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/server.h"

namespace sallyport::model {

struct Role {
  std::string name;
  std::string path = "/";
  std::string id;  // AROA and 17 upper-case letters or digits
  std::string arn;
  std::string description;
  std::string assume_role_policy_document;  // JSON text as given
  std::int64_t max_session_duration = 3600;
  std::map<std::string, std::string> inline_policies;  // name → JSON text as given
  std::vector<std::string> attached_policy_arns;
  std::vector<Tag> tags;
  WallTime created{};
};

std::string to_document(const Role& role);
Result<Role> role_from_document(std::string_view document);

}  // namespace sallyport::model
