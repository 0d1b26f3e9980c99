#include "api/transfer/not_there.h"

#include <fmt/format.h>

#include <algorithm>

namespace sallyport::api {

namespace {

constexpr std::string_view kConnectors = "connectors do not reach partners";
constexpr std::string_view kProviders = "no identity provider other than SERVICE_MANAGED is asked";
constexpr std::string_view kWorkflows = "workflows are not run";

constexpr NotThereRow kRows[] = {
    {"DescribeExecution", kWorkflows, "there is never an execution"},
    {"ListExecutions", kWorkflows, "the list is empty"},
    {"ListFileTransferResults", kConnectors, "there is never a transfer"},
    {"SendWorkflowStepState", kWorkflows, "there is never an execution"},
    {"StartDirectoryListing", kConnectors},
    {"StartFileTransfer", kConnectors},
    {"StartRemoteDelete", kConnectors},
    {"StartRemoteMove", kConnectors},
    {"TestConnection", kConnectors},
    {"TestIdentityProvider", kProviders},
};

}  // namespace

std::span<const NotThereRow> not_there_rows() {
  return kRows;
}

Fault not_there(std::string_view operation) {
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows),
                                 [&](const NotThereRow& r) { return r.operation == operation; });
  return {Errc::kUnsupported,
          fmt::format("{} is not available in this version: {}.", operation, row->what)};
}

}  // namespace sallyport::api
