// A customer-managed policy with its versions (IAM API reference, Policy, PolicyVersion). Plain
// data.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/server.h"

namespace sallyport::model {

struct PolicyVersion {
  std::string id;        // "v1", "v2", …; an id is not given twice
  std::string document;  // JSON text as given
  WallTime created{};
};

struct ManagedPolicy {
  std::string name;
  std::string path = "/";
  std::string id;  // ANPA and 17 upper-case letters or digits
  std::string arn;
  std::string description;
  std::string default_version = "v1";
  std::int64_t last_version = 1;        // the highest number ever given
  std::vector<PolicyVersion> versions;  // in the order made
  std::vector<Tag> tags;
  WallTime created{};
  WallTime updated{};

  // Null when the document is damaged.
  const PolicyVersion* version(std::string_view id) const;
};

std::string to_document(const ManagedPolicy& policy);
Result<ManagedPolicy> managed_policy_from_document(std::string_view document);

}  // namespace sallyport::model
