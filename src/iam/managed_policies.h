// Policies that AWS manages and users attach by ARN (AWS managed policy reference), as built-in
// data.
#pragma once

#include <span>
#include <string_view>

namespace sallyport::iam {

struct ManagedPolicy {
  std::string_view name;
  std::string_view arn;
  std::string_view document;  // JSON text
};

std::span<const ManagedPolicy> managed_policies();
// Null when there is no such policy.
const ManagedPolicy* find_managed_policy(std::string_view arn);

}  // namespace sallyport::iam
