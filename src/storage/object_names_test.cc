#include "storage/object_names.h"

#include <gtest/gtest.h>

namespace sallyport::storage {
namespace {

TEST(BucketName, AcceptsWhatS3Accepts) {
  for (const char* name : {"abc", "my-bucket", "a.b.c", "0zero9", "logs-2026.archive"}) {
    EXPECT_TRUE(check_bucket_name(name).ok()) << name;
  }
  EXPECT_TRUE(check_bucket_name(std::string(63, 'a')).ok());
}

TEST(BucketName, RefusesWhatS3Refuses) {
  for (const char* name : {"", "ab", "Upper", "under_score", "-dash", "dash-", ".dot", "dot.",
                           "two..dots", "192.168.5.4", "a/b", "..", "xn--abc", "sthree-x",
                           "my-bucket-s3alias", "x--ol-s3", "a b", "\xc3\xa9tat"}) {
    const auto result = check_bucket_name(name);
    ASSERT_FALSE(result.ok()) << name;
    EXPECT_EQ(result.error().code, Errc::kInvalidArgument);
    EXPECT_EQ(result.error().reason, "InvalidBucketName");
  }
  EXPECT_FALSE(check_bucket_name(std::string(64, 'a')).ok());
}

TEST(Key, AcceptsAnyUtf8UpTo1024Bytes) {
  for (const char* key :
       {"a", "a//b", "../x", "/", "\xf0\x9f\x93\xa6/\xc3\xa9", " ", "a\nb", "."}) {
    EXPECT_TRUE(check_key(key).ok()) << key;
  }
  EXPECT_TRUE(check_key(std::string(1024, 'k')).ok());
}

TEST(Key, RefusesEmptyLongAndNotUtf8) {
  EXPECT_EQ(check_key("").error().code, Errc::kInvalidArgument);
  EXPECT_EQ(check_key(std::string(1025, 'k')).error().reason, "KeyTooLongError");
  EXPECT_FALSE(check_key(std::string_view("a\0b", 3)).ok());
  for (const char* key : {"\xff", "a\x80", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                          "\xe2\x82", "\xf0\x9f\x93"}) {
    EXPECT_FALSE(check_key(key).ok());
  }
}

TEST(Successor, IsTheLeastStringAboveAPrefix) {
  EXPECT_EQ(successor("a/"), "a0");
  EXPECT_EQ(successor("a\xff"), "b");
  EXPECT_EQ(successor(""), "");
  EXPECT_EQ(successor("\xff\xff"), "");
}

}  // namespace
}  // namespace sallyport::storage
