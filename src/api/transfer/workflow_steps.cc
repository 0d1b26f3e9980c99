#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/transfer/context.h"
#include "api/transfer/workflow_form.h"

namespace sallyport::api {

namespace {

using model::StepDestination;
using model::WorkflowStep;
using nlohmann::json;

struct StepKind {
  std::string_view type;
  std::string_view details;  // the member that holds them
};
constexpr StepKind kKinds[] = {{"COPY", "CopyStepDetails"},
                               {"CUSTOM", "CustomStepDetails"},
                               {"DELETE", "DeleteStepDetails"},
                               {"TAG", "TagStepDetails"},
                               {"DECRYPT", "DecryptStepDetails"}};

std::string details_name(std::string_view type) {
  for (const StepKind& kind : kKinds)
    if (kind.type == type) return std::string(kind.details);
  return {};
}

Fault required(std::string_view what, const std::string& type) {
  return invalid_request(fmt::format("{} required for step type: {}", what, type));
}

Outcome<StepDestination> read_destination(const json& in, const std::string& type) {
  const bool s3 = in.contains("S3FileLocation"), efs = in.contains("EfsFileLocation");
  if (s3 == efs)
    return invalid_request(
        "DestinationFileLocation must have either S3FileLocation or EfsFileLocation");
  // User guide, "Copy file": objects only.
  if (efs && type == "COPY")
    return invalid_request("EfsFileLocation unsupported for step type: COPY");
  const json& location = in[s3 ? "S3FileLocation" : "EfsFileLocation"];
  const char* container = s3 ? "Bucket" : "FileSystemId";
  const char* path = s3 ? "Key" : "Path";
  StepDestination out{efs, text_of(location, container), text_of(location, path)};
  if (out.container.empty()) return required(container, type);
  if (!location.contains(path)) return required(path, type);
  return out;
}

Outcome<Done> read_tags_of_step(const json& details, WorkflowStep& out) {
  if (!details.contains("Tags")) return required("Tags", out.type);
  std::vector<std::string> keys;
  for (const json& tag : details["Tags"]) {
    out.tags.push_back({text_of(tag, "Key"), text_of(tag, "Value")});
    keys.push_back(out.tags.back().key);
  }
  return check_unique(keys, "Tag keys");
}

Outcome<Done> read_details(const json& details, WorkflowStep& out) {
  out.name = text_of(details, "Name");
  out.source_file_location = text_of(details, "SourceFileLocation");
  if (!out.source_file_location.empty() && out.source_file_location != "${previous.file}" &&
      out.source_file_location != "${original.file}")
    return invalid_request("SourceFileLocation must be ${previous.file} or ${original.file}");
  if (out.type == "COPY" || out.type == "DECRYPT") {
    if (!details.contains("DestinationFileLocation"))
      return required("DestinationFileLocation", out.type);
    TRY_ASSIGN(out.destination, read_destination(details["DestinationFileLocation"], out.type));
    out.overwrite_existing = text_of(details, "OverwriteExisting");
  }
  if (out.type == "DECRYPT") out.encryption_type = text_of(details, "Type");
  if (out.type == "CUSTOM") {
    out.target = text_of(details, "Target");
    if (out.target.empty()) return required("Target", out.type);
    out.timeout_seconds = details.value("TimeoutSeconds", out.timeout_seconds);
  }
  if (out.type == "TAG") return read_tags_of_step(details, out);
  return done();
}

Outcome<WorkflowStep> read_step(const json& in) {
  WorkflowStep out;
  out.type = text_of(in, "Type");
  if (out.type.empty()) return invalid_request("Type required for each workflow step");
  const std::string details = details_name(out.type);
  for (const StepKind& kind : kKinds)
    if (kind.type != out.type && in.contains(kind.details))
      return invalid_request(
          fmt::format("{} unsupported for step type: {}", kind.details, out.type));
  if (!in.contains(details)) return required(details, out.type);
  TRY(read_details(in[details], out));
  return out;
}

void put(json& out, const char* member, const std::string& value) {
  if (!value.empty()) out[member] = value;
}

json step_json(const WorkflowStep& step) {
  json details = json::object();
  put(details, "Name", step.name);
  put(details, "SourceFileLocation", step.source_file_location);
  if (step.destination) {
    const StepDestination& to = *step.destination;
    json& location = details["DestinationFileLocation"];
    if (to.efs) {
      location["EfsFileLocation"] = {{"FileSystemId", to.container}, {"Path", to.path}};
    } else {
      location["S3FileLocation"] = {{"Bucket", to.container}, {"Key", to.path}};
    }
  }
  put(details, "OverwriteExisting", step.overwrite_existing);
  put(details, "Target", step.target);
  if (step.timeout_seconds != 0) details["TimeoutSeconds"] = step.timeout_seconds;
  if (!step.tags.empty()) details["Tags"] = tags_json(step.tags);
  put(details, "Type", step.encryption_type);
  return {{"Type", step.type}, {details_name(step.type), std::move(details)}};
}

}  // namespace

Outcome<std::vector<WorkflowStep>> read_workflow_steps(const json& request,
                                                       std::string_view member) {
  std::vector<WorkflowStep> steps;
  const auto given = request.find(member);
  if (given == request.end()) return steps;
  for (const json& step : *given) {
    TRY_ASSIGN(auto read, read_step(step));
    steps.push_back(std::move(read));
  }
  return steps;
}

json workflow_steps_json(const std::vector<WorkflowStep>& steps) {
  json out = json::array();
  for (const WorkflowStep& step : steps) out.push_back(step_json(step));
  return out;
}

}  // namespace sallyport::api
