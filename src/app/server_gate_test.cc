#include "app/server_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sallyport::app {
namespace {

TEST(ServerGate, LetsAPlainSftpServerPass) { EXPECT_TRUE(check_served({}).ok()); }

TEST(ServerGate, RefusesWhatIsNotServedAndNamesIt) {
  model::Server ftp, efs, lambda, workflow, partial;
  ftp.protocols = {"SFTP", "FTPS"};
  efs.domain = "EFS";
  lambda.identity_provider_type = "AWS_LAMBDA";
  workflow.on_upload = {{"w-1", "arn:role"}};
  partial.on_partial_upload = {{"w-1", "arn:role"}};
  EXPECT_THAT(check_served(ftp).error().message, testing::HasSubstr("FTPS"));
  EXPECT_THAT(check_served(efs).error().message, testing::HasSubstr("EFS"));
  EXPECT_THAT(check_served(lambda).error().message, testing::HasSubstr("AWS_LAMBDA"));
  EXPECT_THAT(check_served(workflow).error().message, testing::HasSubstr("workflows"));
  EXPECT_THAT(check_served(partial).error().message, testing::HasSubstr("workflows"));
}

}  // namespace
}  // namespace sallyport::app
