// Looks over one remote store for `sallyport doctor`: is it there, is it trusted, does it take our
// keys, does its STS answer, and what must users' roles say?
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "s3/key_sources.h"
#include "s3/place.h"
#include "s3/sts.h"

namespace sallyport::s3 {

enum class StoreLevel : std::uint8_t { kOk, kWarning, kProblem };

struct StoreFinding {
  StoreLevel level = StoreLevel::kOk;
  std::string kind;  // "reach", "tls", "clock", "keys", "sts", "roles"
  std::string text;  // follows "store NAME: "
  std::string next;  // what to type; may be empty
};

struct StoreToCheck {
  Place place;
  bool use_sts = true;
  StsOptions sts;
  KeySource& keys;
  KeyTools tools;
};

// Calls nothing but what lists buckets, tells who asks, and asks for a role that is not there.
// `store` outlives the task. Never fails: what it cannot do is a finding.
Task<std::vector<StoreFinding>> examine_store(const StoreToCheck& store);

// "arn:aws:sts::1:assumed-role/R/S" acts by the role arn:aws:iam::1:role/R; others are as they are.
std::string trusted_principal(const std::string& caller_arn);
// A trust policy for a user's role, with that principal.
std::string example_trust(const std::string& principal);

}  // namespace sallyport::s3
