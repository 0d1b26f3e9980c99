// An IAM user (IAM API reference, User). Plain data.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/server.h"

namespace sallyport::model {

struct IamUser {
  std::string name;
  std::string path = "/";
  std::string id;  // AIDA and 17 upper-case letters or digits
  std::string arn;
  std::map<std::string, std::string> inline_policies;  // name → JSON text as given
  std::vector<std::string> attached_policy_arns;
  std::vector<std::string> access_key_ids;
  std::vector<Tag> tags;
  WallTime created{};
};

std::string to_document(const IamUser& user);
Result<IamUser> iam_user_from_document(std::string_view document);

}  // namespace sallyport::model
