#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/testing/api_fixture.h"
#include "api/testing/output_check.h"

namespace sallyport::api {
namespace {

using testing::Answer;
using testing::ApiFixture;
using testing::expect_output;
using testing::json;
using testing::kRole;

class TransferWorkflows : public ::testing::Test {
 protected:
  static TransferLimits limits() {
    TransferLimits limits;
    limits.workflows = 3;
    return limits;
  }

  Answer create(const json& steps, const json& members = json::object()) {
    json request = {{"Steps", steps}};
    request.update(members);
    return api.transfer("CreateWorkflow", request);
  }
  std::string id_of(const Answer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.parsed().value("WorkflowId", "");
  }
  json describe(const std::string& id) {
    const Answer answer = api.transfer("DescribeWorkflow", {{"WorkflowId", id}});
    EXPECT_EQ(answer.status, 200) << answer.body;
    expect_output("DescribeWorkflow", answer.parsed());
    return answer.parsed()["Workflow"];
  }
  void refused(const Answer& answer, const std::string& message,
               const std::string& type = "InvalidRequestException") {
    EXPECT_EQ(answer.status, 400) << answer.body;
    EXPECT_EQ(answer.type(), type) << answer.body;
    EXPECT_EQ(answer.message(), message);
  }
  // One step with these details.
  void step_refused(const json& step, const std::string& message) {
    refused(create(json::array({step})), message);
  }

  static json s3(const char* key = "done/") {
    return {{"S3FileLocation", {{"Bucket", "demo"}, {"Key", key}}}};
  }
  static json delete_step(const char* name = "gone") {
    return {{"Type", "DELETE"}, {"DeleteStepDetails", {{"Name", name}}}};
  }
  static json copy_step(const json& members = json::object()) {
    json details = {{"DestinationFileLocation", s3()}};
    details.update(members);
    return {{"Type", "COPY"}, {"CopyStepDetails", details}};
  }
  static json on_upload(const std::string& workflow) {
    return {{"OnUpload", {{{"WorkflowId", workflow}, {"ExecutionRole", kRole}}}}};
  }

  ApiFixture api{limits()};
};

TEST_F(TransferWorkflows, StepsOfEveryTypeAreShownAsGiven) {
  const json steps = {
      copy_step({{"Name", "keep"}, {"OverwriteExisting", "TRUE"}}),
      {{"Type", "CUSTOM"},
       {"CustomStepDetails",
        {{"Name", "scan"},
         {"Target", "arn:aws:lambda:us-east-1:000000000000:function:scan"},
         {"TimeoutSeconds", 60},
         {"SourceFileLocation", "${previous.file}"}}}},
      {{"Type", "TAG"},
       {"TagStepDetails", {{"Name", "tag"}, {"Tags", {{{"Key", "a"}, {"Value", "b"}}}}}}},
      {{"Type", "DECRYPT"},
       {"DecryptStepDetails",
        {{"Type", "PGP"},
         {"DestinationFileLocation",
          {{"EfsFileLocation", {{"FileSystemId", "fs-0123456789abcdef0"}, {"Path", "/clear"}}}}}}}},
      {{"Type", "DELETE"},
       {"DeleteStepDetails", {{"Name", "gone"}, {"SourceFileLocation", "${original.file}"}}}}};
  const json tags = {{{"Key", "a"}, {"Value", "b"}}};
  const json failed = json::array({delete_step("failed")});
  const Answer made =
      create(steps, {{"Description", "the whole"}, {"OnExceptionSteps", failed}, {"Tags", tags}});
  expect_output("CreateWorkflow", made.parsed());
  const std::string id = id_of(made);
  EXPECT_EQ(describe(id), json({{"Arn", "arn:aws:transfer:us-east-1:000000000000:workflow/" + id},
                                {"WorkflowId", id},
                                {"Description", "the whole"},
                                {"Steps", steps},
                                {"OnExceptionSteps", failed},
                                {"Tags", tags}}));
}

TEST_F(TransferWorkflows, StepsHaveTheDetailsOfTheirType) {
  step_refused({{"DeleteStepDetails", json::object()}}, "Type required for each workflow step");
  step_refused({{"Type", "DELETE"}}, "DeleteStepDetails required for step type: DELETE");
  json both = delete_step();
  both["TagStepDetails"] = {{"Tags", {{{"Key", "a"}, {"Value", "b"}}}}};
  step_refused(both, "TagStepDetails unsupported for step type: DELETE");
  step_refused({{"Type", "TAG"}, {"TagStepDetails", json::object()}},
               "Tags required for step type: TAG");
  step_refused({{"Type", "CUSTOM"}, {"CustomStepDetails", {{"Name", "x"}}}},
               "Target required for step type: CUSTOM");
  EXPECT_EQ(create(json::array({{{"Type", "MOVE"}}})).type(), "ValidationException");
}

TEST_F(TransferWorkflows, DestinationsAreWhole) {
  step_refused({{"Type", "COPY"}, {"CopyStepDetails", json::object()}},
               "DestinationFileLocation required for step type: COPY");
  const char* either = "DestinationFileLocation must have either S3FileLocation or EfsFileLocation";
  step_refused(copy_step({{"DestinationFileLocation", json::object()}}), either);
  json efs = {{"EfsFileLocation", {{"FileSystemId", "fs-0123456789abcdef0"}, {"Path", "/a"}}}};
  step_refused(copy_step({{"DestinationFileLocation", efs}}),
               "EfsFileLocation unsupported for step type: COPY");
  efs.update(s3());
  step_refused(copy_step({{"DestinationFileLocation", efs}}), either);
  step_refused(copy_step({{"DestinationFileLocation", {{"S3FileLocation", {{"Key", "a"}}}}}}),
               "Bucket required for step type: COPY");
  step_refused(copy_step({{"DestinationFileLocation", {{"S3FileLocation", {{"Bucket", "demo"}}}}}}),
               "Key required for step type: COPY");
}

TEST_F(TransferWorkflows, SourcesAreOneOfTwo) {
  step_refused(copy_step({{"SourceFileLocation", "${other.file}"}}),
               "SourceFileLocation must be ${previous.file} or ${original.file}");
  EXPECT_EQ(create(json::array({copy_step({{"SourceFileLocation", "previous"}})})).type(),
            "ValidationException");
}

TEST_F(TransferWorkflows, TagsOfAStepAreUnique) {
  const json tag = {{"Key", "a"}, {"Value", "b"}};
  step_refused({{"Type", "TAG"}, {"TagStepDetails", {{"Tags", {tag, tag}}}}},
               "Tag keys must be unique");
}

TEST_F(TransferWorkflows, HaveEightStepsAtMost) {
  EXPECT_EQ(create(json(8, delete_step())).status, 200);
  EXPECT_EQ(create(json(9, delete_step())).type(), "ValidationException");
  EXPECT_EQ(
      create(json::array({delete_step()}), {{"OnExceptionSteps", json(9, delete_step())}}).type(),
      "ValidationException");
}

TEST_F(TransferWorkflows, StayAsLongAsAServerNamesThem) {
  const std::string id = id_of(create(json::array({delete_step()})));
  const std::string server = api.add_server();
  ASSERT_EQ(api.transfer("UpdateServer", {{"ServerId", server}, {"WorkflowDetails", on_upload(id)}})
                .status,
            200);
  EXPECT_EQ(api.describe_server(server)["WorkflowDetails"], on_upload(id));
  refused(api.transfer("DeleteWorkflow", {{"WorkflowId", id}}),
          "Workflow is still in use by server " + server);
  ASSERT_EQ(api.transfer("UpdateServer",
                         {{"ServerId", server}, {"WorkflowDetails", {{"OnUpload", json::array()}}}})
                .status,
            200);
  const Answer gone = api.transfer("DeleteWorkflow", {{"WorkflowId", id}});
  EXPECT_EQ(gone.status, 200) << gone.body;
  EXPECT_EQ(gone.body, "");
}

TEST_F(TransferWorkflows, ServersNameOnlyThoseThatAreThere) {
  const json absent = on_upload("w-0123456789abcdef0");
  refused(api.transfer("CreateServer", {{"WorkflowDetails", absent}}), "Unknown workflow",
          "ResourceNotFoundException");
  const std::string server = api.add_server();
  refused(api.transfer("UpdateServer", {{"ServerId", server}, {"WorkflowDetails", absent}}),
          "Unknown workflow", "ResourceNotFoundException");
  const std::string id = id_of(create(json::array({delete_step()})));
  const std::string made = api.make_server({{"WorkflowDetails", on_upload(id)}});
  EXPECT_EQ(api.describe_server(made)["WorkflowDetails"], on_upload(id));
}

TEST_F(TransferWorkflows, OneThatIsNotThereIsUnknown) {
  const json absent = {{"WorkflowId", "w-0123456789abcdef0"}};
  for (const char* operation : {"DescribeWorkflow", "DeleteWorkflow", "ListExecutions"})
    refused(api.transfer(operation, absent), "Unknown workflow", "ResourceNotFoundException");
}

TEST_F(TransferWorkflows, AreListedInPagesUpToTheQuota) {
  for (int i = 0; i < 3; ++i)
    ASSERT_EQ(create(json::array({delete_step()}), {{"Description", "a b"}}).status, 200);
  refused(create(json::array({delete_step()})), "Cannot exceed quota for WorkflowsPerAccount: 3");
  const Answer first = api.transfer("ListWorkflows", {{"MaxResults", 2}});
  expect_output("ListWorkflows", first.parsed());
  EXPECT_EQ(first.parsed()["Workflows"].size(), 2u);
  EXPECT_EQ(first.parsed()["Workflows"][0]["Description"], "a b");
  const Answer second = api.transfer("ListWorkflows", {{"NextToken", first.parsed()["NextToken"]}});
  EXPECT_EQ(second.parsed()["Workflows"].size(), 1u);
}

TEST_F(TransferWorkflows, NoExecutionIsInProgress) {
  const std::string id = id_of(create(json::array({delete_step()})));
  const Answer listed = api.transfer("ListExecutions", {{"WorkflowId", id}});
  expect_output("ListExecutions", listed.parsed());
  EXPECT_EQ(listed.parsed(), json({{"WorkflowId", id}, {"Executions", json::array()}}));
  EXPECT_EQ(api.transfer("ListExecutions", {{"WorkflowId", id}, {"NextToken", "x"}}).type(),
            "InvalidNextTokenException");
  json execution = {{"WorkflowId", id}, {"ExecutionId", "11111111-2222-3333-4444-555555555555"}};
  const Answer absent = api.transfer("DescribeExecution", execution);
  refused(absent, "Unknown execution", "ResourceNotFoundException");
  EXPECT_EQ(absent.parsed()["ResourceType"], "Execution");
  execution["WorkflowId"] = "w-0123456789abcdef0";
  refused(api.transfer("DescribeExecution", execution), "Unknown workflow",
          "ResourceNotFoundException");
}

}  // namespace
}  // namespace sallyport::api
