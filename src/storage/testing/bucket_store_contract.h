// What the tests of the BucketStore contract run on: each store there is.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "storage/testing/bucket_driver.h"

namespace sallyport::storage::testing {

class BucketContractTest : public ::testing::TestWithParam<bool> {
 protected:
  BucketContractTest()
      : instance_(folder_.path(), {.sync_on_close = GetParam()}),
        driver_(instance_.store(), "contract") {
    EXPECT_TRUE(driver_.make_bucket().ok());
  }
  BucketStore& store() { return instance_.store(); }

  template <class T>
  static void expect_error(const Result<T>& result, Errc code, const char* reason = nullptr) {
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, code) << result.error().message;
    if (reason != nullptr) {
      EXPECT_EQ(result.error().reason, reason);
    }
  }

  TemporaryFolder folder_;
  EmbeddedInstance instance_;
  BucketDriver driver_;
};

inline std::string name_of_sync(const ::testing::TestParamInfo<bool>& info) {
  return info.param ? "Embedded" : "EmbeddedUnsynced";
}

}  // namespace sallyport::storage::testing
