#include "storage/embedded_settler.h"

#include <pthread.h>

#include <chrono>
#include <set>
#include <utility>

#include "storage/embedded_core.h"

namespace sallyport::storage {

namespace {

// Waiting lets one sync of a folder serve many files; an open intent costs nothing but start-up
// time.
constexpr std::chrono::milliseconds kGather{250};
constexpr std::size_t kEnough = 2048;

}  // namespace

Settler::Settler(state::Database& database, bool sync)
    : database_(database), sync_(sync), thread_([this] { serve(); }) {}

Settler::~Settler() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Settler::add(Settlement settlement) {
  if (settlement.intents.empty()) return;
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(settlement));
    wake = waiting_.size() == 1 || waiting_.size() == kEnough;
  }
  if (wake) wake_.notify_one();
}

void Settler::serve() {
  pthread_setname_np(pthread_self(), "settle");
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    wake_.wait_for(lock, kGather, [this] { return stopping_ || waiting_.size() >= kEnough; });
    std::vector<Settlement> batch;
    batch.swap(waiting_);
    lock.unlock();
    const bool settled = settle(batch);
    lock.lock();
    if (!settled && !stopping_) {
      // Tried again later; should the end come before, start-up does the rest.
      waiting_.insert(waiting_.end(), std::make_move_iterator(batch.begin()),
                      std::make_move_iterator(batch.end()));
      wake_.wait_for(lock, kGather, [this] { return stopping_; });
    }
  }
}

bool Settler::settle(std::vector<Settlement>& batch) {
  if (sync_) {
    std::set<std::pair<const Bucket*, std::string>> folders;
    std::set<const Bucket*> reserved;
    for (const Settlement& s : batch) {
      for (const std::string& folder : s.folders) folders.emplace(s.bucket.get(), folder);
      if (s.reserved_folder) reserved.insert(s.bucket.get());
    }
    for (const auto& [bucket, folder] : folders) {
      if (bucket->files.sync_folder(folder) != 0) return false;
    }
    for (const Bucket* bucket : reserved) {
      if (bucket->files.sync_shelf(Shelf::kContent) != 0) return false;
    }
  }
  const auto settled = database_.write_blocking([&](state::Connection& db) -> Result<void> {
    for (const Settlement& s : batch) {
      for (const std::int64_t id : s.intents) TRY(index::delete_intent(db, id));
    }
    return ok();
  });
  return settled.ok();
}

}  // namespace sallyport::storage
