#include "app/server_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sallyport::app {
namespace {

TEST(ServerGate, LetsAPlainSftpServerPass) { EXPECT_TRUE(check_served({}, false).ok()); }

TEST(ServerGate, RefusesWhatIsNotServedAndNamesIt) {
  model::Server ftp, efs, lambda, workflow, partial;
  ftp.protocols = {"SFTP", "FTPS"};
  efs.domain = "EFS";
  lambda.identity_provider_type = "AWS_LAMBDA";
  workflow.on_upload = {{"w-1", "arn:role"}};
  partial.on_partial_upload = {{"w-1", "arn:role"}};
  EXPECT_THAT(check_served(ftp, true).error().message, testing::HasSubstr("FTPS"));
  EXPECT_THAT(check_served(efs, false).error().message, testing::HasSubstr("EFS"));
  EXPECT_TRUE(check_served(efs, true).ok());
  EXPECT_THAT(check_served(lambda, true).error().message, testing::HasSubstr("AWS_LAMBDA"));
  EXPECT_THAT(check_served(workflow, true).error().message, testing::HasSubstr("workflows"));
  EXPECT_THAT(check_served(partial, true).error().message, testing::HasSubstr("workflows"));
}

}  // namespace
}  // namespace sallyport::app
