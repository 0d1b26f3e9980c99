// A remote store with all it works with, on a loop and a thread of its own. For tests only.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/client_pool.h"
#include "net/blocking_pool.h"
#include "s3/key_sources.h"
#include "s3/object_store.h"
#include "state/database.h"
#include "state/test_folder.h"
#include "storage/testing/loop_bound_store.h"

namespace sallyport::s3::testing_support {

// Keeps what was spawned, and can wait for its end.
class Spawned {
 public:
  Spawn spawn() {
    return [this](Task<void> task) { tasks_.spawn(std::move(task)); };
  }
  Task<void> join() { co_await tasks_.join(); }

 private:
  net::TaskScope tasks_;
};

struct RemoteSetup {
  std::string endpoint;
  std::string region = "us-east-1";
  http::Credentials keys;
  std::size_t upload_memory = std::size_t{64} << 20;
  std::size_t download_memory = std::size_t{64} << 20;
  WriteDefaults defaults = {};
  std::string ledger_folder;  // empty: one of its own
  PartPlan plan = PartPlan::standard();
  std::string part_folder;  // empty: one of its own
  CopyLimits copies = {};
};

class RemoteInstance {
 public:
  RemoteInstance(RemoteSetup setup, const Clock& clock)
      : clock_(clock),
        plan_(std::move(setup.plan)),
        part_files_{setup.part_folder.empty() ? folder_.file("") : setup.part_folder, disk_},
        upload_memory_(setup.upload_memory),
        download_memory_(setup.download_memory),
        keys_(fixed_keys(std::move(setup.keys))) {
    loops_.start();
    state::DatabaseOptions quick;
    quick.sync = state::DatabaseOptions::Sync::kOff;
    const state::MigrationSet sets[] = {UploadLedger::migrations()};
    const std::string file =
        setup.ledger_folder.empty() ? folder_.file("state.db") : setup.ledger_folder + "/state.db";
    database_ = state::Database::open_sqlite(file, quick, sets).value();
    ledger_ = std::make_unique<UploadLedger>(*database_, clock_);
    Place place;
    place.name = "remote";
    place.endpoint = http::parse_url(setup.endpoint).value();
    place.region = setup.region;
    store_ = std::make_unique<RemoteObjectStore>(std::move(place), std::move(setup.defaults),
                                                 StoreServices{pool_,
                                                               clock_,
                                                               random_,
                                                               *keys_,
                                                               nullptr,
                                                               upload_memory_,
                                                               download_memory_,
                                                               *ledger_,
                                                               spawned_.spawn(),
                                                               nullptr,
                                                               &part_files_,
                                                               plan_,
                                                               {},
                                                               setup.copies});
    bound_ = std::make_unique<storage::testing::LoopBoundStore>(loop(), *store_);
  }
  ~RemoteInstance() {
    settle();
    loops_.stop();
  }

  // For callers on any loop.
  storage::ObjectStore& store() { return *bound_; }
  RemoteObjectStore& remote() { return *store_; }
  UploadLedger& ledger() { return *ledger_; }
  // As UploadLedger and RemoteObjectStore do, for callers on any loop.
  std::vector<LeftUpload> left() {
    return net::sync_wait(storage::testing::on_loop(loop(), ledger_->left("remote"))).value();
  }
  Swept sweep() { return net::sync_wait(storage::testing::on_loop(loop(), store_->sweep())); }
  BlockMemory& upload_memory() { return upload_memory_; }
  BlockMemory& download_memory() { return download_memory_; }
  net::Loop& loop() { return loops_.at(0); }

  // Until nothing goes on any more that was left behind.
  void settle() { net::sync_wait(storage::testing::on_loop(loop(), spawned_.join())); }

 private:
  static http::PoolOptions one_attempt() {
    http::PoolOptions options;
    options.retry.attempts = 1;
    return options;
  }

  state::TestFolder folder_;
  const Clock& clock_;
  const PartPlan plan_;
  net::BlockingPool disk_{"disk", 1};
  const PartFiles part_files_;
  SystemRandom random_;
  BlockMemory upload_memory_;
  BlockMemory download_memory_;
  std::unique_ptr<KeySource> keys_;
  Spawned spawned_;
  net::LoopGroup loops_{1};
  net::BlockingPool names_{"names", 1};
  http::Resolver resolver_{names_, clock_};
  http::Dialer dialer_{resolver_, nullptr};
  http::ClientPool pool_{dialer_, clock_, random_, one_attempt()};
  std::unique_ptr<state::Database> database_;
  std::unique_ptr<UploadLedger> ledger_;
  std::unique_ptr<RemoteObjectStore> store_;
  std::unique_ptr<storage::testing::LoopBoundStore> bound_;
};

}  // namespace sallyport::s3::testing_support
