#include <gtest/gtest.h>

#include <cerrno>

#include "files/file_system.h"

namespace sallyport::files {
namespace {

TEST(PosixError, SaysWhatAClientCanDoInTheSystemsOwnWords) {
  const std::pair<int, Errc> codes[] = {{ENOENT, Errc::kNotFound},
                                        {ENOTDIR, Errc::kNotFound},
                                        {EEXIST, Errc::kAlreadyExists},
                                        {EACCES, Errc::kPermissionDenied},
                                        {EROFS, Errc::kPermissionDenied},
                                        {ENOTEMPTY, Errc::kConflict},
                                        {EISDIR, Errc::kConflict},
                                        {EINVAL, Errc::kInvalidArgument},
                                        {ELOOP, Errc::kInvalidArgument},
                                        {EOPNOTSUPP, Errc::kUnsupported},
                                        {EIO, Errc::kIo},
                                        {ENOSPC, Errc::kIo},
                                        {EDQUOT, Errc::kIo},
                                        {EMFILE, Errc::kIo},
                                        {ETIMEDOUT, Errc::kIo},
                                        {EPIPE, Errc::kIo},
                                        {ECANCELED, Errc::kIo},
                                        {ESTALE, Errc::kIo}};
  for (const auto& [value, code] : codes) {
    EXPECT_EQ(posix_error(value).code, code) << value;
    EXPECT_EQ(posix_error(value).reason, kPosix);
  }
  EXPECT_EQ(posix_error(ENOSPC).message, "No space left on device");
}

}  // namespace
}  // namespace sallyport::files
