// A configuration from a text, as from a file. For tests only.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "config/settings.h"

namespace sallyport::config {

inline Result<Loaded> load_text(const std::string& text) {
  std::string path = ::testing::TempDir() + "/sallyport-config-XXXXXX";
  const int fd = ::mkstemp(path.data());
  EXPECT_GE(fd, 0);
  if (fd >= 0) ::close(fd);
  std::ofstream(path) << text;
  auto loaded = load(path, {});
  ::unlink(path.c_str());
  return loaded;
}

}  // namespace sallyport::config
