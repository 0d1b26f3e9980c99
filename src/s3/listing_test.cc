// Listings as Amazon S3 and Ceph write them, and such as nobody should.
#include "s3/listing.h"

#include <gtest/gtest.h>

namespace sallyport::s3 {
namespace {

storage::ListRequest request_of(std::string prefix, std::string delimiter = "",
                                std::string after = "") {
  storage::ListRequest request;
  request.bucket = "b";
  request.prefix = std::move(prefix);
  request.delimiter = std::move(delimiter);
  request.start_after = std::move(after);
  return request;
}

std::string listing(const std::string& entries, const std::string& truncated = "false") {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
         "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name>"
         "<EncodingType>url</EncodingType><IsTruncated>" +
         truncated + "</IsTruncated>" + entries + "</ListBucketResult>";
}
std::string object(const std::string& key, const std::string& size = "3") {
  return "<Contents><Key>" + key +
         "</Key><LastModified>2026-01-02T03:04:05.678Z</LastModified>"
         "<ETag>&quot;abc&quot;</ETag><Size>" +
         size + "</Size><StorageClass>STANDARD</StorageClass></Contents>";
}
std::string folder(const std::string& prefix) {
  return "<CommonPrefixes><Prefix>" + prefix + "</Prefix></CommonPrefixes>";
}

std::string query_of(const Call& call, const std::string& name) {
  for (const auto& [key, value] : call.query)
    if (key == name) return value;
  return "(none)";
}

void expect_refused(const std::string& xml, const storage::ListRequest& request) {
  const auto page = parse_listing(xml, request);
  ASSERT_FALSE(page.ok()) << xml;
  EXPECT_EQ(page.error().code, Errc::kCorrupt);
}

TEST(ListingTest, asks_for_encoded_keys) {
  const Call call = list_call(request_of("a/", "/", "a/b"));
  EXPECT_EQ(query_of(call, "list-type"), "2");
  EXPECT_EQ(query_of(call, "encoding-type"), "url");
  EXPECT_EQ(query_of(call, "prefix"), "a/");
  EXPECT_EQ(query_of(call, "delimiter"), "/");
  EXPECT_EQ(query_of(call, "start-after"), "a/b");
  EXPECT_EQ(query_of(list_call(request_of("")), "delimiter"), "(none)");
  EXPECT_EQ(query_of(list_call(request_of("")), "start-after"), "(none)");
}

TEST(ListingTest, starts_behind_all_that_a_folded_prefix_holds) {
  EXPECT_EQ(query_of(list_call(request_of("", "/", "a/")), "start-after"), "a/\xf4\x8f\xbf\xbf");
  // Not where nothing is folded, nor where the key is the prefix of the question itself.
  EXPECT_EQ(query_of(list_call(request_of("", "", "a/")), "start-after"), "a/");
  EXPECT_EQ(query_of(list_call(request_of("a/", "/", "a/")), "start-after"), "a/");
  // Nor where no store would take the key.
  const std::string longest = std::string(1023, 'k') + "/";
  EXPECT_EQ(query_of(list_call(request_of("", "/", longest)), "start-after"), longest);
}

TEST(ListingTest, reads_objects_and_prefixes) {
  const auto page = parse_listing(
      listing(object("a%2Fb%20c", "18446744073709551615") + folder("a/d/")), request_of("a/", "/"));
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->objects.size(), 1u);
  EXPECT_EQ(page->objects[0].key, "a/b c");
  EXPECT_EQ(page->objects[0].size, 18'446'744'073'709'551'615u);
  EXPECT_EQ(page->objects[0].etag, "abc");
  EXPECT_EQ(to_iso8601_ms(page->objects[0].modified), "2026-01-02T03:04:05.678Z");
  EXPECT_EQ(page->common_prefixes, std::vector<std::string>{"a/d/"});
  EXPECT_FALSE(page->truncated);
  EXPECT_EQ(page->next_start_after, "");
}

TEST(ListingTest, spaces_come_as_amazon_writes_them_and_as_ceph_does) {
  const auto page = parse_listing(
      listing(object("my+docs/a+b") + object("my%20docs/a%2Bb") + folder("my+docs/c+d/")),
      request_of("my docs/", "/"));
  ASSERT_TRUE(page.ok()) << page.error().message;
  EXPECT_EQ(page->objects[0].key, "my docs/a b");
  EXPECT_EQ(page->objects[1].key, "my docs/a+b");
  EXPECT_EQ(page->common_prefixes[0], "my docs/c d/");
}

TEST(ListingTest, keys_that_are_not_encoded_are_taken_as_they_are) {
  const auto page = parse_listing("<ListBucketResult><IsTruncated>false</IsTruncated>" +
                                      object("a+b%20c") + "</ListBucketResult>",
                                  request_of("a+"));
  ASSERT_TRUE(page.ok()) << page.error().message;
  EXPECT_EQ(page->objects[0].key, "a+b%20c");
}

TEST(ListingTest, keys_that_should_have_been_folded_are_refused) {
  for (const char* key : {"a/b/c", "a/../../x", "a/b/"})
    expect_refused(listing(object(key)), request_of("a/", "/"));
}

TEST(ListingTest, an_empty_listing_is_one) {
  const auto page = parse_listing(listing(""), request_of("a/"));
  ASSERT_TRUE(page.ok());
  EXPECT_TRUE(page->objects.empty() && page->common_prefixes.empty() && !page->truncated);
}

TEST(ListingTest, goes_on_behind_the_last_of_either_kind) {
  const auto key = parse_listing(listing(object("b") + folder("a/"), "true"), request_of("", "/"));
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key->next_start_after, "b");
  const auto prefix =
      parse_listing(listing(object("b") + folder("c/"), "true"), request_of("", "/"));
  ASSERT_TRUE(prefix.ok());
  EXPECT_EQ(prefix->next_start_after, "c/");
}

TEST(ListingTest, what_was_there_before_is_not_listed_again) {
  const auto page = parse_listing(listing(object("a") + object("b") + folder("a/") + folder("c/")),
                                  request_of("", "/", "a/"));
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->objects.size(), 1u);
  EXPECT_EQ(page->objects[0].key, "b");
  EXPECT_EQ(page->common_prefixes, std::vector<std::string>{"c/"});
}

TEST(ListingTest, a_start_inside_a_folded_prefix_goes_on_behind_it) {
  const auto page = parse_listing(listing(folder("a/"), "true"), request_of("", "/", "a/b"));
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->next_start_after, "a/");
}

TEST(ListingTest, a_page_that_does_not_get_on_is_refused) {
  expect_refused(listing("", "true"), request_of(""));
  expect_refused(listing(object("a"), "true"), request_of("", "", "a"));
  expect_refused(listing(object("a"), "true"), request_of("", "", "b"));
  expect_refused(listing(folder("a/"), "true"), request_of("", "/", "a/"));
}

TEST(ListingTest, what_was_not_asked_for_is_refused) {
  expect_refused(listing(object("b/c")), request_of("a/"));
  expect_refused(listing(object("a")), request_of("a/"));
  expect_refused(listing(object("")), request_of("a/"));
  expect_refused(listing(folder("b/")), request_of("a/", "/"));
  expect_refused(listing(folder("")), request_of("a/", "/"));
  // Nor what is folded elsewhere, or not at all.
  for (const char* prefix : {"a/", "a/b", "a/b/c/", "a/%00/", "a/%ff/"})
    expect_refused(listing(folder(prefix)), request_of("a/", "/"));
  expect_refused(listing(folder("a/b/")), request_of("a/"));
}

TEST(ListingTest, sizes_that_are_none_are_refused) {
  for (const char* size : {"", "-1", "1.5", "3 ", "18446744073709551616", "x"})
    expect_refused(listing(object("a", size)), request_of(""));
}

TEST(ListingTest, keys_that_are_no_keys_are_refused) {
  for (const char* key : {"", "%", "%zz", "a%0", "%FF", "a%00b"})
    expect_refused(listing(object(key)), request_of(""));
  expect_refused(listing(object(std::string(1025, 'k'))), request_of(""));
}

TEST(ListingTest, other_documents_are_refused) {
  for (const char* xml :
       {"", "no xml", "<a/>", "<ListBucketResult>", "<Error><Code>X</Code></Error>",
        "<!DOCTYPE a [<!ENTITY e \"x\">]><ListBucketResult>&e;</ListBucketResult>"})
    expect_refused(xml, request_of(""));
  std::string deep = "<ListBucketResult>";
  for (int i = 0; i < 100; ++i) deep += "<a>";
  expect_refused(deep, request_of(""));
}

TEST(ListingTest, reads_buckets) {
  const auto buckets = parse_buckets(
      "<ListAllMyBucketsResult><Owner><ID>x</ID></Owner><Buckets><Bucket><Name>one</Name>"
      "<CreationDate>2026-01-02T03:04:05.000Z</CreationDate></Bucket><Bucket><Name>two</Name>"
      "</Bucket></Buckets></ListAllMyBucketsResult>",
      "eu-west-1");
  ASSERT_TRUE(buckets.ok());
  ASSERT_EQ(buckets->size(), 2u);
  EXPECT_EQ((*buckets)[0].name, "one");
  EXPECT_EQ((*buckets)[0].region, "eu-west-1");
  EXPECT_EQ(to_iso8601_ms((*buckets)[0].created), "2026-01-02T03:04:05.000Z");
  EXPECT_EQ(parse_buckets("<a/>", "x").error().code, Errc::kCorrupt);
  EXPECT_EQ(parse_buckets("", "x").error().code, Errc::kCorrupt);
  for (const char* name : {"", ".", "..", "a/b", "/", "\xff"})
    EXPECT_FALSE(parse_buckets("<ListAllMyBucketsResult><Buckets><Bucket><Name>" +
                                   std::string(name) +
                                   "</Name></Bucket></Buckets></ListAllMyBucketsResult>",
                               "x")
                     .ok())
        << name;
}

}  // namespace
}  // namespace sallyport::s3
