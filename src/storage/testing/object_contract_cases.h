// What every ObjectStore promises about buckets and objects. Included once in a test binary.
#pragma once

#include <algorithm>
#include <random>

#include "storage/testing/object_store_contract.h"

namespace sallyport::storage {
namespace {

using testing::Driver;
using testing::Permits;

class ObjectStoreContract : public testing::ContractTest {};

std::string pattern(std::size_t size) {
  std::string out(size, '\0');
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>((i * 131 + i / 251) & 0xff);
  return out;
}

template <class T>
void expect_error(const Result<T>& result, Errc code, const char* reason = nullptr) {
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, code) << result.error().message;
  if (reason != nullptr) {
    EXPECT_EQ(result.error().reason, reason);
  }
}

TEST_P(ObjectStoreContract, BucketsAreMadeHeadedListedAndDeleted) {
  Driver other(store(), "another-bucket");
  auto made = other.make_bucket();
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->name, "another-bucket");
  EXPECT_EQ(made->region, "us-east-1");
  auto all = net::sync_wait(store().list_buckets(Permits::list_buckets()));
  ASSERT_TRUE(all.ok());
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ((*all)[0].name, "another-bucket");
  EXPECT_EQ((*all)[1].name, "contract");
  auto head =
      net::sync_wait(store().head_bucket(Permits::list("another-bucket", ""), "another-bucket"));
  ASSERT_TRUE(head.ok());
  if (promises().exact_times) {
    EXPECT_EQ(head->created, made->created);
  }
  EXPECT_TRUE(other.drop_bucket().ok());
  expect_error(
      net::sync_wait(store().head_bucket(Permits::list("another-bucket", ""), "another-bucket")),
      Errc::kNotFound, "NoSuchBucket");
  EXPECT_TRUE(other.make_bucket().ok());
}

TEST_P(ObjectStoreContract, BucketErrorsHaveTheirReasons) {
  expect_error(driver_.make_bucket(), Errc::kAlreadyExists, "BucketAlreadyOwnedByYou");
  expect_error(Driver(store(), "Bad_Name").make_bucket(), Errc::kInvalidArgument,
               "InvalidBucketName");
  expect_error(Driver(store(), "..").make_bucket(), Errc::kInvalidArgument, "InvalidBucketName");
  expect_error(Driver(store(), "missing").drop_bucket(), Errc::kNotFound, "NoSuchBucket");
  ASSERT_TRUE(driver_.put("k", "v").ok());
  expect_error(driver_.drop_bucket(), Errc::kConflict, "BucketNotEmpty");
  ASSERT_TRUE(driver_.remove("k").ok());
  EXPECT_TRUE(driver_.drop_bucket().ok());
}

TEST_P(ObjectStoreContract, MissingBucketsAreToldFromMissingKeys) {
  Driver missing(store(), "missing");
  for (Driver* d : {&missing, &driver_}) {
    const char* reason = d == &missing ? "NoSuchBucket" : "NoSuchKey";
    const char* looked_up = promises().looks_for_buckets ? reason : "NoSuchKey";
    expect_error(d->head("k"), Errc::kNotFound, looked_up);
    expect_error(d->get("k"), Errc::kNotFound, reason);
    expect_error(d->copy("k", "l"), Errc::kNotFound, looked_up);
    expect_error(d->move("k", "l"), Errc::kNotFound, looked_up);
    expect_error(d->move("k", "k"), Errc::kNotFound, looked_up);
  }
  if (promises().looks_for_buckets) {
    expect_error(missing.create("k"), Errc::kNotFound, "NoSuchBucket");
  }
  expect_error(missing.put("k", "v"), Errc::kNotFound, "NoSuchBucket");
  expect_error(missing.remove("k"), Errc::kNotFound, "NoSuchBucket");
  expect_error(missing.list({}), Errc::kNotFound, "NoSuchBucket");
  EXPECT_TRUE(driver_.remove("k").ok());  // as in S3
}

TEST_P(ObjectStoreContract, PermitsThatDoNotCoverTheCallAreRefused) {
  ASSERT_TRUE(driver_.put("k", "v").ok());
  const ObjectRef k{"contract", "k"};
  const auto get = Permits::get("contract", "k");
  const auto other_key = Permits::get("contract", "j");
  const auto other_bucket = Permits::get("elsewhere", "k");
  const auto put = Permits::put("contract", "k");
  for (const auto& wrong : {other_key, other_bucket, put}) {
    expect_error(net::sync_wait(store().head(wrong, k)), Errc::kInternal);
    expect_error(net::sync_wait(store().open(wrong, k)), Errc::kInternal);
    expect_error(net::sync_wait(store().remove(wrong, k)), Errc::kInternal);
  }
  expect_error(net::sync_wait(store().create(get, k, {})), Errc::kInternal);
  expect_error(net::sync_wait(store().copy(put, put, k, k)), Errc::kInternal);
  expect_error(net::sync_wait(store().copy(get, get, k, k)), Errc::kInternal);
  expect_error(net::sync_wait(store().move(get, put, get, k, k)), Errc::kInternal);
  ListRequest request;
  request.bucket = "contract";
  request.prefix = "a";
  expect_error(net::sync_wait(store().list(Permits::list("contract", ""), request)),
               Errc::kInternal);
  expect_error(net::sync_wait(store().create_bucket(get, "new-bucket")), Errc::kInternal);
  expect_error(
      net::sync_wait(store().delete_bucket(Permits::create_bucket("contract"), "contract")),
      Errc::kInternal);
  expect_error(net::sync_wait(store().head_bucket(get, "contract")), Errc::kInternal);
  expect_error(net::sync_wait(store().list_buckets(get)), Errc::kInternal);
  EXPECT_EQ(*driver_.get("k"), "v");
}

TEST_P(ObjectStoreContract, KeysThatAreNoTextAreRefused) {
  for (const std::string& key :
       {std::string(), std::string(1025, 'k'), std::string("a\0b", 3), std::string("\xff")}) {
    expect_error(driver_.create(key), Errc::kInvalidArgument);
    expect_error(driver_.head(key), Errc::kInvalidArgument);
    expect_error(driver_.open(key), Errc::kInvalidArgument);
    expect_error(driver_.remove(key), Errc::kInvalidArgument);
    expect_error(driver_.copy("k", key), Errc::kInvalidArgument);
    expect_error(driver_.move(key, "k"), Errc::kInvalidArgument);
  }
  PutOptions options;
  options.metadata["note"] = "\xff";
  expect_error(driver_.create("k", options), Errc::kInvalidArgument);
}

TEST_P(ObjectStoreContract, ObjectsKeepBytesTypeAndMetadata) {
  PutOptions options;
  options.content_type = "text/plain";
  options.metadata = {{"user-agent", "AWSTransfer"}, {"note", "\"quoted\" a, b; c=d"}};
  if (promises().metadata_of_any_text) options.metadata["n\xc3\xb6te"] = "\"quoted\" \xe2\x82\xac";
  for (const std::size_t size : {0u, 1u, 4096u, 65536u, 65537u, 1'000'000u, 3'000'001u}) {
    const std::string body = pattern(size);
    const auto info = driver_.put("o", body, options);
    ASSERT_TRUE(info.ok()) << info.error().message;
    EXPECT_EQ(info->size, size);
    EXPECT_EQ(info->key, "o");
    const auto head = driver_.head("o");
    ASSERT_TRUE(head.ok());
    EXPECT_EQ(head->size, size);
    EXPECT_EQ(head->etag, info->etag);
    if (promises().exact_times) {
      EXPECT_EQ(head->modified, info->modified);
    }
    EXPECT_EQ(head->content_type, "text/plain");
    EXPECT_EQ(head->metadata, options.metadata);
    const auto read = driver_.get("o");
    ASSERT_TRUE(read.ok());
    EXPECT_TRUE(*read == body);
  }
}

TEST_P(ObjectStoreContract, EtagsAreNoMd5AndChangeWithTheObject) {
  if (!promises().own_etags) GTEST_SKIP() << "another store makes them";
  const auto first = driver_.put("o", "same");
  const auto second = driver_.put("o", "same");
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_NE(first->etag, second->etag);
  EXPECT_EQ(first->etag.size(), 34u);
  EXPECT_TRUE(first->etag.ends_with("-1"));
  EXPECT_EQ(first->etag.find_first_not_of("0123456789abcdef"), 32u);
}

TEST_P(ObjectStoreContract, WritesOfManyShapesAddUp) {
  const std::string body = pattern(700'000);
  auto writer = driver_.create("o");
  ASSERT_TRUE(writer.ok());
  std::mt19937 random(7);
  std::size_t at = 0;
  while (at < body.size()) {
    std::vector<iovec> parts;
    std::string copy = body;
    for (int i = 0; i < static_cast<int>(random() % 100) && at < body.size(); ++i) {
      const std::size_t n = std::min<std::size_t>(random() % 9000, body.size() - at);
      parts.push_back({copy.data() + at, n});
      at += n;
    }
    ASSERT_TRUE(net::sync_wait((*writer)->write(parts)).ok());
    EXPECT_EQ((*writer)->size(), at);
  }
  ASSERT_TRUE(net::sync_wait((*writer)->commit()).ok());
  EXPECT_TRUE(*driver_.get("o") == body);
}

TEST_P(ObjectStoreContract, ReadsFillBuffersAnywhereInTheObject) {
  const std::string body = pattern(300'000);
  ASSERT_TRUE(driver_.put("o", body).ok());
  auto reader = driver_.open("o");
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ((*reader)->info().size, body.size());
  std::mt19937 random(11);
  for (int i = 0; i < 200; ++i) {
    const std::size_t offset = random() % (body.size() + 1000);
    std::vector<std::string> buffers(random() % 80);
    std::vector<iovec> parts;
    std::size_t wanted = 0;
    for (auto& b : buffers) {
      b.assign(random() % 3000, '\0');
      parts.push_back({b.data(), b.size()});
      wanted += b.size();
    }
    const std::size_t expected = offset >= body.size() ? 0 : std::min(wanted, body.size() - offset);
    std::size_t got = 0;
    if (auto quick = (*reader)->try_read_at(offset, parts); quick && i % 2 == 0) {
      got = **quick;
    } else {
      auto slow = net::sync_wait((*reader)->read_at(offset, parts));
      ASSERT_TRUE(slow.ok());
      got = *slow;
    }
    ASSERT_EQ(got, expected);
    std::string joined;
    for (const auto& b : buffers) joined += b;
    ASSERT_TRUE(std::string_view(joined).substr(0, got) ==
                std::string_view(body).substr(std::min(offset, body.size()), got));
  }
}

TEST_P(ObjectStoreContract, NothingIsVisibleBeforeCommitNorAfterAbort) {
  for (const std::size_t size : {10u, 200'000u}) {
    const std::string body = pattern(size);
    const iovec all{const_cast<char*>(body.data()), body.size()};
    {
      auto writer = driver_.create("o");
      ASSERT_TRUE(net::sync_wait((*writer)->write({&all, 1})).ok());
      expect_error(driver_.head("o"), Errc::kNotFound, "NoSuchKey");
      net::sync_wait((*writer)->abort());
      expect_error(net::sync_wait((*writer)->write({&all, 1})), Errc::kInternal);
      expect_error(net::sync_wait((*writer)->commit()), Errc::kInternal);
    }
    {
      auto writer = driver_.create("o");
      ASSERT_TRUE(net::sync_wait((*writer)->write({&all, 1})).ok());
    }
    EXPECT_TRUE(driver_.keys().empty());
  }
}

TEST_P(ObjectStoreContract, WriterIsSpentAfterCommit) {
  auto writer = driver_.create("o");
  ASSERT_TRUE(net::sync_wait((*writer)->commit()).ok());
  expect_error(net::sync_wait((*writer)->commit()), Errc::kInternal);
  EXPECT_EQ(driver_.get("o").value(), "");
}

TEST_P(ObjectStoreContract, OnlyIfAbsentIsDecidedAtCommit) {
  PutOptions options;
  options.only_if_absent = true;
  auto slow = driver_.create("o", options);
  ASSERT_TRUE(slow.ok());
  ASSERT_TRUE(driver_.put("o", "first", options).ok());
  expect_error(net::sync_wait((*slow)->commit()), Errc::kAlreadyExists);
  expect_error(driver_.put("o", "second", options), Errc::kAlreadyExists);
  EXPECT_EQ(*driver_.get("o"), "first");
  ASSERT_TRUE(driver_.remove("o").ok());
  EXPECT_TRUE(driver_.put("o", "third", options).ok());
}

TEST_P(ObjectStoreContract, OpenReadersKeepWhatTheyOpened) {
  const std::string body = pattern(promises().kept_open);
  ASSERT_TRUE(driver_.put("o", body).ok());
  auto first = driver_.open("o");
  ASSERT_TRUE(driver_.put("o", "short").ok());
  auto second = driver_.open("o");
  ASSERT_TRUE(driver_.remove("o").ok());
  expect_error(driver_.open("o"), Errc::kNotFound, "NoSuchKey");
  EXPECT_EQ((*first)->info().size, body.size());
  EXPECT_TRUE(net::sync_wait(testing::read_object(**first)).value() == body);
  EXPECT_EQ(net::sync_wait(testing::read_object(**second)).value(), "short");
}

TEST_P(ObjectStoreContract, CopyKeepsContentTypeAndMetadata) {
  PutOptions options;
  options.content_type = "image/png";
  options.metadata = {{"a", "b"}};
  const std::string body = pattern(400'000);
  ASSERT_TRUE(driver_.put("from", body, options).ok());
  ASSERT_TRUE(driver_.put("to", "old").ok());
  const auto copied = driver_.copy("from", "to");
  ASSERT_TRUE(copied.ok());
  EXPECT_EQ(copied->key, "to");
  EXPECT_EQ(copied->size, body.size());
  const auto head = driver_.head("to");
  EXPECT_EQ(head->content_type, "image/png");
  EXPECT_EQ(head->metadata, options.metadata);
  EXPECT_TRUE(*driver_.get("to") == body);
  EXPECT_TRUE(*driver_.get("from") == body);
  ASSERT_TRUE(driver_.copy("to", "to").ok());
  EXPECT_TRUE(*driver_.get("to") == body);
}

TEST_P(ObjectStoreContract, MoveLeavesOneObjectAndKeepsAll) {
  PutOptions options;
  options.metadata = {{"a", "b"}};
  ASSERT_TRUE(driver_.put("from", "body", options).ok());
  ASSERT_TRUE(driver_.put("to", "old").ok());
  ASSERT_TRUE(driver_.move("from", "to").ok());
  EXPECT_EQ(driver_.keys(), std::vector<std::string>{"to"});
  EXPECT_EQ(*driver_.get("to"), "body");
  EXPECT_EQ(driver_.head("to")->metadata, options.metadata);
  ASSERT_TRUE(driver_.move("to", "to").ok());
  EXPECT_EQ(*driver_.get("to"), "body");
}

TEST_P(ObjectStoreContract, MoveAndCopyGoBetweenBuckets) {
  Driver other(store(), "other-bucket");
  ASSERT_TRUE(other.make_bucket().ok());
  ASSERT_TRUE(driver_.put("a", "body").ok());
  ASSERT_TRUE(
      net::sync_wait(store().copy(Permits::get("contract", "a"), Permits::put("other-bucket", "b"),
                                  {"contract", "a"}, {"other-bucket", "b"}))
          .ok());
  ASSERT_TRUE(
      net::sync_wait(store().move(Permits::get("contract", "a"), Permits::put("other-bucket", "c"),
                                  Permits::erase("contract", "a"), {"contract", "a"},
                                  {"other-bucket", "c"}))
          .ok());
  EXPECT_TRUE(driver_.keys().empty());
  EXPECT_EQ(other.keys(), (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(*other.get("b"), "body");
  EXPECT_EQ(*other.get("c"), "body");
  expect_error(
      net::sync_wait(store().copy(Permits::get("other-bucket", "b"), Permits::put("missing", "b"),
                                  {"other-bucket", "b"}, {"missing", "b"})),
      Errc::kNotFound, "NoSuchBucket");
}

TEST_P(ObjectStoreContract, EveryLegalKeyHoldsAnObject) {
  const std::vector<std::string> keys{"a",
                                      "a/b",
                                      "a/b/c",
                                      "a/",
                                      "a//b",
                                      "../x",
                                      "..",
                                      ".",
                                      "./a",
                                      "a/.",
                                      "a/..",
                                      "/",
                                      "//",
                                      "/a",
                                      "a/b/",
                                      "a\\b",
                                      " ",
                                      "a\nb",
                                      "\xc3\xa9",
                                      "\xf0\x9f\x93\xa6",
                                      ".sallyport",
                                      ".sallyport/",
                                      ".sallyport/content/x",
                                      ".sallyport/staging",
                                      std::string(200, 'l'),
                                      std::string(201, 'l'),
                                      std::string(255, 'l'),
                                      std::string(256, 'l'),
                                      std::string(1024, 'l'),
                                      "deep/" + std::string(1019, 'd'),
                                      "%2e%2e",
                                      "con",
                                      "a:b"};
  for (const auto& key : keys) {
    const auto info = driver_.put(key, "body of " + key);
    ASSERT_TRUE(info.ok()) << key << ": " << info.error().message;
  }
  for (const auto& key : keys) {
    const auto body = driver_.get(key);
    ASSERT_TRUE(body.ok()) << key;
    EXPECT_EQ(*body, "body of " + key);
  }
  std::vector<std::string> sorted = keys;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(driver_.keys(), sorted);
  for (const auto& key : keys) ASSERT_TRUE(driver_.remove(key).ok()) << key;
  EXPECT_TRUE(driver_.keys().empty());
  EXPECT_TRUE(driver_.drop_bucket().ok());
}

TEST_P(ObjectStoreContract, KeysInEachOthersWayLiveSideBySideInEveryOrder) {
  std::vector<std::string> keys{"a", "a/b", "a/b/c", "a/"};
  std::sort(keys.begin(), keys.end());
  do {
    for (const auto& key : keys) ASSERT_TRUE(driver_.put(key, "1 " + key).ok());
    for (const auto& key : keys) ASSERT_EQ(driver_.get(key).value(), "1 " + key);
    // Remove each and make it again while the others live.
    for (const auto& key : keys) {
      ASSERT_TRUE(driver_.remove(key).ok());
      expect_error(driver_.head(key), Errc::kNotFound, "NoSuchKey");
      for (const auto& rest : keys) {
        if (rest == key) continue;
        ASSERT_TRUE(driver_.head(rest).ok()) << rest << " without " << key;
      }
      ASSERT_TRUE(driver_.put(key, "2 " + key).ok());
    }
    for (const auto& key : keys) {
      ASSERT_EQ(driver_.get(key).value(), "2 " + key);
      ASSERT_TRUE(driver_.remove(key).ok());
    }
    ASSERT_TRUE(driver_.keys().empty());
  } while (std::next_permutation(keys.begin(), keys.end()));
}

TEST_P(ObjectStoreContract, MovesIntoAndOutOfTheOwnPathWork) {
  ASSERT_TRUE(driver_.put("a", "body").ok());
  ASSERT_TRUE(driver_.move("a", "a/b").ok());
  ASSERT_TRUE(driver_.move("a/b", "a/b/c").ok());
  ASSERT_TRUE(driver_.move("a/b/c", "a").ok());
  ASSERT_TRUE(driver_.move("a", "a/").ok());
  ASSERT_TRUE(driver_.move("a/", "../a").ok());
  EXPECT_EQ(driver_.keys(), std::vector<std::string>{"../a"});
  EXPECT_EQ(*driver_.get("../a"), "body");
  ASSERT_TRUE(driver_.put("folder/", "").ok());
  ASSERT_TRUE(driver_.move("folder/", "renamed/").ok());
  ASSERT_TRUE(driver_.move("renamed/", "file").ok());
  EXPECT_EQ(*driver_.get("file"), "");
}

// --- at the same time

Task<void> write_versions(ObjectStore& store, int writer, int rounds, int& failures) {
  for (int i = 0; i < rounds; ++i) {
    const std::string body =
        std::string(static_cast<std::size_t>(1 + (writer * 37 + i * 101) % 90'000),
                    static_cast<char>('a' + writer));
    ObjectRef shared{"contract", "shared"};
    const auto done = co_await testing::put_object(store, std::move(shared), body);
    if (!done.ok()) ++failures;
  }
}

Task<void> read_versions(ObjectStore& store, int rounds, int& torn) {
  for (int i = 0; i < rounds; ++i) {
    ObjectRef shared{"contract", "shared"};
    auto permit = Permits::get("contract", "shared");
    auto opened = co_await store.open(std::move(permit), std::move(shared));
    if (!opened.ok()) {
      if (opened.error().code != Errc::kNotFound) ++torn;
      continue;
    }
    const auto body = co_await testing::read_object(**opened, 10'000);
    if (!body.ok() || body->size() != (*opened)->info().size ||
        body->find_first_not_of(body->front()) != std::string::npos) {
      ++torn;
    }
  }
}

Task<void> together(ObjectStore& store, int& failures, int& torn) {
  net::TaskScope scope;
  for (int w = 0; w < 6; ++w) scope.spawn(write_versions(store, w, 20, failures));
  for (int r = 0; r < 3; ++r) scope.spawn(read_versions(store, 60, torn));
  co_await scope.join();
}

TEST_P(ObjectStoreContract, WritersOfOneKeyAndReadersNeverMix) {
  int failures = 0;
  int torn = 0;
  net::sync_wait(together(store(), failures, torn));
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(torn, 0);
  const auto body = driver_.get("shared");
  ASSERT_TRUE(body.ok());
  EXPECT_EQ(body->size(), driver_.head("shared")->size);
}

}  // namespace
}  // namespace sallyport::storage
