// Policies that AWS manages and users attach by ARN (AWS managed policy reference), as built-in
// data: content, version and dates as published there.
#pragma once

#include <span>
#include <string_view>

namespace sallyport::iam {

struct ManagedPolicy {
  std::string_view name;
  std::string_view arn;
  std::string_view document;  // JSON text
  std::string_view path;      // "/" or "/service-role/"
  std::string_view description;
  std::string_view version;  // the default one, e.g. "v2"
  std::string_view created;  // ISO 8601 in UTC
  std::string_view updated;
};

// In the order of their names.
std::span<const ManagedPolicy> managed_policies();
// Null when there is no such policy. ARNs are compared with letter case.
const ManagedPolicy* find_managed_policy(std::string_view arn);

}  // namespace sallyport::iam
