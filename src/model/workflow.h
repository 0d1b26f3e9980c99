// A managed workflow, as CreateWorkflow makes it and DescribeWorkflow shows it (DescribedWorkflow).
// Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/ids.h"
#include "model/server.h"

namespace sallyport::model {

using WorkflowId = StrongString<struct WorkflowIdTag>;  // w- and 17 hexadecimal digits

std::string arn_of(const Place& place, const WorkflowId& id);

// Where a step writes: an object of a bucket, or a file of an EFS file system.
struct StepDestination {
  bool efs = false;
  std::string container;  // bucket, or file system id
  std::string path;       // key, or path
};

// Texts are empty when never given.
struct WorkflowStep {
  std::string type;  // COPY, CUSTOM, TAG, DELETE or DECRYPT
  std::string name;
  std::string source_file_location;            // ${previous.file} or ${original.file}
  std::optional<StepDestination> destination;  // COPY, DECRYPT
  std::string overwrite_existing;              // COPY, DECRYPT: TRUE or FALSE
  std::string target;                          // CUSTOM: ARN of a function
  std::int64_t timeout_seconds = 0;            // CUSTOM; 0: never given
  std::vector<Tag> tags;                       // TAG
  std::string encryption_type;                 // DECRYPT: PGP
};

struct Workflow {
  WorkflowId id;
  std::string description;
  std::vector<WorkflowStep> steps;
  std::vector<WorkflowStep> on_exception_steps;
  std::vector<Tag> tags;
  WallTime created{};
};

std::string to_document(const Workflow& workflow);
Result<Workflow> workflow_from_document(std::string_view document);

}  // namespace sallyport::model
