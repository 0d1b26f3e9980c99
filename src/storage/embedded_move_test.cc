// Moves of many objects at once, metadata set afterwards, and what is read of a body while it is
// written, in embedded buckets.
#include "storage/testing/embedded_disk.h"

namespace sallyport::storage {
namespace {

using testing::Permits;

class EmbeddedMove : public testing::EmbeddedDisk {
 protected:
  static KeyMove step(const std::string& bucket, const std::string& from, const std::string& to) {
    return {Permits::get(bucket, from), Permits::put(bucket, to), Permits::erase(bucket, from),
            from, to};
  }
  Result<void> move_all(std::vector<std::pair<std::string, std::string>> pairs) {
    const std::string name = driver_->bucket();
    std::vector<KeyMove> moves;
    for (const auto& [from, to] : pairs) moves.push_back(step(name, from, to));
    return net::sync_wait(instance_->store().move_all(name, name, std::move(moves)));
  }
  Result<ObjectInfo> set_metadata(const std::string& key, Metadata changes) {
    const std::string name = driver_->bucket();
    return net::sync_wait(instance_->store().set_metadata(Permits::get(name, key), Permits::put(name, key),
                                               {name, key}, std::move(changes)));
  }
};

using Keys = std::vector<std::string>;

TEST_F(EmbeddedMove, MovesManyObjectsWithTheirFiles) {
  PutOptions options;
  options.metadata = {{"mode", "33188"}};
  ASSERT_TRUE(driver_->put("d/", "").ok());
  ASSERT_TRUE(driver_->put("d/x", "one", options).ok());
  ASSERT_TRUE(driver_->put("d/deep/y", std::string(200'000, 'y')).ok());
  ASSERT_TRUE(driver_->put("e/x", "to be replaced").ok());
  ASSERT_TRUE(move_all({{"d/", "e/"}, {"d/x", "e/x"}, {"d/deep/y", "e/deep/y"}}).ok());
  EXPECT_EQ(driver_->keys(), (Keys{"e/", "e/deep/y", "e/x"}));
  EXPECT_EQ(*driver_->get("e/x"), "one");
  EXPECT_EQ(driver_->head("e/x")->metadata.at("mode"), "33188");
  EXPECT_EQ(driver_->get("e/deep/y")->size(), 200'000u);
  EXPECT_EQ(content_of(bucket() / "e/x"), "one");
  EXPECT_FALSE(std::filesystem::exists(bucket() / "d"));
  expect_tidy();
}

TEST_F(EmbeddedMove, PassesOverWhatIsGone) {
  ASSERT_TRUE(driver_->put("a", "1").ok());
  ASSERT_TRUE(move_all({{"gone", "g"}, {"a", "b"}}).ok());
  EXPECT_EQ(driver_->keys(), (Keys{"b"}));
  EXPECT_TRUE(move_all({{"gone", "g"}}).ok());
  EXPECT_TRUE(move_all({}).ok());
}

TEST_F(EmbeddedMove, MovesInVersionedBucketsToo) {
  ASSERT_TRUE(driver_->set_versioning(Versioning::kEnabled).ok());
  ASSERT_TRUE(driver_->put("d/x", "1").ok());
  ASSERT_TRUE(driver_->put("d/x", "2").ok());
  ASSERT_TRUE(driver_->put("d/y", "3").ok());
  ASSERT_TRUE(move_all({{"d/x", "e/x"}, {"d/y", "e/y"}}).ok());
  EXPECT_EQ(driver_->keys(), (Keys{"e/x", "e/y"}));
  EXPECT_EQ(*driver_->get("e/x"), "2");
  expect_tidy();
}

TEST_F(EmbeddedMove, RefusesPermitsAndKeysThatDoNotFitAndMovesNothing) {
  ASSERT_TRUE(driver_->put("a", "1").ok());
  const std::string name = driver_->bucket();
  std::vector<KeyMove> moves;
  moves.push_back(step(name, "a", "b"));
  moves.push_back(step(name, "a", "c"));
  moves[1].to = "d";
  EXPECT_EQ(net::sync_wait(instance_->store().move_all(name, name, std::move(moves))).error().code,
            Errc::kInternal);
  EXPECT_EQ(move_all({{"a", "b"}, {"a", std::string(1025, 'x')}}).error().code,
            Errc::kInvalidArgument);
  std::vector<KeyMove> none;
  EXPECT_EQ(net::sync_wait(instance_->store().move_all(name, "missing", std::move(none))).error().reason,
            "NoSuchBucket");
  EXPECT_EQ(driver_->keys(), (Keys{"a"}));
  expect_tidy();
}

TEST_F(EmbeddedMove, SetsAndRemovesNamesOfTheMetadata) {
  PutOptions options;
  options.content_type = "text/csv";
  options.metadata = {{"colour", "red"}, {"mtime", "1"}};
  options.headers = {{"cache-control", "no-cache"}};
  const auto put = driver_->put("k", "body", options);
  ASSERT_TRUE(put.ok());
  const auto set = set_metadata("k", {{"mode", "33188"}, {"mtime", "2"}, {"colour", ""}});
  ASSERT_TRUE(set.ok()) << set.error().message;
  const auto now = driver_->head("k");
  EXPECT_EQ(now->metadata, (Metadata{{"mode", "33188"}, {"mtime", "2"}}));
  EXPECT_EQ(now->content_type, "text/csv");
  EXPECT_EQ(now->headers, options.headers);
  EXPECT_EQ(now->etag, put->etag);
  EXPECT_EQ(*driver_->get("k"), "body");
  ListRequest request;
  EXPECT_TRUE(driver_->list(request)->objects.at(0).metadata.empty());
  request.metadata = true;
  EXPECT_EQ(driver_->list(request)->objects.at(0).metadata, now->metadata);
  expect_tidy();
}

TEST_F(EmbeddedMove, SetsMetadataOfNothingThatIsMissingAndWithNoOthersPermit) {
  EXPECT_EQ(set_metadata("k", {{"a", "b"}}).error().reason, "NoSuchKey");
  ASSERT_TRUE(driver_->put("k", "body").ok());
  const std::string name = driver_->bucket();
  EXPECT_EQ(net::sync_wait(instance_->store().set_metadata(Permits::get(name, "k"), Permits::put(name, "x"),
                                                {name, "k"}, {}))
                .error()
                .code,
            Errc::kInternal);
}

TEST_F(EmbeddedMove, ReadsBackWhatIsBeingWritten) {
  for (const std::size_t size : {std::size_t{10}, std::size_t{300'000}}) {
    std::string body(size, '\0');
    for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<char>('a' + i % 23);
    auto writer = driver_->create("k");
    ASSERT_TRUE(writer.ok());
    const iovec all{body.data(), body.size()};
    ASSERT_TRUE(net::sync_wait((*writer)->write({&all, 1})).ok());
    std::string first(3, '-'), second(1'000'000, '-');
    const iovec into[] = {{first.data(), first.size()}, {second.data(), second.size()}};
    const auto got = net::sync_wait((*writer)->read_back(5, into));
    ASSERT_TRUE(got.ok());
    EXPECT_EQ(*got, size - 5);
    EXPECT_EQ(first + second.substr(0, size - 8), body.substr(5));
    EXPECT_EQ(*net::sync_wait((*writer)->read_back(size, into)), 0u);
    (*writer)->set_metadata({{"late", "yes"}});
    ASSERT_TRUE(net::sync_wait((*writer)->commit()).ok());
    EXPECT_EQ(driver_->head("k")->metadata, (Metadata{{"late", "yes"}}));
    EXPECT_FALSE(net::sync_wait((*writer)->read_back(0, into)).ok());
  }
}

}  // namespace
}  // namespace sallyport::storage
