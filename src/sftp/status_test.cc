#include "sftp/status.h"

#include <gtest/gtest.h>

namespace sallyport::sftp {
namespace {

TEST(StatusCodeOf, EveryErrorCodeHasItsStatus) {
  const auto expected = [](Errc code) {
    switch (code) {
      case Errc::kNotFound: return 2u;
      case Errc::kPermissionDenied: return 3u;
      case Errc::kUnsupported: return 8u;
      default: return 4u;
    }
  };
  for (int i = 0; i < kErrcCount; ++i) {
    const auto code = static_cast<Errc>(i);
    EXPECT_EQ(static_cast<std::uint32_t>(status_code_of(code)), expected(code)) << errc_name(code);
  }
}

TEST(StatusCodeOf, NeverSaysSuccessOrWhatOnlyClientsSay) {
  for (int i = 0; i < kErrcCount; ++i) {
    const auto code = static_cast<std::uint32_t>(status_code_of(static_cast<Errc>(i)));
    EXPECT_GE(code, 2u);
    EXPECT_NE(code, 6u);
    EXPECT_NE(code, 7u);
  }
}

TEST(StatusOf, PutsTheMessageIntoTheText) {
  const Status status =
      status_of(Error(Errc::kUnsupported, "Cannot open file in mode: READ|WRITE"));
  EXPECT_EQ(status.code, StatusCode::kOpUnsupported);
  EXPECT_EQ(status.message, "Cannot open file in mode: READ|WRITE");
}

TEST(StatusOf, AMissingBucketIsAFailureAndNotAMissingFile) {
  EXPECT_EQ(status_of(Error(Errc::kNotFound, "no bucket", "NoSuchBucket")).code,
            StatusCode::kFailure);
  EXPECT_EQ(status_of(Error(Errc::kNotFound, "no key", "NoSuchKey")).code, StatusCode::kNoSuchFile);
}

}  // namespace
}  // namespace sallyport::sftp
