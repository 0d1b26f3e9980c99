// What an import reads: a line of an export, or the answer of a Describe or List operation, taken
// apart into single resources. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/moves/kinds.h"
#include "base/result.h"

namespace sallyport::api {

struct MovedElement {
  const MovedKind* kind = nullptr;
  std::string server;  // of kinds that belong to one
  std::string id;
  bool listed = false;     // by a List operation, which says less
  nlohmann::json content;  // members as the kind's Describe operation has them, types checked
  std::string secret;      // "" without one
};

// "User ann of s-0123456789abcdef0"
std::string name_of(const MovedKind& kind, std::string_view server, std::string_view id);

// The head of an export makes none. ARNs of the account and region that the resource's own ARN
// names become those of `place` where they are IAM's, Transfer Family's or CloudWatch Logs'.
// kInvalidArgument: not JSON, not such an answer, members of wrong types, no id.
Result<std::vector<MovedElement>> read_elements(std::string_view line, const model::Place& place);

// Seconds since the epoch of "2026-01-02T03:04:05.678+01:00"; nullopt for what is no such text.
std::optional<double> seconds_of_iso8601(std::string_view text);

}  // namespace sallyport::api
