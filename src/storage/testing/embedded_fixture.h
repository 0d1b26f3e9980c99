// An embedded store in a folder of its own, and a blocking driver of any store. For tests.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "iam/testing/permit_for_test.h"
#include "net/blocking_pool.h"
#include "net/loop.h"
#include "state/database.h"
#include "storage/embedded_object_store.h"

namespace sallyport::storage::testing {

using Permits = iam::PermitForTest;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string path = (std::filesystem::temp_directory_path() / "sallyport-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = path;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Writes a whole object. For use inside coroutines.
inline Task<Result<ObjectInfo>> put_object(ObjectStore& store, ObjectRef object, std::string body,
                                           PutOptions options = {}, std::size_t piece = 1 << 19) {
  auto permit = Permits::put(object.bucket, object.key);
  CO_TRY_ASSIGN(auto writer,
                co_await store.create(std::move(permit), std::move(object), std::move(options)));
  for (std::size_t at = 0; at < body.size(); at += piece) {
    const iovec part{body.data() + at, std::min(piece, body.size() - at)};
    CO_TRY(co_await writer->write({&part, 1}));
  }
  co_return co_await writer->commit();
}

inline Task<Result<std::string>> read_object(ObjectReader& reader, std::size_t piece = 1 << 19) {
  std::string body;
  for (;;) {
    const std::size_t at = body.size();
    body.resize(at + piece);
    const iovec part{body.data() + at, piece};
    std::size_t got = 0;
    if (auto quick = reader.try_read_at(at, {&part, 1})) {
      CO_TRY_ASSIGN(got, std::move(*quick));
    } else {
      CO_TRY_ASSIGN(got, co_await reader.read_at(at, {&part, 1}));
    }
    body.resize(at + got);
    if (got < piece) co_return body;
  }
}

inline Task<Result<std::string>> get_object(ObjectStore& store, ObjectRef object) {
  auto permit = Permits::get(object.bucket, object.key);
  CO_TRY_ASSIGN(auto reader, co_await store.open(std::move(permit), std::move(object)));
  co_return co_await read_object(*reader);
}

// Calls a store from a plain test, in one bucket.
class Driver {
 public:
  Driver(ObjectStore& store, std::string bucket) : store_(store), bucket_(std::move(bucket)) {}

  Result<BucketInfo> make_bucket() {
    return net::sync_wait(store_.create_bucket(Permits::create_bucket(bucket_), bucket_));
  }
  Result<void> drop_bucket() {
    return net::sync_wait(store_.delete_bucket(Permits::delete_bucket(bucket_), bucket_));
  }
  Result<ObjectInfo> put(std::string key, std::string body, PutOptions options = {}) {
    return net::sync_wait(
        put_object(store_, {bucket_, std::move(key)}, std::move(body), std::move(options)));
  }
  Result<std::string> get(std::string key) {
    return net::sync_wait(get_object(store_, {bucket_, std::move(key)}));
  }
  Result<std::unique_ptr<ObjectReader>> open(const std::string& key) {
    return net::sync_wait(store_.open(Permits::get(bucket_, key), {bucket_, key}));
  }
  Result<std::unique_ptr<ObjectWriter>> create(const std::string& key, PutOptions options = {}) {
    return net::sync_wait(
        store_.create(Permits::put(bucket_, key), {bucket_, key}, std::move(options)));
  }
  Result<ObjectInfo> head(const std::string& key) {
    return net::sync_wait(store_.head(Permits::get(bucket_, key), {bucket_, key}));
  }
  Result<void> remove(const std::string& key) {
    return net::sync_wait(store_.remove(Permits::erase(bucket_, key), {bucket_, key}));
  }
  Result<ObjectInfo> copy(const std::string& from, const std::string& to) {
    return net::sync_wait(store_.copy(Permits::get(bucket_, from), Permits::put(bucket_, to),
                                      {bucket_, from}, {bucket_, to}));
  }
  Result<void> move(const std::string& from, const std::string& to) {
    return net::sync_wait(store_.move(Permits::get(bucket_, from), Permits::put(bucket_, to),
                                      Permits::erase(bucket_, from), {bucket_, from},
                                      {bucket_, to}));
  }
  Result<ListPage> list(ListRequest request) {
    request.bucket = bucket_;
    return net::sync_wait(store_.list(Permits::list(bucket_, request.prefix), request));
  }
  // All keys under a prefix, page by page.
  std::vector<std::string> keys(const std::string& prefix = "") {
    std::vector<std::string> out;
    ListRequest request;
    request.prefix = prefix;
    for (;;) {
      auto page = list(request);
      if (!page.ok()) {
        ADD_FAILURE() << page.error().message;
        return out;
      }
      for (const ObjectInfo& info : page->objects) out.push_back(info.key);
      if (!page->truncated) return out;
      request.start_after = page->next_start_after;
    }
  }

  ObjectStore& store() { return store_; }
  const std::string& bucket() const { return bucket_; }

 private:
  ObjectStore& store_;
  std::string bucket_;
};

struct EmbeddedSetup {
  bool sync_on_close = true;
  state::DatabaseOptions::Sync database_sync = state::DatabaseOptions::Sync::kNormal;
  unsigned disk_threads = 4;
};

// Opens (again) the store that lies in a folder.
class EmbeddedInstance {
 public:
  explicit EmbeddedInstance(const std::filesystem::path& folder, EmbeddedSetup setup = {})
      : disk_("disk", setup.disk_threads) {
    state::DatabaseOptions options;
    options.sync = setup.database_sync;
    const state::MigrationSet sets[] = {EmbeddedObjectStore::migrations()};
    auto database = state::Database::open_sqlite((folder / "state.sqlite").string(), options, sets);
    if (!database.ok()) throw std::runtime_error(database.error().message);
    database_ = std::move(*database);
    auto store = EmbeddedObjectStore::open({folder.string(), "us-east-1", setup.sync_on_close},
                                           *database_, disk_, clock_, random_);
    if (!store.ok()) throw std::runtime_error(store.error().message);
    store_ = std::move(*store);
  }

  EmbeddedObjectStore& store() { return *store_; }
  state::Database& database() { return *database_; }
  net::BlockingPool& disk() { return disk_; }

  std::int64_t count(const std::string& sql) {
    auto n = database_->read_blocking([&](state::Connection& db) { return db.query_integer(sql); });
    return n.ok() ? *n : -1;
  }

 private:
  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<state::Database> database_;
  net::BlockingPool disk_;
  std::unique_ptr<EmbeddedObjectStore> store_;
};

}  // namespace sallyport::storage::testing
