#include "app/data_dir.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace sallyport::app {
namespace {

std::string fresh_dir() {
  std::string path = testing::TempDir() + "sallyport_data_XXXXXX";
  EXPECT_NE(::mkdtemp(path.data()), nullptr);
  return path;
}

unsigned mode_of(const std::string& path) {
  struct stat st {};
  EXPECT_EQ(::stat(path.c_str(), &st), 0) << path;
  return st.st_mode & 0777;
}

TEST(DataDir, IsLockedByOneOwnerAtATime) {
  const std::string path = fresh_dir() + "/a/b";
  {
    auto first = DataDir::open(path);
    ASSERT_TRUE(first.ok());
    const auto second = DataDir::open(path);
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code, Errc::kConflict);
  }
  EXPECT_TRUE(DataDir::open(path).ok());
  EXPECT_EQ(mode_of(path), 0700u);
}

TEST(DataDir, IsFreeForAnotherOnceUnlockedThoughStillOpen) {
  const std::string path = fresh_dir();
  auto first = DataDir::open(path);
  ASSERT_TRUE(first.ok());
  ASSERT_FALSE(DataDir::open(path).ok());
  first->unlock();
  const auto second = DataDir::open(path);
  EXPECT_TRUE(second.ok());
  EXPECT_EQ(DataDir::open(path).error().code, Errc::kConflict);  // it is the second's now
}

TEST(RootKey, IsGeneratedOnceIntoAPrivateFile) {
  auto dir = *DataDir::open(fresh_dir());
  SystemRandom random;
  const auto first = root_key({}, dir, random), second = root_key({}, dir, random);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->access_key_id.size(), 20u);
  EXPECT_EQ(first->secret_access_key.reveal().size(), 40u);
  EXPECT_EQ(first->access_key_id, second->access_key_id);
  EXPECT_TRUE(first->secret_access_key.equals(second->secret_access_key));
  EXPECT_EQ(mode_of(dir.file("credentials")), 0600u);
}

TEST(RootKey, RefusesHalfAPairAndAMalformedFile) {
  auto dir = *DataDir::open(fresh_dir());
  SystemRandom random;
  config::Settings half;
  half.root_access_key_id = "AKIA";
  EXPECT_EQ(root_key(half, dir, random).error().code, Errc::kInvalidArgument);
  std::ofstream(dir.file("credentials")) << "[other]\naws_access_key_id = x\naws_secret_access_key = y\n";
  EXPECT_EQ(root_key({}, dir, random).error().code, Errc::kInvalidArgument);
}

TEST(MasterKey, IsGeneratedOnceAndReadBack) {
  auto dir = *DataDir::open(fresh_dir());
  SystemRandom random;
  const auto first = master_key({}, dir, random), second = master_key({}, dir, random);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->reveal().size(), 32u);
  EXPECT_TRUE(first->equals(*second));
  EXPECT_EQ(mode_of(dir.file("master.key")), 0600u);
}

TEST(MasterKey, RefusesWhatIsNotSixtyFourHexDigits) {
  auto dir = *DataDir::open(fresh_dir());
  SystemRandom random;
  for (const char* text : {"", "abc", "zz"}) {
    std::ofstream(dir.file("master.key")) << text;
    EXPECT_EQ(master_key({}, dir, random).error().code, Errc::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace sallyport::app
