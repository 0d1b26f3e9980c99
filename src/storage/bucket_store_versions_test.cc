// What every BucketStore promises about versions (Amazon S3 user guide, "Working with objects in a
// versioning-enabled bucket", "… in a versioning-suspended bucket").
#include <algorithm>
#include <map>

#include "storage/testing/bucket_store_contract.h"

namespace sallyport::storage {
namespace {

using testing::BucketDriver;
using testing::Permits;

class BucketVersions : public testing::BucketContractTest {
 protected:
  void enable() { ASSERT_TRUE(driver_.set_versioning(Versioning::kEnabled).ok()); }
  void suspend() { ASSERT_TRUE(driver_.set_versioning(Versioning::kSuspended).ok()); }
  // "key=body" from the newest on, "key-" for a delete marker, "!" for the latest.
  std::vector<std::string> picture() {
    std::vector<std::string> out;
    for (const auto& v : driver_.versions()) {
      std::string entry = v.info.key;
      entry +=
          v.delete_marker ? "-" : "=" + driver_.get_version(v.info.key, v.info.version_id).value();
      if (v.info.version_id == "null") entry += "(null)";
      if (v.latest) entry += "!";
      out.push_back(entry);
    }
    return out;
  }
  using Picture = std::vector<std::string>;
};

TEST_P(BucketVersions, TheStateIsKeptAndCannotBeUndone) {
  EXPECT_EQ(*driver_.versioning(), Versioning::kUnversioned);
  expect_error(driver_.set_versioning(Versioning::kUnversioned), Errc::kInvalidArgument);
  enable();
  EXPECT_EQ(*driver_.versioning(), Versioning::kEnabled);
  suspend();
  EXPECT_EQ(*driver_.versioning(), Versioning::kSuspended);
  expect_error(driver_.set_versioning(Versioning::kUnversioned), Errc::kInvalidArgument);
  BucketDriver missing(store(), "missing");
  expect_error(missing.versioning(), Errc::kNotFound, "NoSuchBucket");
  expect_error(missing.set_versioning(Versioning::kEnabled), Errc::kNotFound, "NoSuchBucket");
  expect_error(missing.list_versions({}), Errc::kNotFound, "NoSuchBucket");
}

TEST_P(BucketVersions, AnUnversionedBucketHasNullVersionsOnly) {
  ASSERT_TRUE(driver_.put("k", "1").ok());
  ASSERT_TRUE(driver_.put("k", "2").ok());
  EXPECT_EQ(driver_.head("k")->version_id, "");
  EXPECT_EQ(picture(), (Picture{"k=2(null)!"}));
  EXPECT_EQ(*driver_.get_version("k", "null"), "2");
  expect_error(driver_.get_version("k", "other"), Errc::kNotFound, "NoSuchVersion");
  EXPECT_FALSE(driver_.remove_version("k", "other")->delete_marker);
  EXPECT_EQ(*driver_.get("k"), "2");
  ASSERT_TRUE(driver_.remove_version("k", "null").ok());
  EXPECT_TRUE(picture().empty());
  EXPECT_TRUE(driver_.remove_version("k", "")->version_id.empty());
}

TEST_P(BucketVersions, EachPutIsANewVersion) {
  ASSERT_TRUE(driver_.put("k", "0").ok());
  enable();
  const auto one = driver_.put("k", "1");
  const auto two = driver_.put("k", "2");
  EXPECT_EQ(one->version_id.size(), 32u);
  EXPECT_EQ(one->version_id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                              "0123456789._-"),
            std::string::npos);
  EXPECT_NE(one->version_id, two->version_id);
  EXPECT_EQ(driver_.head("k")->version_id, two->version_id);
  EXPECT_EQ(driver_.head_version("k", one->version_id)->etag, one->etag);
  EXPECT_EQ(driver_.head_version("k", "null")->version_id, "null");
  EXPECT_EQ(picture(), (Picture{"k=2!", "k=1", "k=0(null)"}));
  EXPECT_EQ(driver_.keys(), std::vector<std::string>{"k"});
}

TEST_P(BucketVersions, ADeleteHidesAndNothingIsLost) {
  enable();
  const auto one = driver_.put("k", "1");
  const auto removed = driver_.remove_version("k", "");
  EXPECT_TRUE(removed->delete_marker);
  EXPECT_EQ(removed->version_id, *driver_.current_marker("k"));
  expect_error(driver_.get("k"), Errc::kNotFound, "NoSuchKey");
  expect_error(driver_.tags("k"), Errc::kNotFound, "NoSuchKey");
  EXPECT_TRUE(driver_.keys().empty());
  expect_error(driver_.get_version("k", removed->version_id), Errc::kUnsupported,
               "MethodNotAllowed");
  expect_error(driver_.head_version("k", removed->version_id), Errc::kUnsupported,
               "MethodNotAllowed");
  expect_error(driver_.tags("k", removed->version_id), Errc::kUnsupported, "MethodNotAllowed");
  EXPECT_EQ(*driver_.get_version("k", one->version_id), "1");
  ASSERT_TRUE(driver_.remove("k").ok());
  EXPECT_EQ(picture(), (Picture{"k-!", "k-", "k=1"}));
  // Also of a key that never was, as in S3.
  EXPECT_TRUE(driver_.remove_version("never", "")->delete_marker);
  EXPECT_EQ(picture(), (Picture{"k-!", "k-", "k=1", "never-!"}));
  EXPECT_EQ(*driver_.current_marker("other"), "");
}

TEST_P(BucketVersions, RemovingVersionsBringsUpWhatIsUnderThem) {
  enable();
  const auto one = driver_.put("k", "1");
  const auto two = driver_.put("k", "2");
  const auto three = driver_.put("k", "3");
  const auto gone = driver_.remove_version("k", two->version_id);
  EXPECT_FALSE(gone->delete_marker);
  EXPECT_EQ(gone->version_id, two->version_id);
  EXPECT_EQ(picture(), (Picture{"k=3!", "k=1"}));
  ASSERT_TRUE(driver_.remove_version("k", three->version_id).ok());
  EXPECT_EQ(*driver_.get("k"), "1");
  EXPECT_EQ(driver_.head("k")->version_id, one->version_id);
  EXPECT_EQ(driver_.head("k")->etag, one->etag);
  const auto marker = driver_.remove_version("k", "");
  const auto unmarked = driver_.remove_version("k", marker->version_id);
  EXPECT_TRUE(unmarked->delete_marker);
  EXPECT_EQ(picture(), (Picture{"k=1!"}));
  EXPECT_TRUE(driver_.remove_version("k", two->version_id).ok());  // gone already
  ASSERT_TRUE(driver_.remove_version("k", one->version_id).ok());
  EXPECT_TRUE(picture().empty());
  EXPECT_TRUE(driver_.drop_bucket().ok());
}

TEST_P(BucketVersions, ASuspendedBucketHasOneNullVersion) {
  enable();
  const auto kept = driver_.put("k", "kept");
  suspend();
  EXPECT_EQ(driver_.put("k", "null 1")->version_id, "null");
  ASSERT_TRUE(driver_.put("k", "null 2").ok());
  EXPECT_EQ(picture(), (Picture{"k=null 2(null)!", "k=kept"}));
  enable();
  ASSERT_TRUE(driver_.put("k", "above").ok());
  EXPECT_EQ(picture(), (Picture{"k=above!", "k=null 2(null)", "k=kept"}));
  suspend();
  ASSERT_TRUE(driver_.put("k", "null 3").ok());
  EXPECT_EQ(picture(), (Picture{"k=null 3(null)!", "k=above", "k=kept"}));
  const auto removed = driver_.remove_version("k", "");
  EXPECT_TRUE(removed->delete_marker);
  EXPECT_EQ(removed->version_id, "null");
  EXPECT_EQ(picture(), (Picture{"k-(null)!", "k=above", "k=kept"}));
  ASSERT_TRUE(driver_.remove("k").ok());  // the marker takes its own place
  EXPECT_EQ(picture(), (Picture{"k-(null)!", "k=above", "k=kept"}));
  ASSERT_TRUE(driver_.put("k", "null 4").ok());
  EXPECT_EQ(picture(), (Picture{"k=null 4(null)!", "k=above", "k=kept"}));
  EXPECT_EQ(*driver_.get_version("k", kept->version_id), "kept");
}

TEST_P(BucketVersions, AWriterSeesWhatTheBucketIsAtItsCommit) {
  ASSERT_TRUE(driver_.put("k", "old").ok());
  auto writer = driver_.create("k");
  enable();
  const auto put = net::sync_wait((*writer)->commit());
  ASSERT_TRUE(put.ok());
  EXPECT_EQ(put->version_id.size(), 32u);
  EXPECT_EQ(picture(), (Picture{"k=!", "k=old(null)"}));
}

TEST_P(BucketVersions, ConditionsAskTheCurrentObject) {
  enable();
  PutOptions absent;
  absent.only_if_absent = true;
  const auto one = driver_.put("k", "1", absent);
  expect_error(driver_.put("k", "2", absent), Errc::kAlreadyExists, "PreconditionFailed");
  ASSERT_TRUE(driver_.remove("k").ok());
  PutOptions match;
  match.only_if_etag = one->etag;
  expect_error(driver_.put("k", "2", match), Errc::kNotFound, "NoSuchKey");
  EXPECT_TRUE(driver_.put("k", "2", absent).ok());
  EXPECT_EQ(picture(), (Picture{"k=2!", "k-", "k=1"}));
}

TEST_P(BucketVersions, TagsBelongToAVersion) {
  enable();
  PutOptions options;
  options.tags = {{"v", "1"}};
  const auto one = driver_.put("k", "1", options);
  const auto two = driver_.put("k", "2");
  EXPECT_EQ(driver_.tags("k", one->version_id)->first, options.tags);
  EXPECT_TRUE(driver_.tags("k")->first.empty());
  EXPECT_EQ(driver_.set_tags("k", {{"v", "one"}}, one->version_id).value(), one->version_id);
  EXPECT_EQ(driver_.set_tags("k", {{"v", "two"}}).value(), two->version_id);
  EXPECT_EQ(driver_.tags("k", one->version_id)->first, (Tags{{"v", "one"}}));
  EXPECT_EQ(driver_.tags("k", two->version_id)->first, (Tags{{"v", "two"}}));
  ASSERT_TRUE(driver_.remove_version("k", two->version_id).ok());
  EXPECT_EQ(driver_.tags("k")->first, (Tags{{"v", "one"}}));
}

TEST_P(BucketVersions, AnOldVersionIsRestoredByACopy) {
  enable();
  const auto one = driver_.put("k", std::string(100'000, '1'));
  ASSERT_TRUE(driver_.put("k", "2").ok());
  ASSERT_TRUE(driver_.remove("k").ok());
  const auto restored = driver_.copy_version("k", one->version_id, "k");
  ASSERT_TRUE(restored.ok());
  EXPECT_NE(restored->version_id, one->version_id);
  EXPECT_EQ(*driver_.get("k"), std::string(100'000, '1'));
  EXPECT_EQ(driver_.versions().size(), 4u);
  expect_error(driver_.copy_version("k", driver_.versions()[1].info.version_id, "k"),
               Errc::kUnsupported, "MethodNotAllowed");
}

TEST_P(BucketVersions, AMoveLeavesADeleteMarkerAndMakesAVersion) {
  enable();
  ASSERT_TRUE(driver_.put("from", "body").ok());
  ASSERT_TRUE(driver_.put("to", "old").ok());
  ASSERT_TRUE(driver_.move("from", "to").ok());
  EXPECT_EQ(picture(), (Picture{"from-!", "from=body", "to=body!", "to=old"}));
  expect_error(driver_.move("from", "to"), Errc::kNotFound, "NoSuchKey");
  ASSERT_TRUE(driver_.move("to", "to/below").ok());
  ASSERT_TRUE(driver_.move("to/below", "to").ok());
  EXPECT_EQ(*driver_.get("to"), "body");
}

TEST_P(BucketVersions, AMoveMayLeadToABucketWithoutVersions) {
  enable();
  BucketDriver other(store(), "other-bucket");
  ASSERT_TRUE(other.make_bucket().ok());
  const auto go = [&](const std::string& from, const std::string& to) {
    return net::sync_wait(store().move(Permits::get(from, "k"), Permits::put(to, "k"),
                                       Permits::erase(from, "k"), {from, "k"}, {to, "k"}));
  };
  const auto one = driver_.put("k", "body");
  ASSERT_TRUE(go("contract", "other-bucket").ok());
  EXPECT_EQ(*other.get("k"), "body");
  EXPECT_EQ(other.head("k")->version_id, "");
  EXPECT_EQ(*driver_.get_version("k", one->version_id), "body");
  ASSERT_TRUE(go("other-bucket", "contract").ok());
  EXPECT_TRUE(other.versions().empty());
  EXPECT_EQ(picture(), (Picture{"k=body!", "k-", "k=body"}));
}

TEST_P(BucketVersions, KeysInEachOthersWayHaveVersionsToo) {
  enable();
  const std::vector<std::string> keys{"a",    "a/",           "a/b",
                                      "a//b", ".sallyport/x", std::string(1024, 'l')};
  std::map<std::string, std::vector<std::string>> ids;
  for (int round = 0; round < 3; ++round) {
    for (const auto& key : keys) {
      const std::string body = round == 1 ? "" : key + std::to_string(round);
      const auto put = driver_.put(key, body);
      ASSERT_TRUE(put.ok()) << put.error().message;
      ids[key].push_back(put->version_id);
    }
    if (round == 1) {
      for (const auto& key : keys) ASSERT_TRUE(driver_.remove(key).ok());
    }
  }
  for (const auto& key : keys) {
    EXPECT_EQ(driver_.get_version(key, ids[key][0]).value(), key + "0");
    EXPECT_EQ(driver_.get_version(key, ids[key][1]).value(), "");
    EXPECT_EQ(driver_.get(key).value(), key + "2");
  }
  EXPECT_EQ(driver_.versions().size(), 4 * keys.size());
  for (const auto& v : driver_.versions()) {
    ASSERT_TRUE(driver_.remove_version(v.info.key, v.info.version_id).ok());
  }
  EXPECT_TRUE(driver_.drop_bucket().ok());
}

// --- listings

TEST_P(BucketVersions, ListingsHavePrefixesDelimitersAndPages) {
  enable();
  for (const char* key : {"a", "b/1", "b/2", "c", "d/x/y", "d/z"}) {
    ASSERT_TRUE(driver_.put(key, "1").ok());
    ASSERT_TRUE(driver_.put(key, "2").ok());
  }
  ASSERT_TRUE(driver_.remove("b/2").ok());
  ASSERT_TRUE(driver_.remove("c").ok());
  for (const std::uint32_t page : {1u, 2u, 3u, 100u}) {
    std::vector<std::string> entries;
    VersionListRequest request;
    request.delimiter = "/";
    request.max_keys = page;
    for (int i = 0; i < 20; ++i) {
      const auto found = driver_.list_versions(request);
      ASSERT_TRUE(found.ok());
      ASSERT_LE(found->versions.size() + found->common_prefixes.size(), page);
      for (const auto& v : found->versions) {
        entries.push_back(v.info.key + (v.latest ? "!" : "") + (v.delete_marker ? "-" : ""));
      }
      for (const auto& p : found->common_prefixes) entries.push_back(p);
      if (!found->truncated) break;
      request.key_marker = found->next_key_marker;
      request.version_id_marker = found->next_version_id_marker;
    }
    std::sort(entries.begin(), entries.end());
    EXPECT_EQ(entries, (Picture{"a", "a!", "b/", "c", "c", "c!-", "d/"})) << page;
  }
  VersionListRequest request;
  request.prefix = "b/";
  request.delimiter = "/";
  auto page = driver_.list_versions(request);
  EXPECT_EQ(page->versions.size(), 5u);
  EXPECT_TRUE(page->common_prefixes.empty());
  request.prefix = "d/";
  page = driver_.list_versions(request);
  EXPECT_EQ(page->versions.size(), 2u);
  EXPECT_EQ(page->common_prefixes, std::vector<std::string>{"d/x/"});
  request.max_keys = 0;
  page = driver_.list_versions(request);
  EXPECT_TRUE(page->versions.empty() && !page->truncated);
}

TEST_P(BucketVersions, AListingGoesOnWhereTheMarkerIsAndWhereItWas) {
  enable();
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(driver_.put("k", std::to_string(i))->version_id);
  ASSERT_TRUE(driver_.put("l", "x").ok());
  VersionListRequest request;
  request.key_marker = "k";
  EXPECT_EQ(driver_.list_versions(request)->versions.size(), 1u);
  request.version_id_marker = ids[3];
  auto page = driver_.list_versions(request);
  ASSERT_EQ(page->versions.size(), 4u);
  EXPECT_EQ(page->versions[0].info.version_id, ids[2]);
  EXPECT_FALSE(page->versions[0].latest);
  // Who removes page by page misses nothing.
  ASSERT_TRUE(driver_.remove_version("k", ids[4]).ok());
  ASSERT_TRUE(driver_.remove_version("k", ids[3]).ok());
  page = driver_.list_versions(request);
  ASSERT_EQ(page->versions.size(), 4u);
  EXPECT_EQ(page->versions[0].info.version_id, ids[2]);
  EXPECT_TRUE(page->versions[0].latest);
}

INSTANTIATE_TEST_SUITE_P(Stores, BucketVersions, ::testing::Bool(), testing::name_of_sync);

}  // namespace
}  // namespace sallyport::storage
