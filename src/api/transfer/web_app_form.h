// A web app between the API's JSON and the model: members in, rules, members out.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "api/fault.h"
#include "api/services.h"
#include "model/web_app.h"

namespace sallyport::api {

// Puts the members of CreateWebApp into `app`.
Outcome<Done> apply_new_web_app_members(const nlohmann::json& request, model::WebApp& app);
// Puts the members of UpdateWebApp that are given into `app`. A PUBLIC app stays one.
Outcome<Done> apply_web_app_update(const nlohmann::json& request, model::WebApp& app);

// What must hold of a web app (user guide, "Configure a web app", "Create a web app in a VPC").
// InvalidRequestException.
Outcome<Done> check_web_app(const model::WebApp& app, const TransferLimits& limits);

// The forms of the managed service. `suffix`: 16 letters and digits.
std::string application_arn(const model::Place& place, std::string_view instance_arn,
                            std::string_view suffix);
std::string web_app_endpoint(const model::Place& place, const model::WebApp& app);

// DescribedWebApp and ListedWebApp.
nlohmann::json described_web_app(const model::Place& place, const model::WebApp& app);
nlohmann::json listed_web_app(const model::Place& place, const model::WebApp& app);

}  // namespace sallyport::api
