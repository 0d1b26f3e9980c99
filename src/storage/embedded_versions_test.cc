// Where versions lie on the disk, and everything about them at random against a model.
#include <algorithm>
#include <filesystem>
#include <map>
#include <random>

#include "storage/testing/embedded_disk.h"

namespace sallyport::storage {
namespace {

namespace fs = std::filesystem;

class EmbeddedVersions : public testing::EmbeddedDisk {
 protected:
  EmbeddedVersions() { EXPECT_TRUE(driver_->set_versioning(Versioning::kEnabled).ok()); }
};

TEST_F(EmbeddedVersions, TheCurrentOneIsThePlainFileAndTheOthersAreNot) {
  ASSERT_TRUE(driver_->put("a/b", "first").ok());
  ASSERT_TRUE(driver_->put("a/b", "second").ok());
  EXPECT_EQ(content_of(bucket() / "a/b"), "second");
  EXPECT_EQ(files_in(reserved()), 1u);
  ASSERT_TRUE(driver_->remove("a/b").ok());
  EXPECT_FALSE(fs::exists(bucket() / "a"));
  EXPECT_EQ(files_in(reserved()), 2u);
  expect_tidy();
}

TEST_F(EmbeddedVersions, AVersionThatComesUpReturnsToItsPath) {
  ASSERT_TRUE(driver_->put("a/b", "first").ok());
  const auto second = driver_->put("a/b", "second");
  ASSERT_TRUE(second.ok());
  ASSERT_TRUE(driver_->remove_version("a/b", second->version_id).ok());
  EXPECT_EQ(content_of(bucket() / "a/b"), "first");
  EXPECT_EQ(files_in(reserved()), 0u);
  ASSERT_TRUE(driver_->remove("a/b").ok());
  const auto marker = driver_->current_marker("a/b");
  ASSERT_TRUE(driver_->remove_version("a/b", *marker).ok());
  EXPECT_EQ(content_of(bucket() / "a/b"), "first");
  EXPECT_EQ(*driver_->get("a/b"), "first");
  expect_tidy();
}

TEST_F(EmbeddedVersions, AVersionWhosePathIsTakenComesUpAside) {
  const auto first = driver_->put("a", "first");
  ASSERT_TRUE(driver_->remove("a").ok());
  ASSERT_TRUE(driver_->put("a/b", "below").ok());
  ASSERT_TRUE(driver_->remove_version("a", *driver_->current_marker("a")).ok());
  EXPECT_EQ(*driver_->get("a"), "first");
  EXPECT_EQ(*driver_->get("a/b"), "below");
  EXPECT_EQ(driver_->head("a")->version_id, first->version_id);
  expect_tidy();
  restart();
  EXPECT_EQ(*driver_->get("a"), "first");
  expect_tidy();
}

TEST_F(EmbeddedVersions, AFileChangedByOthersIsRenewedInPlace) {
  const auto put = driver_->put("a", "first");
  plant(bucket() / "a", "changed by hand");
  const auto head = driver_->head("a");
  EXPECT_EQ(head->version_id, put->version_id);
  EXPECT_NE(head->etag, put->etag);
  EXPECT_EQ(*driver_->get("a"), "changed by hand");
  EXPECT_EQ(driver_->versions().size(), 1u);
}

TEST_F(EmbeddedVersions, AFileChangedByOthersIsKeptAsItIsWhenItIsReplaced) {
  const auto put = driver_->put("a", "first");
  plant(bucket() / "a", "changed by hand");
  ASSERT_TRUE(driver_->put("a", "second").ok());
  EXPECT_EQ(*driver_->get_version("a", put->version_id), "changed by hand");
  EXPECT_EQ(driver_->head_version("a", put->version_id)->size, 15u);
  expect_tidy();
}

TEST_F(EmbeddedVersions, AFileRemovedByOthersLeavesADeleteMarker) {
  ASSERT_TRUE(driver_->put("a", "first").ok());
  ASSERT_TRUE(driver_->put("a", "second").ok());
  fs::remove(bucket() / "a");
  EXPECT_EQ(driver_->get("a").error().reason, "NoSuchKey");
  const auto versions = driver_->versions();
  ASSERT_EQ(versions.size(), 2u);
  EXPECT_TRUE(versions[0].delete_marker && versions[0].latest);
  EXPECT_EQ(*driver_->get_version("a", versions[1].info.version_id), "first");
  expect_tidy();
}

TEST_F(EmbeddedVersions, FilesOfOthersBecomeVersions) {
  plant(bucket() / "a", "from outside");
  EXPECT_EQ(scan().taken_in, 1u);
  const auto head = driver_->head("a");
  EXPECT_EQ(head->version_id.size(), 32u);
  ASSERT_TRUE(driver_->remove("a").ok());
  EXPECT_EQ(*driver_->get_version("a", head->version_id), "from outside");
  restart();  // nothing of ours is under way any more
  plant(bucket() / "a", "from outside again");
  EXPECT_EQ(scan().taken_in, 1u);
  EXPECT_EQ(*driver_->get("a"), "from outside again");
  EXPECT_EQ(driver_->versions().size(), 3u);
  expect_tidy();
}

TEST_F(EmbeddedVersions, AMissingBodyOfAVersionIsToldAndCanBeRemoved) {
  const auto put = driver_->put("a", "first");
  ASSERT_TRUE(driver_->put("a", "second").ok());
  fs::remove_all(reserved());
  fs::create_directory(reserved());
  restart();
  EXPECT_EQ(driver_->get_version("a", put->version_id).error().code, Errc::kCorrupt);
  EXPECT_EQ(*driver_->get("a"), "second");
  ASSERT_TRUE(driver_->remove_version("a", put->version_id).ok());
  expect_tidy();
}

TEST_F(EmbeddedVersions, AMoveLeavesNoTwoVersionsInOneFile) {
  const auto put = driver_->put("from", "body");
  ASSERT_TRUE(driver_->move("from", "to").ok());
  std::ofstream(bucket() / "to", std::ios::app) << " and more";
  EXPECT_EQ(*driver_->get("to"), "body and more");
  EXPECT_EQ(*driver_->get_version("from", put->version_id), "body");
  expect_tidy();
}

TEST_F(EmbeddedVersions, AFullBucketFolderOfVersionsGoesWithTheLastOne) {
  const auto put = driver_->put("a", "x");
  ASSERT_TRUE(driver_->remove("a").ok());
  EXPECT_EQ(driver_->drop_bucket().error().reason, "BucketNotEmpty");
  ASSERT_TRUE(driver_->remove_version("a", put->version_id).ok());
  EXPECT_EQ(driver_->drop_bucket().error().reason, "BucketNotEmpty");
  ASSERT_TRUE(driver_->remove_version("a", *driver_->current_marker("a")).ok());
  const auto upload = driver_->begin("u");
  ASSERT_TRUE(driver_->put_part("u", *upload, 1, "part").ok());
  ASSERT_TRUE(driver_->drop_bucket().ok());
  EXPECT_FALSE(fs::exists(bucket()));
  EXPECT_EQ(instance_->count("SELECT (SELECT count(*) FROM storage_part) + "
                             "(SELECT count(*) FROM storage_upload)"),
            0);
}

// --- everything at random

struct ModelVersion {
  std::string id;
  bool marker = false;
  std::string body;
};
using Model = std::map<std::string, std::vector<ModelVersion>>;  // the newest first

class Random : public testing::EmbeddedDisk, public ::testing::WithParamInterface<bool> {
 protected:
  Random() {
    stop();
    setup_.sync_on_close = GetParam();
    start();
  }

  bool shows(const std::string& key) const {
    const auto at = model_.find(key);
    return at != model_.end() && !at->second.empty() && !at->second.front().marker;
  }

  void add(const std::string& key, bool marker, const std::string& id, const std::string& body) {
    auto& versions = model_[key];
    if (state_ == Versioning::kUnversioned) {
      versions.clear();
      if (marker) return;
    } else if (state_ == Versioning::kSuspended) {
      std::erase_if(versions, [](const ModelVersion& v) { return v.id == "null"; });
    }
    versions.insert(versions.begin(), {id.empty() ? "null" : id, marker, body});
  }

  void add_current(const std::string& key, const std::string& body) {
    add(key, false, driver_->head(key)->version_id, body);
  }

  void check(const std::string& key) {
    const auto body = driver_->get(key);
    ASSERT_EQ(body.ok(), shows(key)) << key;
    if (body.ok()) {
      ASSERT_TRUE(*body == model_[key].front().body) << key;
    }
    for (const ModelVersion& v : model_[key]) {
      const auto read = driver_->get_version(key, v.id);
      ASSERT_EQ(read.ok(), !v.marker) << key << " " << v.id;
      if (read.ok()) {
        ASSERT_TRUE(*read == v.body) << key << " " << v.id;
      } else {
        ASSERT_EQ(read.error().reason, "MethodNotAllowed");
      }
    }
  }

  void check_listing(std::uint32_t page) {
    const auto listed = driver_->versions(page);
    std::size_t at = 0;
    for (const auto& [key, versions] : model_) {
      for (std::size_t i = 0; i < versions.size(); ++i, ++at) {
        ASSERT_LT(at, listed.size());
        ASSERT_EQ(listed[at].info.key, key);
        ASSERT_EQ(listed[at].info.version_id, versions[i].id);
        ASSERT_EQ(listed[at].delete_marker, versions[i].marker);
        ASSERT_EQ(listed[at].latest, i == 0);
        ASSERT_EQ(listed[at].info.size, versions[i].body.size());
      }
    }
    ASSERT_EQ(at, listed.size());
  }

  Versioning state_ = Versioning::kUnversioned;
  Model model_;
};

TEST_P(Random, OperationsOnVersionsAgreeWithAModel) {
  const std::vector<std::string> keys{"a",   "a/b", "a/b/", "a//b",
                                      "d/e", "d",   "f/",   std::string(1024, 'k')};
  std::mt19937 random(2026);
  const auto some = [&] { return keys[random() % keys.size()]; };
  const int rounds = GetParam() ? 500 : 700;
  for (int i = 0; i < rounds; ++i) {
    const std::string key = some();
    const std::string other = some();
    switch (random() % 13) {
      case 0:
      case 1:
      case 2:
      case 3: {
        const std::string body(random() % 3 == 0 ? 0 : random() % 70'000, static_cast<char>(i));
        const auto put = driver_->put(key, body);
        ASSERT_TRUE(put.ok());
        add(key, false, put->version_id, body);
        break;
      }
      case 4:
      case 5: {
        const auto removed = driver_->remove_version(key, "");
        ASSERT_TRUE(removed.ok());
        ASSERT_EQ(removed->delete_marker, state_ != Versioning::kUnversioned);
        add(key, true, removed->version_id, "");
        break;
      }
      case 6:
      case 7: {
        auto& versions = model_[key];
        if (versions.empty()) break;
        const std::size_t which = random() % versions.size();
        const auto removed = driver_->remove_version(key, versions[which].id);
        ASSERT_TRUE(removed.ok());
        ASSERT_EQ(removed->delete_marker, versions[which].marker);
        versions.erase(versions.begin() + static_cast<std::ptrdiff_t>(which));
        break;
      }
      case 8: {
        const bool there = shows(key);
        ASSERT_EQ(driver_->move(key, other).ok(), there);
        if (!there || key == other) break;
        add_current(other, model_[key].front().body);
        const auto marker = driver_->current_marker(key);
        add(key, true, *marker, "");
        break;
      }
      case 9: {
        auto& versions = model_[key];
        if (versions.empty()) break;
        const ModelVersion from = versions[random() % versions.size()];
        const auto copied = driver_->copy_version(key, from.id, other);
        ASSERT_EQ(copied.ok(), !from.marker);
        if (copied.ok()) add(other, false, copied->version_id, from.body);
        break;
      }
      case 10:
        if (i > rounds / 6 && random() % 3 == 0) {
          state_ = random() % 2 ? Versioning::kEnabled : Versioning::kSuspended;
          ASSERT_TRUE(driver_->set_versioning(state_).ok());
        }
        break;
      case 11:
        if (i % 10 == 0) restart();
        break;
      default: check_listing(1 + random() % 7); break;
    }
    check(key);
    check(other);
    if (HasFatalFailure()) return;
  }
  check_listing(1000);
  restart();
  for (const auto& key : keys) check(key);
  expect_tidy();
  EXPECT_EQ(instance_->count("SELECT count(*) FROM storage_intent"), 0);
}

INSTANTIATE_TEST_SUITE_P(Sync, Random, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "Synced" : "Unsynced"; });

}  // namespace
}  // namespace sallyport::storage
