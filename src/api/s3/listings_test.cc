#include "api/s3/s3_fixture.h"

namespace sallyport::api {
namespace {

using testing::Answer;

class S3Listings : public testing::S3Test {};

TEST_F(S3Listings, HaveDelimitersAndPages) {
  for (const char* key : {"a", "d/1", "d/2", "e%2Bf", "z"}) put(key, "x");
  const Answer all = api.s3("GET", "/files?list-type=2");
  EXPECT_EQ(text(all, "KeyCount"), "5");
  EXPECT_EQ(text(all, "IsTruncated"), "false");
  EXPECT_EQ(count(all, "Owner"), 0);
  EXPECT_EQ(count(api.s3("GET", "/files?fetch-owner=true&list-type=2"), "Owner"), 5);
  const Answer delimited = api.s3("GET", "/files?delimiter=%2F&list-type=2");
  EXPECT_EQ(text(delimited, "KeyCount"), "4");
  EXPECT_NE(delimited.body.find("<CommonPrefixes><Prefix>d/</Prefix></CommonPrefixes>"),
            std::string::npos);
  const Answer first = api.s3("GET", "/files?list-type=2&max-keys=2");
  EXPECT_EQ(text(first, "IsTruncated"), "true");
  const std::string token = codec::percent_encode(text(first, "NextContinuationToken"));
  const Answer rest = api.s3("GET", "/files?continuation-token=" + token + "&list-type=2");
  EXPECT_EQ(text(rest, "KeyCount"), "3");
  EXPECT_EQ(text(rest, "Key"), "d/2");
  EXPECT_EQ(text(api.s3("GET", "/files?encoding-type=url&list-type=2&prefix=e"), "Key"), "e%2Bf");
  EXPECT_EQ(text(api.s3("GET", "/files?list-type=2&start-after=e"), "Key"), "e+f");
  const Answer none = api.s3("GET", "/files?list-type=2&max-keys=0");
  EXPECT_EQ(text(none, "KeyCount"), "0");
  EXPECT_EQ(text(none, "IsTruncated"), "false");
  EXPECT_EQ(text(api.s3("GET", "/files?list-type=2&max-keys=5000"), "MaxKeys"), "1000");
}

TEST_F(S3Listings, OfTheFirstVersionGoOnBehindAMarker) {
  for (const char* key : {"a", "d/1", "d/2", "z"}) put(key, "x");
  const Answer all = api.s3("GET", "/files");
  EXPECT_EQ(count(all, "Contents"), 4);
  EXPECT_EQ(count(all, "Owner"), 4);
  EXPECT_EQ(text(all, "KeyCount"), "");
  const Answer first = api.s3("GET", "/files?max-keys=2");
  EXPECT_EQ(text(first, "IsTruncated"), "true");
  EXPECT_EQ(text(first, "NextMarker"), "");  // the last key is
  EXPECT_EQ(text(api.s3("GET", "/files?marker=d%2F1"), "Key"), "d/2");
  const Answer delimited = api.s3("GET", "/files?delimiter=%2F&max-keys=2");
  EXPECT_EQ(text(delimited, "NextMarker"), "d/");
  const Answer rest = api.s3("GET", "/files?delimiter=%2F&marker=d%2F&max-keys=2");
  EXPECT_EQ(text(rest, "Key"), "z");
  EXPECT_EQ(count(rest, "CommonPrefixes"), 0);
}

TEST_F(S3Listings, ShowSizesAndETags) {
  put("k", "hello");
  const Answer listed = api.s3("GET", "/files?list-type=2");
  EXPECT_EQ(text(listed, "ETag"), "&quot;" + testing::md5_hex("hello") + "&quot;");
  EXPECT_EQ(text(listed, "Size"), "5");
  EXPECT_EQ(text(listed, "StorageClass"), "STANDARD");
}

TEST_F(S3Listings, OfVersionsShowMarkers) {
  version("Enabled");
  put("k", "one");
  put("k", "two");
  api.s3("DELETE", "/files/k");
  put("l", "x");
  const Answer listed = api.s3("GET", "/files?versions");
  EXPECT_EQ(count(listed, "Version"), 3);
  EXPECT_EQ(count(listed, "DeleteMarker"), 1);
  const Answer first = api.s3("GET", "/files?max-keys=2&versions");
  EXPECT_EQ(text(first, "IsTruncated"), "true");
  const Answer rest =
      api.s3("GET", "/files?key-marker=" + text(first, "NextKeyMarker") +
                        "&version-id-marker=" + text(first, "NextVersionIdMarker") + "&versions");
  EXPECT_EQ(count(rest, "Version") + count(rest, "DeleteMarker"), 2);
  refused(api.s3("GET", "/files?version-id-marker=x&versions"), 400, "InvalidArgument");
}

TEST_F(S3Listings, ThatCannotBeAreRefused) {
  for (const char* query :
       {"continuation-token=AAAA&list-type=2", "list-type=2&max-keys=x", "list-type=2&max-keys=-1",
        "encoding-type=x&list-type=2", "list-type=2&max-keys=99999999999", "max-keys=1.5",
        "max-keys=x&versions", "max-uploads=x&uploads"})
    refused(api.s3("GET", std::string("/files?") + query), 400, "InvalidArgument");
  refused(api.s3("GET", "/nowhere?list-type=2"), 404, "NoSuchBucket");
  refused(api.s3("GET", "/nowhere?versions"), 404, "NoSuchBucket");
  refused(api.s3("GET", "/nowhere?list-type=2&max-keys=0"), 404, "NoSuchBucket");
}

// A token belongs to the listing it came from.
TEST_F(S3Listings, TokensAreBound) {
  for (const char* key : {"a", "b", "c"}) put(key, "x");
  const Answer first = api.s3("GET", "/files?list-type=2&max-keys=1");
  const std::string token = codec::percent_encode(text(first, "NextContinuationToken"));
  refused(api.s3("GET", "/files?continuation-token=" + token + "&list-type=2&prefix=x"), 400,
          "InvalidArgument");
}

}  // namespace
}  // namespace sallyport::api
