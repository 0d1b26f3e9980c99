// A workflow's steps between the API's JSON and the model.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <vector>

#include "api/fault.h"
#include "model/workflow.h"

namespace sallyport::api {

// The steps in a member of CreateWorkflow's request; none where it is absent. Each has the details
// of its type, whole, and no others. InvalidRequestException.
Outcome<std::vector<model::WorkflowStep>> read_workflow_steps(const nlohmann::json& request,
                                                              std::string_view member);
nlohmann::json workflow_steps_json(const std::vector<model::WorkflowStep>& steps);

}  // namespace sallyport::api
