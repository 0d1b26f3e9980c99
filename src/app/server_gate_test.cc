#include "app/server_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sallyport::app {
namespace {

TEST(ServerGate, LetsAPlainSftpServerPass) { EXPECT_TRUE(check_served({}).ok()); }

TEST(ServerGate, RefusesWhatIsNotServedAndNamesIt) {
  model::Server ftp, efs, lambda;
  ftp.protocols = {"SFTP", "FTPS"};
  efs.domain = "EFS";
  lambda.identity_provider_type = "AWS_LAMBDA";
  EXPECT_THAT(check_served(ftp).error().message, testing::HasSubstr("FTPS"));
  EXPECT_THAT(check_served(efs).error().message, testing::HasSubstr("EFS"));
  EXPECT_THAT(check_served(lambda).error().message, testing::HasSubstr("AWS_LAMBDA"));
}

}  // namespace
}  // namespace sallyport::app
