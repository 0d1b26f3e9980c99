// What somebody who logs in is given, between the API's JSON and the model: members in, rules,
// members out. Users and accesses of directory groups share it.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "api/fault.h"
#include "api/services.h"
#include "model/grant.h"
#include "model/server.h"

namespace sallyport::api {

// Puts the members that CreateUser, UpdateUser, CreateAccess and UpdateAccess share, and that are
// given, into `grant`.
void apply_grant_members(const nlohmann::json& request, model::Grant& grant);

// What must hold of a grant (user guide, "Using logical directories", "Creating a session policy").
// InvalidRequestException.
Outcome<Done> check_grant(const model::Grant& grant, const model::Server& server,
                          const TransferLimits& limits);

// The rules of logical directories alone.
Outcome<Done> check_mappings(const std::vector<model::HomeDirectoryMapEntry>& mappings,
                             std::string_view home_directory);

// What DescribedUser and DescribedAccess share; what ListedUser and ListedAccess share.
nlohmann::json described_grant(const model::Grant& grant);
nlohmann::json listed_grant(const model::Grant& grant);
nlohmann::json mappings_json(const std::vector<model::HomeDirectoryMapEntry>& mappings);

}  // namespace sallyport::api
