// A service-managed user between the API's JSON and the model: members in, rules, members out.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "api/fault.h"
#include "api/services.h"
#include "model/server.h"
#include "model/user.h"

namespace sallyport::api {

// Puts the members that CreateUser and UpdateUser share, and that are given, into `user`.
void apply_user_members(const nlohmann::json& request, model::User& user);

// What must hold of a user (user guide, "Using logical directories", "Creating a session policy").
Outcome<Done> check_user(const model::User& user, const model::Server& server,
                         const TransferLimits& limits);

// The rules of logical directories alone.
Outcome<Done> check_mappings(const std::vector<model::HomeDirectoryMapEntry>& mappings,
                             std::string_view home_directory);

// DescribedUser and ListedUser.
nlohmann::json described_user(const model::User& user);
nlohmann::json listed_user(const model::User& user);

}  // namespace sallyport::api
