#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/transfer/operations.h"
#include "api/transfer/references.h"
#include "api/transfer/workflow_form.h"

namespace sallyport::api {

namespace {

using model::Workflow;
using nlohmann::json;

// What ListWorkflows shows, and DescribeWorkflow too.
json listed_workflow(const TransferContext& context, const Workflow& workflow) {
  json out = {{"Arn", model::arn_of(context.place, workflow.id)},
              {"WorkflowId", workflow.id.str()}};
  put_text(out, "Description", workflow.description);
  return out;
}

Task<Outcome<json>> unknown_execution(const TransferContext& context, const json& request) {
  CO_TRY(co_await load_stored<Workflow>(context, "", text_of(request, "WorkflowId")));
  co_return Fault(Errc::kNotFound, "Unknown execution")
      .about("Execution", text_of(request, "ExecutionId"));
}

}  // namespace

Task<Outcome<json>> create_workflow(const TransferContext& context, json request) {
  Workflow workflow;
  workflow.id = model::WorkflowId(new_id(context, "w-"));
  workflow.created = context.clock.wall();
  workflow.description = text_of(request, "Description");
  CO_TRY_ASSIGN(workflow.steps, read_workflow_steps(request, "Steps"));
  CO_TRY_ASSIGN(workflow.on_exception_steps, read_workflow_steps(request, "OnExceptionSteps"));
  CO_TRY_ASSIGN(workflow.tags, read_tags(request, "Tags"));
  const auto quota = within_quota<Workflow>("", "WorkflowsPerAccount", context.limits.workflows);
  CO_TRY(co_await insert_stored(context, workflow, quota));
  co_return json{{"WorkflowId", workflow.id.str()}};
}

Task<Outcome<json>> describe_workflow(const TransferContext& context, json request) {
  CO_TRY_ASSIGN(const auto stored,
                co_await load_stored<Workflow>(context, "", text_of(request, "WorkflowId")));
  const Workflow& workflow = stored.value;
  json shown = listed_workflow(context, workflow);
  shown["Steps"] = workflow_steps_json(workflow.steps);
  if (!workflow.on_exception_steps.empty())
    shown["OnExceptionSteps"] = workflow_steps_json(workflow.on_exception_steps);
  if (!workflow.tags.empty()) shown["Tags"] = tags_json(workflow.tags);
  co_return json{{"Workflow", std::move(shown)}};
}

Task<Outcome<json>> delete_workflow(const TransferContext& context, json request) {
  const RemovalCheck<Workflow> check = [&context](const Workflow& workflow) {
    return check_workflow_unused(context, workflow.id);
  };
  CO_TRY(co_await remove_stored<Workflow>(context, "", text_of(request, "WorkflowId"), check));
  co_return json();
}

Task<Outcome<json>> list_workflows(const TransferContext& context, json request) {
  const Shown<Workflow> show = [&context](const Workflow& workflow) {
    return listed_workflow(context, workflow);
  };
  co_return co_await list_stored<Workflow>(context, "ListWorkflows", "", std::move(request),
                                           "Workflows", show);
}

// These know the executions in progress only. None ever is, as long as nothing runs workflows.
Task<Outcome<json>> list_executions(const TransferContext& context, json request) {
  const std::string id = text_of(request, "WorkflowId");
  CO_TRY(co_await load_stored<Workflow>(context, "", id));
  CO_TRY(read_page_request(context, "ListExecutions|" + id, request));
  co_return json{{"WorkflowId", id}, {"Executions", json::array()}};
}

Task<Outcome<json>> describe_execution(const TransferContext& context, json request) {
  co_return co_await unknown_execution(context, request);
}

Task<Outcome<json>> send_workflow_step_state(const TransferContext& context, json request) {
  co_return co_await unknown_execution(context, request);
}

}  // namespace sallyport::api
