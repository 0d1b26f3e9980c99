#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "codec/json.h"
#include "model/document_fields.h"
#include "model/workflow.h"

namespace sallyport::model {
namespace {

using nlohmann::json;

json steps_to_json(const std::vector<WorkflowStep>& steps) {
  json list = json::array();
  for (const WorkflowStep& step : steps) {
    json out = {{"Type", step.type},
                {"Name", step.name},
                {"SourceFileLocation", step.source_file_location},
                {"OverwriteExisting", step.overwrite_existing},
                {"Target", step.target},
                {"TimeoutSeconds", step.timeout_seconds},
                {"Tags", tags_to_json(step.tags)},
                {"EncryptionType", step.encryption_type}};
    if (step.destination) {
      out["Destination"] = {{"Efs", step.destination->efs},
                            {"Container", step.destination->container},
                            {"Path", step.destination->path}};
    }
    list.push_back(std::move(out));
  }
  return list;
}

void read_destination(FieldReader& parent, std::optional<StepDestination>& out) {
  const json* const object = parent.object("Destination");
  if (object == nullptr) return;
  FieldReader fields(*object, "Destination");
  StepDestination& destination = out.emplace();
  fields.boolean("Efs", destination.efs);
  fields.required_text("Container", destination.container);
  fields.text("Path", destination.path);
  parent.absorb(fields);
}

void read_steps(FieldReader& parent, const char* name, std::vector<WorkflowStep>& out) {
  for (const json* element : parent.objects(name)) {
    FieldReader fields(*element, "WorkflowStep");
    WorkflowStep& step = out.emplace_back();
    fields.required_text("Type", step.type);
    fields.text("Name", step.name);
    fields.text("SourceFileLocation", step.source_file_location);
    read_destination(fields, step.destination);
    fields.text("OverwriteExisting", step.overwrite_existing);
    fields.text("Target", step.target);
    fields.integer("TimeoutSeconds", step.timeout_seconds);
    fields.tags("Tags", step.tags);
    fields.text("EncryptionType", step.encryption_type);
    parent.absorb(fields);
  }
}

}  // namespace

std::string arn_of(const Place& place, const WorkflowId& id) {
  return fmt::format("arn:aws:transfer:{}:{}:workflow/{}", place.region, place.account, id.str());
}

std::string to_document(const Workflow& workflow) {
  return codec::write_json(json{
      {"WorkflowId", workflow.id.str()},
      {"Description", workflow.description},
      {"Steps", steps_to_json(workflow.steps)},
      {"OnExceptionSteps", steps_to_json(workflow.on_exception_steps)},
      {"Tags", tags_to_json(workflow.tags)},
      {"CreatedMs", to_unix_ms(workflow.created)},
  });
}

Result<Workflow> workflow_from_document(std::string_view document) {
  TRY_ASSIGN(const json object, parse_document(document, "workflow"));
  FieldReader fields(object, "workflow");
  Workflow workflow;
  fields.id("WorkflowId", workflow.id);
  fields.text("Description", workflow.description);
  read_steps(fields, "Steps", workflow.steps);
  read_steps(fields, "OnExceptionSteps", workflow.on_exception_steps);
  fields.tags("Tags", workflow.tags);
  fields.time("CreatedMs", workflow.created);
  TRY(fields.result());
  return workflow;
}

}  // namespace sallyport::model
