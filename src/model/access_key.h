// An access key of an IAM user (IAM API reference, AccessKey). Plain data.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace sallyport::model {

struct AccessKey {
  std::string id;  // AKIA…
  std::string user_name;
  std::string sealed_secret;  // crypto::SecretBox, bound to "access-key:<id>"
  bool active = true;
  WallTime created{};
};

std::string to_document(const AccessKey& key);
Result<AccessKey> access_key_from_document(std::string_view document);

}  // namespace sallyport::model
