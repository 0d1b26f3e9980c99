// What every BucketStore promises about uploads in parts.
#include <algorithm>
#include <map>

#include "storage/testing/bucket_store_contract.h"

namespace sallyport::storage {
namespace {

using testing::BucketDriver;

class BucketUploads : public testing::BucketContractTest {
 protected:
  static std::string big(char c, std::size_t more = 0) {
    return std::string(kMinPartBytes + more, c);
  }
  CompletedPart part(const std::string& key, const std::string& id, std::uint32_t number,
                     std::string body, ContentDigest digest = {}) {
    auto put = driver_.put_part(key, id, number, std::move(body), std::move(digest));
    EXPECT_TRUE(put.ok()) << put.error().message;
    return put.ok() ? *put : CompletedPart{};
  }
};

TEST_P(BucketUploads, PartsBecomeTheObject) {
  PutOptions options;
  options.content_type = "video/mp4";
  options.metadata = {{"m", "n"}};
  options.headers = {{"cache-control", "no-cache"}};
  options.tags = {{"t", "u"}};
  const auto id = driver_.begin("a/b", options);
  ASSERT_TRUE(id.ok());
  EXPECT_EQ(driver_.upload_options("a/b", *id)->headers, options.headers);
  EXPECT_EQ(driver_.upload_options("a/b", *id)->tags, options.tags);
  // In any order, with gaps in the numbers.
  const auto last = part("a/b", *id, 10'000, "tail", {"", {}});
  const auto second = part("a/b", *id, 7, big('b', 123));
  const auto first = part("a/b", *id, 2, big('a'));
  expect_error(driver_.head("a/b"), Errc::kNotFound, "NoSuchKey");
  const ContentDigest digest{"", {{"CRC32", "abc=-3"}}};
  PutOptions more;
  more.headers = {{"expires", "0"}};
  options.headers.insert(*more.headers.begin());
  const auto made = driver_.complete("a/b", *id, {first, second, last}, more, digest);
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_EQ(made->size, 2 * kMinPartBytes + 127);
  EXPECT_EQ(made->part_count, 3u);
  EXPECT_TRUE(made->etag.ends_with("-3"));
  const auto head = driver_.head("a/b");
  EXPECT_EQ(head->etag, made->etag);
  EXPECT_EQ(head->content_type, "video/mp4");
  EXPECT_EQ(head->metadata, options.metadata);
  EXPECT_EQ(head->headers, options.headers);
  EXPECT_EQ(head->checksums, digest.checksums);
  EXPECT_EQ(head->tag_count, 1u);
  EXPECT_TRUE(*driver_.get("a/b") == big('a') + big('b', 123) + "tail");
  expect_error(driver_.complete("a/b", *id, {first}), Errc::kNotFound, "NoSuchUpload");
  expect_error(driver_.abort_upload("a/b", *id), Errc::kNotFound, "NoSuchUpload");
  expect_error(driver_.list_parts("a/b", *id), Errc::kNotFound, "NoSuchUpload");
}

TEST_P(BucketUploads, TheEtagIsTheMd5OfTheMd5s) {
  const auto id = driver_.begin("k");
  // MD5 of 5 MiB of 'a' and of "hello world"; the tag as Python's hashlib makes it of both.
  const auto first = part("k", *id, 1, big('a'), {"79b281060d337b9b2b84ccf390adcf74", {}});
  const auto second = part("k", *id, 2, "hello world", {"5eb63bbbe01eeed093cb22bb8f5acdc3", {}});
  EXPECT_EQ(first.etag, "79b281060d337b9b2b84ccf390adcf74");
  const auto made = driver_.complete("k", *id, {first, second});
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->etag, "4ba54d90a25d93d94b7b41c987352341-2");
}

TEST_P(BucketUploads, TheOnlyPartMayBeSmallOrEmpty) {
  for (const std::string& body : {std::string(), std::string("x"), big('x')}) {
    for (const char* key : {"k", "folder/", "k/below", "k"}) {
      const auto id = driver_.begin(key);
      const auto only = part(key, *id, 3, body);
      const auto made = driver_.complete(key, *id, {only});
      ASSERT_TRUE(made.ok()) << key << ": " << made.error().message;
      EXPECT_EQ(made->part_count, 1u);
      EXPECT_TRUE(made->etag.ends_with("-1"));
      EXPECT_TRUE(*driver_.get(key) == body);
    }
  }
}

TEST_P(BucketUploads, ARepeatedPartReplacesTheFormer) {
  const auto id = driver_.begin("k");
  const auto former = part("k", *id, 1, big('a'));
  const auto latter = part("k", *id, 1, "latter");
  EXPECT_EQ(driver_.list_parts("k", *id)->parts.size(), 1u);
  expect_error(driver_.complete("k", *id, {former}), Errc::kInvalidArgument, "InvalidPart");
  ASSERT_TRUE(driver_.complete("k", *id, {latter}).ok());
  EXPECT_EQ(*driver_.get("k"), "latter");
}

TEST_P(BucketUploads, OnlyThePartsThatAreNamedCount) {
  const auto id = driver_.begin("k");
  const auto unnamed = part("k", *id, 1, big('a'));
  const auto named = part("k", *id, 2, "named");
  ASSERT_TRUE(driver_.complete("k", *id, {named}).ok());
  EXPECT_EQ(*driver_.get("k"), "named");
}

TEST_P(BucketUploads, WrongCompletionsAreRefusedAndTheUploadGoesOn) {
  const auto id = driver_.begin("k");
  const auto one = part("k", *id, 1, "too small");
  const auto two = part("k", *id, 2, big('b'), {"", {{"CRC32", "right"}}});
  const auto three = part("k", *id, 3, "end");
  const auto complete = [&](std::vector<CompletedPart> parts, PutOptions conditions = {}) {
    return driver_.complete("k", *id, std::move(parts), std::move(conditions));
  };
  expect_error(complete({}), Errc::kInvalidArgument, "InvalidRequest");
  expect_error(complete({three, two}), Errc::kInvalidArgument, "InvalidPartOrder");
  expect_error(complete({two, two}), Errc::kInvalidArgument, "InvalidPartOrder");
  expect_error(complete({one, two}), Errc::kInvalidArgument, "EntityTooSmall");
  expect_error(complete({{2, "other", {}}}), Errc::kInvalidArgument, "InvalidPart");
  expect_error(complete({two, {4, three.etag, {}}}), Errc::kInvalidArgument, "InvalidPart");
  expect_error(complete({{2, two.etag, {{"CRC32", "wrong"}}}}), Errc::kInvalidArgument,
               "InvalidPart");
  expect_error(complete({{2, two.etag, {{"SHA1", "right"}}}}), Errc::kInvalidArgument,
               "InvalidPart");
  expect_error(complete({{0, "", {}}}), Errc::kInvalidArgument, "InvalidPart");
  PutOptions conditions;
  conditions.only_if_etag = "x";
  expect_error(complete({two, three}, conditions), Errc::kNotFound, "NoSuchKey");
  conditions = {};
  conditions.only_if_absent = true;
  ASSERT_TRUE(driver_.put("k", "there").ok());
  expect_error(complete({two, three}, conditions), Errc::kAlreadyExists, "PreconditionFailed");
  EXPECT_EQ(*driver_.get("k"), "there");
  EXPECT_EQ(driver_.list_parts("k", *id)->parts.size(), 3u);
  ASSERT_TRUE(complete({{2, two.etag, {{"CRC32", "right"}}}, three}).ok());
  EXPECT_TRUE(*driver_.get("k") == big('b') + "end");
}

TEST_P(BucketUploads, WrongPartsAreRefused) {
  const auto id = driver_.begin("k");
  for (const std::uint32_t number : {0u, 10'001u, 0xffff'ffffu}) {
    expect_error(driver_.create_part("k", *id, number), Errc::kInvalidArgument, "InvalidArgument");
    expect_error(driver_.copy_part("k", {}, "k", *id, number), Errc::kInvalidArgument,
                 "InvalidArgument");
  }
  expect_error(driver_.create_part("k", "other", 1), Errc::kNotFound, "NoSuchUpload");
  expect_error(driver_.create_part("other", *id, 1), Errc::kNotFound, "NoSuchUpload");
  expect_error(driver_.upload_options("other", *id), Errc::kNotFound, "NoSuchUpload");
  BucketDriver elsewhere(store(), "elsewhere");
  expect_error(elsewhere.create_part("k", *id, 1), Errc::kNotFound, "NoSuchBucket");
  ASSERT_TRUE(elsewhere.make_bucket().ok());
  expect_error(elsewhere.create_part("k", *id, 1), Errc::kNotFound, "NoSuchUpload");
  expect_error(elsewhere.abort_upload("k", *id), Errc::kNotFound, "NoSuchUpload");
  EXPECT_TRUE(driver_.list_parts("k", *id)->parts.empty());
}

TEST_P(BucketUploads, APartThatIsUnderWayWhenItsUploadEndsIsRefused) {
  const auto id = driver_.begin("k");
  auto writer = driver_.create_part("k", *id, 1);
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE(driver_.abort_upload("k", *id).ok());
  expect_error(net::sync_wait((*writer)->commit()), Errc::kNotFound, "NoSuchUpload");
  expect_error(driver_.head("k"), Errc::kNotFound, "NoSuchKey");
}

TEST_P(BucketUploads, PartsAreCopiedFromObjects) {
  const std::string source = big('s') + "0123456789";
  ASSERT_TRUE(driver_.put("source", source).ok());
  const auto id = driver_.begin("k");
  const auto whole = driver_.copy_part("source", {}, "k", *id, 1);
  ASSERT_TRUE(whole.ok());
  EXPECT_EQ(whole->size, source.size());
  const auto range = driver_.copy_part("source", {kMinPartBytes + 2, 5}, "k", *id, 2);
  EXPECT_EQ(range->size, 5u);
  expect_error(driver_.copy_part("source", {kMinPartBytes, 11}, "k", *id, 3),
               Errc::kInvalidArgument, "InvalidRange");
  expect_error(driver_.copy_part("source", {kMinPartBytes + 11, 1}, "k", *id, 3),
               Errc::kInvalidArgument, "InvalidRange");
  expect_error(driver_.copy_part("source", {~0ull - 1, 5}, "k", *id, 3), Errc::kInvalidArgument,
               "InvalidRange");
  CopyOptions options;
  options.source_if_match = "other";
  expect_error(driver_.copy_part("source", {}, "k", *id, 3, options), Errc::kConflict,
               "PreconditionFailed");
  expect_error(driver_.copy_part("missing", {}, "k", *id, 3), Errc::kNotFound, "NoSuchKey");
  expect_error(driver_.copy_part("source", {}, "k", "other", 3), Errc::kNotFound, "NoSuchUpload");
  ASSERT_TRUE(driver_.complete("k", *id, {{1, whole->etag, {}}, {2, range->etag, {}}}).ok());
  EXPECT_TRUE(*driver_.get("k") == source + "23456");
}

TEST_P(BucketUploads, PartsAreListedInPages) {
  const auto id = driver_.begin("k");
  for (const std::uint32_t number : {5u, 1u, 9u, 3u}) {
    part("k", *id, number, std::string(number, 'x'));
  }
  auto page = driver_.list_parts("k", *id, 0, 3);
  ASSERT_EQ(page->parts.size(), 3u);
  EXPECT_TRUE(page->truncated);
  EXPECT_EQ(page->parts[2].number, 5u);
  EXPECT_EQ(page->parts[2].size, 5u);
  page = driver_.list_parts("k", *id, 5, 1);
  ASSERT_EQ(page->parts.size(), 1u);
  EXPECT_EQ(page->parts[0].number, 9u);
  EXPECT_FALSE(page->truncated);
  page = driver_.list_parts("k", *id, 0, 0);
  EXPECT_TRUE(page->parts.empty() && !page->truncated);
  EXPECT_TRUE(driver_.list_parts("k", *id, 9)->parts.empty());
}

TEST_P(BucketUploads, UploadsAreListedByKeyAndTime) {
  const std::vector<std::string> keys{"a", "b/1", "b/1", "b/2", "c", "c"};
  std::multimap<std::string, std::string> all;
  for (const auto& key : keys) all.emplace(key, *driver_.begin(key));
  for (const std::uint32_t max : {1u, 2u, 100u}) {
    std::multimap<std::string, std::string> seen;
    UploadListRequest request;
    request.max_uploads = max;
    WallTime before{};
    std::string key;
    for (int i = 0; i < 10; ++i) {
      const auto page = driver_.list_uploads(request);
      ASSERT_TRUE(page.ok());
      for (const auto& u : page->uploads) {
        EXPECT_GE(u.key, key);
        if (u.key == key) {
          EXPECT_GE(u.initiated, before);
        }
        key = u.key;
        before = u.initiated;
        seen.emplace(u.key, u.upload_id);
      }
      if (!page->truncated) break;
      request.key_marker = page->next_key_marker;
      request.upload_id_marker = page->next_upload_id_marker;
    }
    EXPECT_EQ(seen.size(), 6u);
    for (const auto& upload : all) {
      const auto [from, to] = seen.equal_range(upload.first);
      EXPECT_EQ(std::count(from, to, std::pair<const std::string, std::string>(upload)), 1);
    }
  }
  UploadListRequest request;
  request.delimiter = "/";
  auto page = driver_.list_uploads(request);
  EXPECT_EQ(page->uploads.size(), 3u);
  EXPECT_EQ(page->common_prefixes, std::vector<std::string>{"b/"});
  request.prefix = "b/";
  page = driver_.list_uploads(request);
  EXPECT_EQ(page->uploads.size(), 3u);
  request.key_marker = "b/1";
  EXPECT_EQ(driver_.list_uploads(request)->uploads.size(), 1u);
  EXPECT_TRUE(driver_.keys().empty());
  EXPECT_TRUE(driver_.drop_bucket().ok());  // uploads do not keep a bucket
}

TEST_P(BucketUploads, ACompletedUploadIsANewVersion) {
  ASSERT_TRUE(driver_.set_versioning(Versioning::kEnabled).ok());
  const auto old = driver_.put("k", "old");
  const auto id = driver_.begin("k");
  const auto only = part("k", *id, 1, "new");
  const auto made = driver_.complete("k", *id, {only});
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->version_id.size(), 32u);
  EXPECT_EQ(*driver_.get("k"), "new");
  EXPECT_EQ(*driver_.get_version("k", old->version_id), "old");
  const auto copy_id = driver_.begin("copy");
  const auto copied = driver_.copy_part("k", {0, 2}, "copy", *copy_id, 1, {}, old->version_id);
  ASSERT_TRUE(copied.ok());
  ASSERT_TRUE(driver_.complete("copy", *copy_id, {{1, copied->etag, {}}}).ok());
  EXPECT_EQ(*driver_.get("copy"), "ol");
}

Task<void> complete_one(BucketStore& store, UploadRef upload, std::vector<CompletedPart> parts,
                        int& good, int& gone) {
  auto permit = testing::Permits::put(upload.bucket, upload.key);
  PutOptions none;
  ContentDigest digest;
  const auto done = co_await store.complete_upload(
      std::move(permit), std::move(upload), std::move(parts), std::move(none), std::move(digest));
  if (done.ok()) {
    ++good;
  } else if (done.error().reason == "NoSuchUpload") {
    ++gone;
  }
}

Task<void> complete_many(BucketStore& store, UploadRef upload, std::vector<CompletedPart> parts,
                         int& good, int& gone) {
  net::TaskScope scope;
  for (int i = 0; i < 4; ++i) scope.spawn(complete_one(store, upload, parts, good, gone));
  co_await scope.join();
}

TEST_P(BucketUploads, OneOfManyCompletionsWins) {
  const auto id = driver_.begin("k");
  const auto one = part("k", *id, 1, big('a'));
  const auto two = part("k", *id, 2, "b");
  int good = 0;
  int gone = 0;
  net::sync_wait(complete_many(store(), {"contract", "k", *id}, {one, two}, good, gone));
  EXPECT_EQ(good, 1);
  EXPECT_EQ(gone, 3);
  EXPECT_TRUE(*driver_.get("k") == big('a') + "b");
}

INSTANTIATE_TEST_SUITE_P(Stores, BucketUploads, ::testing::Bool(), testing::name_of_sync);

}  // namespace
}  // namespace sallyport::storage
