#include "app/file_system_paths.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace sallyport::app {
namespace {

namespace fs = std::filesystem;

class FileSystemPaths : public ::testing::Test {
 protected:
  FileSystemPaths() {
    std::string made = ::testing::TempDir() + "file-system-paths-XXXXXX";
    EXPECT_NE(::mkdtemp(made.data()), nullptr);
    top_ = fs::canonical(made);
    fs::create_directories(data() + "/spool");
    fs::create_directories(top_ / "srv/files");
  }
  ~FileSystemPaths() override {
    std::error_code ignored;
    fs::remove_all(top_, ignored);
  }
  std::string data() const { return top_ / "lib/data"; }
  std::string at(const char* path) const { return top_ / path; }
  Result<void> check(const std::string& path) const {
    config::Settings settings;
    settings.data_dir = data();
    settings.file_systems["fs-00000001"].path = at("srv/files");
    settings.file_systems["fs-00000002"].path = path;
    return check_file_system_paths(settings);
  }

  fs::path top_;
};

TEST_F(FileSystemPaths, ADirectoryBesideTheDataFolderIsFine) {
  EXPECT_EQ(fault_of_path(at("srv/files"), data()), "");
  EXPECT_EQ(fault_of_path(at("lib/data2"), data()), "");  // not there yet
  EXPECT_TRUE(check(at("srv")).ok());
}

TEST_F(FileSystemPaths, WhatIsHoldsOrLiesInTheDataFolderIsRefused) {
  EXPECT_EQ(fault_of_path(data(), data()), "is the data folder");
  EXPECT_EQ(fault_of_path(at("lib"), data()), "holds the data folder");
  EXPECT_EQ(fault_of_path(at("lib/data/spool"), data()), "lies inside the data folder");
  EXPECT_EQ(fault_of_path(at("lib/data/to/come"), data()), "lies inside the data folder");
  EXPECT_EQ(fault_of_path("/", data()), "is the root of this machine");
  EXPECT_EQ(fault_of_path("/../.", data()), "is the root of this machine");
}

TEST_F(FileSystemPaths, LinksAndDotsHideNothing) {
  fs::create_directory_symlink(at("lib"), at("srv/link"));
  fs::create_directory_symlink("..", at("srv/files/up"));
  EXPECT_EQ(fault_of_path(at("srv/link"), data()), "holds the data folder");
  EXPECT_EQ(fault_of_path(at("srv/link/data/spool/"), data()), "lies inside the data folder");
  EXPECT_EQ(fault_of_path(at("srv/files/up/../lib/data"), data()), "is the data folder");
  fs::create_directory_symlink(at("srv/files"), at("lib/data/link"));
  EXPECT_EQ(fault_of_path(at("lib/data/link"), data()), "");
}

TEST_F(FileSystemPaths, TheStartNamesTheSettingThatIsWrong) {
  const auto refused = check(at("lib"));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Errc::kInvalidArgument);
  EXPECT_EQ(refused.error().message, "setting 'file_systems.fs-00000002.path': " + at("lib") +
                                         " holds the data folder; give it a directory of its own");
}

}  // namespace
}  // namespace sallyport::app
