#include "base/result.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <set>
#include <string>

namespace sallyport {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return Error(Errc::kInvalidArgument, "odd");
  return n / 2;
}

Result<int> quarter(int n) {
  TRY_ASSIGN(const int h, half(n));
  return half(h);
}

Result<void> check_even(int n) {
  TRY(half(n));
  return ok();
}

TEST(Result, HoldsAValueOrAnError) {
  EXPECT_EQ(*half(4), 2);
  EXPECT_EQ(half(3).error().message, "odd");
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_FALSE(quarter(6).ok());
  EXPECT_TRUE(check_even(2).ok());
  EXPECT_EQ(check_even(1).error().code, Errc::kInvalidArgument);
}

TEST(Result, MovesWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> r(std::make_unique<int>(5));
  const std::unique_ptr<int> taken = *std::move(r);
  EXPECT_EQ(*taken, 5);
}

TEST(Error, EveryCodeHasAnUnmistakableName) {
  std::set<std::string_view> names;
  for (int i = 0; i < kErrcCount; ++i) EXPECT_TRUE(names.insert(errc_name(Errc(i))).second) << i;
}

TEST(Error, ContextComesFirstAndTheReasonStays) {
  const Error e = Error(Errc::kNotFound, "gone", "NoSuchKey").with_context("reading a");
  EXPECT_EQ(e.message, "reading a: gone");
  EXPECT_EQ(e.reason, "NoSuchKey");
}

TEST(Error, ErrnoIsMappedByWhatACallerCanDo) {
  EXPECT_EQ(errno_error("x", ENOENT).code, Errc::kNotFound);
  EXPECT_EQ(errno_error("x", ENOSPC).code, Errc::kUnavailable);
  EXPECT_EQ(errno_error("x", EACCES).code, Errc::kPermissionDenied);
  EXPECT_EQ(errno_error("x", EIO).code, Errc::kIo);
  EXPECT_EQ(errno_error("opening f", ENOENT).message, "opening f: No such file or directory");
}

TEST(Error, ContextComesInFrontAndNothingElseIsLost) {
  Error error(Errc::kUnavailable, "down", "SlowDown");
  error.remote = std::make_shared<const RemoteIds>(RemoteIds{"id", "longer"});
  const Error told = std::move(error).with_context("PutObject");
  EXPECT_EQ(told.message, "PutObject: down");
  EXPECT_EQ(told.code, Errc::kUnavailable);
  EXPECT_EQ(told.reason, "SlowDown");
  ASSERT_NE(told.remote, nullptr);
  EXPECT_EQ(told.remote->request_id, "id");
}

}  // namespace
}  // namespace sallyport
