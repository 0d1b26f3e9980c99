// Start-up after a crash at each step of a change, made by hand.
#include <filesystem>

#include "storage/testing/embedded_disk.h"

namespace sallyport::storage {
namespace {

namespace fs = std::filesystem;

class AfterCrash : public testing::EmbeddedDisk {
 protected:
  void owe(int kind) {
    run("INSERT INTO storage_intent SELECT 1, bucket, key, " + std::to_string(kind) +
        ", content, inode FROM storage_object");
  }
};

TEST_F(AfterCrash, ACommittedBodyInStagingIsBroughtToItsPlace) {
  ASSERT_TRUE(driver_->put("a/b", "body").ok());
  owe(1);
  fs::rename(bucket() / "a/b", staging() / name_of_content("a/b"));
  fs::remove(bucket() / "a");
  EXPECT_EQ(*driver_->get("a/b"), "body");  // before, too
  restart();
  EXPECT_EQ(content_of(bucket() / "a/b"), "body");
  EXPECT_EQ(*driver_->get("a/b"), "body");
  EXPECT_EQ(files_in(staging()), 0u);
}

TEST_F(AfterCrash, ACommittedBodyTurnsAsideWhereItsPlaceIsTaken) {
  ASSERT_TRUE(driver_->put("a", "body").ok());
  owe(1);
  fs::rename(bucket() / "a", staging() / name_of_content("a"));
  plant(bucket() / "a/in-the-way", "x");
  restart();
  EXPECT_EQ(*driver_->get("a"), "body");
  EXPECT_EQ(files_in(reserved()), 1u);
}

TEST_F(AfterCrash, ABodyTurnedAsideWithoutItsRowKnowingIsFound) {
  ASSERT_TRUE(driver_->put("a", "body").ok());
  owe(1);
  fs::rename(bucket() / "a", reserved() / name_of_content("a"));
  EXPECT_EQ(*driver_->get("a"), "body");
  restart();
  EXPECT_EQ(*driver_->get("a"), "body");
  EXPECT_EQ(instance_->count("SELECT location FROM storage_object"), 2);
}

TEST_F(AfterCrash, ABodyThatWasReplacedIsDropped) {
  ASSERT_TRUE(driver_->put("a", "body").ok());
  const std::string old = name_of_content("a");
  owe(1);
  ASSERT_TRUE(driver_->put("a", "newer").ok());
  plant(staging() / old, "body");
  restart();
  EXPECT_EQ(*driver_->get("a"), "newer");
  EXPECT_EQ(files_in(staging()), 0u);
}

TEST_F(AfterCrash, AFileWhoseRowWasRemovedGoes) {
  ASSERT_TRUE(driver_->put("a/b", "body").ok());
  owe(2);
  run("DELETE FROM storage_object");
  EXPECT_EQ(scan().taken_in, 0u);  // it is known to be going
  restart();
  EXPECT_FALSE(fs::exists(bucket() / "a"));
  EXPECT_EQ(scan().taken_in, 0u);
}

TEST_F(AfterCrash, AFileThatIsCurrentAgainStays) {
  ASSERT_TRUE(driver_->put("a", "body").ok());
  owe(2);
  restart();
  EXPECT_EQ(*driver_->get("a"), "body");
}

}  // namespace
}  // namespace sallyport::storage
