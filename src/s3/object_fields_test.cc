#include "s3/object_fields.h"

#include <gtest/gtest.h>

namespace sallyport::s3 {
namespace {

http::Headers headers_of(const std::vector<std::pair<std::string, std::string>>& list) {
  http::Headers headers;
  for (const auto& [name, value] : list) headers.add(name, value);
  return headers;
}

TEST(ObjectFieldsTest, reads_what_an_object_is) {
  const auto info = object_info("k", headers_of({{"Content-Length", "443"},
                                                 {"Last-Modified", "Fri, 02 Jan 2026 03:04:05 GMT"},
                                                 {"ETag", "\"abc-2\""},
                                                 {"Content-Type", "text/plain"},
                                                 {"X-Amz-Meta-Uid", "1000"},
                                                 {"Cache-Control", "no-cache"},
                                                 {"x-amz-version-id", "v1"},
                                                 {"x-amz-tagging-count", "2"},
                                                 {"x-amz-mp-parts-count", "3"},
                                                 {"x-amz-checksum-crc32", "AAAA"},
                                                 {"x-amz-checksum-type", "FULL_OBJECT"}}));
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->key, "k");
  EXPECT_EQ(info->size, 443u);
  EXPECT_EQ(to_iso8601_ms(info->modified), "2026-01-02T03:04:05.000Z");
  EXPECT_EQ(info->etag, "abc-2");
  EXPECT_EQ(info->content_type, "text/plain");
  EXPECT_EQ(info->metadata, (storage::Metadata{{"uid", "1000"}}));
  EXPECT_EQ(info->headers, (storage::ContentHeaders{{"cache-control", "no-cache"}}));
  EXPECT_EQ(info->version_id, "v1");
  EXPECT_EQ(info->tag_count, 2u);
  EXPECT_EQ(info->part_count, 3u);
  EXPECT_EQ(info->checksums, (storage::Checksums{{"CRC32", "AAAA"}}));
}

TEST(ObjectFieldsTest, the_size_is_the_wholes_when_a_range_comes) {
  const auto info =
      object_info("k", headers_of({{"Content-Length", "10"}, {"Content-Range", "bytes 0-9/443"}}));
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->size, 443u);
}

TEST(ObjectFieldsTest, an_object_without_a_size_is_refused) {
  for (const char* range : {"bytes 0-9/*", "bytes 0-9", "bytes 0-9/", "bytes 0-9/-1",
                            "bytes 0-9/18446744073709551615", "bytes 0-9/18446744073709551616"}) {
    const auto info =
        object_info("k", headers_of({{"Content-Length", "10"}, {"Content-Range", range}}));
    ASSERT_FALSE(info.ok()) << range;
    EXPECT_EQ(info.error().code, Errc::kCorrupt);
  }
  EXPECT_FALSE(object_info("k", headers_of({})).ok());
  EXPECT_FALSE(object_info("k", headers_of({{"Content-Length", "1x"}})).ok());
}

TEST(ObjectFieldsTest, says_what_is_to_be_kept) {
  storage::PutOptions options;
  options.content_type = "text/plain";
  options.metadata = {{"uid", "1"}};
  options.headers = {{"cache-control", "no-cache"}};
  options.tags = {{"a b", "c&d=e"}, {"f", ""}};
  http::Headers headers;
  add_put_options(options, headers);
  add_write_defaults({"aws:kms", "key", "bucket-owner-full-control"}, headers);
  EXPECT_EQ(headers.get("Content-Type"), "text/plain");
  EXPECT_EQ(headers.get("x-amz-meta-uid"), "1");
  EXPECT_EQ(headers.get("Cache-Control"), "no-cache");
  EXPECT_EQ(headers.get("x-amz-tagging"), "a%20b=c%26d%3De&f=");
  EXPECT_EQ(headers.get("x-amz-server-side-encryption"), "aws:kms");
  EXPECT_EQ(headers.get("x-amz-server-side-encryption-aws-kms-key-id"), "key");
  EXPECT_EQ(headers.get("x-amz-acl"), "bucket-owner-full-control");
}

TEST(ObjectFieldsTest, says_nothing_of_what_is_left_to_the_bucket) {
  http::Headers headers;
  add_write_defaults({}, headers);
  EXPECT_TRUE(headers.empty());
}

TEST(ObjectFieldsTest, what_headers_cannot_say_is_refused) {
  const auto refused = [](const storage::PutOptions& options) {
    const auto checked = check_put_options(options);
    return !checked.ok() && checked.error().code == Errc::kInvalidArgument;
  };
  EXPECT_FALSE(refused({}));
  storage::PutOptions options;
  options.metadata = {{"note", "\xe2\x82\xac, \"quoted\""}};
  EXPECT_FALSE(refused(options));
  for (const char* name : {"", "a b", "a:b", "a\r\nx-amz-acl", "\xc3\xb6"}) {
    options.metadata = {{name, "v"}};
    EXPECT_TRUE(refused(options)) << name;
  }
  for (const char* value : {"a\r\nx-amz-acl: public-read", "\n", "\x7f", "\xff"}) {
    options.metadata = {{"n", value}};
    EXPECT_TRUE(refused(options)) << value;
    storage::PutOptions other;
    other.headers = {{"cache-control", value}};
    EXPECT_TRUE(refused(other)) << value;
    storage::PutOptions type;
    type.content_type = value;
    EXPECT_TRUE(refused(type)) << value;
  }
}

TEST(ObjectFieldsTest, takes_an_etags_quotes_off) {
  EXPECT_EQ(unquoted_etag("\"a\""), "a");
  EXPECT_EQ(unquoted_etag("a"), "a");
  EXPECT_EQ(unquoted_etag("\""), "\"");
  EXPECT_EQ(unquoted_etag(""), "");
}

}  // namespace
}  // namespace sallyport::s3
