// What every BucketStore promises about what is kept beside the content: headers, checksums, ETags,
// tags, conditions, and copies of all that.
#include <sys/stat.h>

#include <chrono>
#include <fstream>

#include "storage/testing/bucket_store_contract.h"

namespace sallyport::storage {
namespace {

using iam::Action;
using testing::Permits;

constexpr const char* kMd5 = "5eb63bbbe01eeed093cb22bb8f5acdc3";  // of "hello world"

class BucketObjects : public testing::BucketContractTest {
 protected:
  static PutOptions full_options() {
    PutOptions options;
    options.content_type = "text/html";
    options.metadata = {{"m", "n"}};
    options.headers = {{"cache-control", "no-cache"}, {"content-language", "de, en"}};
    options.tags = {{"team", "a"}, {"t\xc3\xa9", ""}};
    return options;
  }
};

TEST_P(BucketObjects, BucketsKeepTheirRegion) {
  const auto permit = Permits::create_bucket("elsewhere");
  auto made = net::sync_wait(store().create_bucket(permit, "elsewhere", "eu-central-1"));
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->region, "eu-central-1");
  const auto head =
      net::sync_wait(store().head_bucket(Permits::list("elsewhere", ""), "elsewhere"));
  EXPECT_EQ(head->region, "eu-central-1");
  const auto all = net::sync_wait(store().list_buckets(Permits::list_buckets()));
  EXPECT_EQ(all->at(0).region, "us-east-1");
  EXPECT_EQ(all->at(1).region, "eu-central-1");
}

TEST_P(BucketObjects, HeadersTagsAndDigestAreKept) {
  const ContentDigest digest{kMd5, {{"CRC32", "DUoRhQ=="}, {"SHA256", "abc="}}};
  const auto put = driver_.put_described("k", "hello world", digest, full_options());
  ASSERT_TRUE(put.ok());
  for (const auto& info : {*put, *driver_.head("k"), *driver_.head_version("k", "")}) {
    EXPECT_EQ(info.etag, kMd5);
    EXPECT_EQ(info.checksums, digest.checksums);
    EXPECT_EQ(info.headers, full_options().headers);
    EXPECT_EQ(info.tag_count, 2u);
    EXPECT_EQ(info.part_count, 0u);
    EXPECT_EQ(info.version_id, "");
  }
  EXPECT_EQ(driver_.tags("k")->first, full_options().tags);
  EXPECT_EQ(driver_.tags("k")->second, "");
  ListRequest request;
  EXPECT_EQ(driver_.list(request)->objects.at(0).etag, kMd5);
}

TEST_P(BucketObjects, TagsAreReplacedAndNothingElse) {
  ASSERT_TRUE(driver_.put("k", "body", full_options()).ok());
  const auto before = driver_.head("k");
  ASSERT_TRUE(driver_.set_tags("k", {{"only", "one"}}).ok());
  EXPECT_EQ(driver_.tags("k")->first, (Tags{{"only", "one"}}));
  const auto after = driver_.head("k");
  EXPECT_EQ(after->tag_count, 1u);
  EXPECT_EQ(after->etag, before->etag);
  EXPECT_EQ(after->modified, before->modified);
  EXPECT_EQ(after->headers, before->headers);
  EXPECT_EQ(*driver_.get("k"), "body");
  const auto removed = net::sync_wait(store().set_tags(
      driver_.may(Action::kDeleteObjectTagging, "k"), driver_.version("k", ""), {}));
  ASSERT_TRUE(removed.ok());
  EXPECT_TRUE(driver_.tags("k")->first.empty());
}

TEST_P(BucketObjects, TagsOfNothingAndBadTagsAreRefused) {
  expect_error(driver_.tags("k"), Errc::kNotFound, "NoSuchKey");
  expect_error(driver_.set_tags("k", {{"a", "b"}}), Errc::kNotFound, "NoSuchKey");
  ASSERT_TRUE(driver_.put("k", "").ok());
  expect_error(driver_.set_tags("k", {{"a", "\xff"}}), Errc::kInvalidArgument, "InvalidTag");
  expect_error(driver_.set_tags("k", {{"", "b"}}), Errc::kInvalidArgument, "InvalidTag");
  expect_error(driver_.tags("k", "other"), Errc::kNotFound, "NoSuchVersion");
  expect_error(driver_.set_tags("k", {}, "other"), Errc::kNotFound, "NoSuchVersion");
  const auto none_may_not_set = net::sync_wait(store().set_tags(
      driver_.may(Action::kDeleteObjectTagging, "k"), driver_.version("k", ""), {{"a", "b"}}));
  expect_error(none_may_not_set, Errc::kInternal);
}

TEST_P(BucketObjects, AnEtagAsConditionIsDecidedAtCommit) {
  PutOptions options;
  options.only_if_etag = "missing";
  expect_error(driver_.put("k", "x", options), Errc::kNotFound, "NoSuchKey");
  const auto first = driver_.put("k", "first");
  expect_error(driver_.put("k", "x", options), Errc::kConflict, "PreconditionFailed");
  options.only_if_etag = first->etag;
  auto slow = driver_.create("k", options);
  ASSERT_TRUE(driver_.put("k", "second", options).ok());
  expect_error(net::sync_wait((*slow)->commit()), Errc::kConflict, "PreconditionFailed");
  EXPECT_EQ(*driver_.get("k"), "second");
}

TEST_P(BucketObjects, AConditionSeesWhatOthersDidToTheFile) {
  const auto first = driver_.put("k", "first");
  std::ofstream(folder_.path() / "buckets/contract/k", std::ios::app) << " and more";
  PutOptions options;
  options.only_if_etag = first->etag;
  expect_error(driver_.put("k", "x", options), Errc::kConflict, "PreconditionFailed");
  EXPECT_EQ(*driver_.get("k"), "first and more");
}

TEST_P(BucketObjects, ACopyKeepsAllOrWhatItIsTold) {
  const ContentDigest digest{kMd5, {{"CRC32", "DUoRhQ=="}, {"SHA1", "abc=-2"}}};
  ASSERT_TRUE(driver_.put_described("from", "hello world", digest, full_options()).ok());
  const auto plain = driver_.copy_version("from", "", "plain");
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(plain->etag, kMd5);
  EXPECT_EQ(plain->checksums, (Checksums{{"CRC32", "DUoRhQ=="}}));
  EXPECT_EQ(plain->headers, full_options().headers);
  EXPECT_EQ(driver_.tags("plain")->first, full_options().tags);

  CopyOptions options;
  options.replace_metadata = true;
  options.put.content_type = "x/y";
  options.put.headers = {{"expires", "never"}};
  options.put.tags = {{"ignored", "1"}};
  const auto told = driver_.copy_version("from", "", "told", options);
  EXPECT_EQ(told->content_type, "x/y");
  EXPECT_TRUE(told->metadata.empty());
  EXPECT_EQ(told->headers, options.put.headers);
  EXPECT_EQ(driver_.tags("told")->first, full_options().tags);
  options.replace_tags = true;
  ASSERT_TRUE(driver_.copy_version("from", "", "told", options).ok());
  EXPECT_EQ(driver_.tags("told")->first, options.put.tags);
  EXPECT_EQ(*driver_.get("told"), "hello world");
}

TEST_P(BucketObjects, ACopyOntoItselfLeavesTheContentWhereItIs) {
  ASSERT_TRUE(driver_.put("k", "body", full_options()).ok());
  const auto before = driver_.head("k");
  const auto file = folder_.path() / "buckets/contract/k";
  struct stat st_before;
  ASSERT_EQ(::stat(file.c_str(), &st_before), 0);
  CopyOptions options;
  options.replace_metadata = true;
  options.put.content_type = "x/y";
  options.put.metadata = {{"new", "1"}};
  const auto copied = driver_.copy_version("k", "", "k", options);
  ASSERT_TRUE(copied.ok());
  struct stat st_after;
  ASSERT_EQ(::stat(file.c_str(), &st_after), 0);
  EXPECT_EQ(st_after.st_ino, st_before.st_ino);
  const auto after = driver_.head("k");
  EXPECT_EQ(after->content_type, "x/y");
  EXPECT_EQ(after->metadata, options.put.metadata);
  EXPECT_EQ(after->etag, before->etag);
  EXPECT_GE(after->modified, before->modified);
  EXPECT_EQ(driver_.tags("k")->first, full_options().tags);
  EXPECT_EQ(*driver_.get("k"), "body");
  options.put.only_if_absent = true;
  expect_error(driver_.copy_version("k", "", "k", options), Errc::kAlreadyExists);
}

TEST_P(BucketObjects, ACopyOntoItselfIsANewVersionInAVersionedBucket) {
  ASSERT_TRUE(driver_.set_versioning(Versioning::kEnabled).ok());
  const auto first = driver_.put("k", "body");
  CopyOptions options;
  options.replace_metadata = true;
  const auto second = driver_.copy_version("k", "", "k", options);
  ASSERT_TRUE(second.ok());
  EXPECT_NE(second->version_id, first->version_id);
  EXPECT_EQ(driver_.versions().size(), 2u);
  EXPECT_EQ(*driver_.get_version("k", first->version_id), "body");
  EXPECT_EQ(*driver_.get("k"), "body");
}

TEST_P(BucketObjects, ConditionsOnTheSourceOfACopyAreThoseOfS3) {
  const auto put = driver_.put("k", "x");
  const auto whole = std::chrono::floor<std::chrono::seconds>(put->modified);
  const auto earlier = whole - std::chrono::seconds(1);
  const auto with = [&](auto set) {
    CopyOptions options;
    set(options);
    return driver_.copy_version("k", "", "copy", options).ok();
  };
  EXPECT_TRUE(with([&](CopyOptions& o) { o.source_if_match = put->etag; }));
  EXPECT_FALSE(with([&](CopyOptions& o) { o.source_if_match = "other"; }));
  EXPECT_TRUE(with([&](CopyOptions& o) { o.source_if_none_match = "other"; }));
  EXPECT_FALSE(with([&](CopyOptions& o) { o.source_if_none_match = put->etag; }));
  EXPECT_TRUE(with([&](CopyOptions& o) { o.source_unmodified_since = whole; }));
  EXPECT_FALSE(with([&](CopyOptions& o) { o.source_unmodified_since = earlier; }));
  EXPECT_TRUE(with([&](CopyOptions& o) { o.source_modified_since = earlier; }));
  EXPECT_FALSE(with([&](CopyOptions& o) { o.source_modified_since = whole; }));
  // The ETag decides over the time.
  EXPECT_TRUE(with([&](CopyOptions& o) {
    o.source_if_match = put->etag;
    o.source_unmodified_since = earlier;
  }));
  CopyOptions options;
  options.source_if_match = "other";
  expect_error(driver_.copy_version("k", "", "copy", options), Errc::kConflict,
               "PreconditionFailed");
  expect_error(driver_.copy_version("missing", "", "copy"), Errc::kNotFound, "NoSuchKey");
  expect_error(driver_.copy_version("k", "no-such", "copy"), Errc::kNotFound, "NoSuchVersion");
}

TEST_P(BucketObjects, PermitsThatDoNotCoverTheCallAreRefused) {
  ASSERT_TRUE(driver_.put("k", "v").ok());
  const auto get = Permits::get("contract", "k");
  const auto put = Permits::put("contract", "k");
  const VersionRef current("contract", "k");
  const VersionRef older("contract", "k", "null");
  expect_error(net::sync_wait(store().versioning(get, "contract")), Errc::kInternal);
  expect_error(net::sync_wait(store().set_versioning(get, "contract", Versioning::kEnabled)),
               Errc::kInternal);
  expect_error(net::sync_wait(store().head_version(put, current)), Errc::kInternal);
  expect_error(net::sync_wait(store().head_version(get, older)), Errc::kInternal);
  expect_error(net::sync_wait(store().open_version(get, older)), Errc::kInternal);
  expect_error(net::sync_wait(store().current_marker(put, {"contract", "k"})), Errc::kInternal);
  expect_error(net::sync_wait(store().remove_version(Permits::erase("contract", "k"), older)),
               Errc::kInternal);
  expect_error(net::sync_wait(
                   store().remove_version(driver_.may(Action::kDeleteObjectVersion, "k"), current)),
               Errc::kInternal);
  VersionListRequest versions;
  versions.bucket = "contract";
  versions.prefix = "other";
  expect_error(net::sync_wait(
                   store().list_versions(driver_.may(Action::kListBucketVersions, "k"), versions)),
               Errc::kInternal);
  expect_error(net::sync_wait(store().tags(get, current)), Errc::kInternal);
  expect_error(net::sync_wait(store().tags(driver_.may(Action::kGetObjectTagging, "k"), older)),
               Errc::kInternal);
  expect_error(net::sync_wait(store().set_tags(put, current, {})), Errc::kInternal);
  expect_error(net::sync_wait(store().copy_version(get, put, older, {"contract", "k"}, {})),
               Errc::kInternal);
  expect_error(net::sync_wait(store().copy_version(get, get, current, {"contract", "k"}, {})),
               Errc::kInternal);

  const UploadRef upload("contract", "k", *driver_.begin("k"));
  expect_error(net::sync_wait(store().create_upload(get, {"contract", "k"}, {})), Errc::kInternal);
  expect_error(net::sync_wait(store().create_part(get, upload, 1)), Errc::kInternal);
  expect_error(net::sync_wait(store().copy_part(put, put, current, {}, upload, 1, {})),
               Errc::kInternal);
  expect_error(net::sync_wait(store().copy_part(get, get, current, {}, upload, 1, {})),
               Errc::kInternal);
  expect_error(net::sync_wait(store().complete_upload(get, upload, {}, {}, {})), Errc::kInternal);
  expect_error(net::sync_wait(store().abort_upload(put, upload)), Errc::kInternal);
  expect_error(net::sync_wait(store().upload_options(get, upload)), Errc::kInternal);
  expect_error(net::sync_wait(store().list_parts(get, upload, 0, 10)), Errc::kInternal);
  UploadListRequest uploads;
  uploads.bucket = "contract";
  expect_error(net::sync_wait(store().list_uploads(
                   driver_.may(Action::kListBucketMultipartUploads, "k"), uploads)),
               Errc::kInternal);
  EXPECT_EQ(*driver_.get("k"), "v");
}

TEST_P(BucketObjects, KeysThatAreNoKeysAreRefusedEverywhere) {
  for (const std::string& key : {std::string(), std::string(1025, 'k'), std::string("\xff")}) {
    expect_error(driver_.head_version(key, ""), Errc::kInvalidArgument);
    expect_error(driver_.get_version(key, "x"), Errc::kInvalidArgument);
    expect_error(driver_.current_marker(key), Errc::kInvalidArgument);
    expect_error(driver_.remove_version(key, ""), Errc::kInvalidArgument);
    expect_error(driver_.tags(key), Errc::kInvalidArgument);
    expect_error(driver_.set_tags(key, {}), Errc::kInvalidArgument);
    expect_error(driver_.copy_version("k", "", key), Errc::kInvalidArgument);
    expect_error(driver_.begin(key), Errc::kInvalidArgument);
    expect_error(driver_.create_part(key, "u", 1), Errc::kInvalidArgument);
    expect_error(driver_.complete(key, "u", {}), Errc::kInvalidArgument);
    expect_error(driver_.abort_upload(key, "u"), Errc::kInvalidArgument);
    expect_error(driver_.list_parts(key, "u"), Errc::kInvalidArgument);
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, BucketObjects, ::testing::Bool(), testing::name_of_sync);

}  // namespace
}  // namespace sallyport::storage
