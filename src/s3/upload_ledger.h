// Multipart uploads under way, as far as nothing must make them forgotten: what they hold is paid
// for at the store until somebody aborts them.
//
// The ledger lies in the program's own data folder, which no other node shares: what another node
// has under way is never in it.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "s3/multipart.h"
#include "state/database.h"

namespace sallyport::iam {
struct AssumeRoleRequest;
}

namespace sallyport::s3 {

// An upload that nobody goes on with: its abort failed, or the program ended before it.
struct LeftUpload {
  std::int64_t id = 0;
  std::string store;  // Place::name
  UploadName upload;
  // As whom it was begun; null: with the installation's own keys.
  std::shared_ptr<const iam::AssumeRoleRequest> session;
  WallTime begun{};  // or first seen by left(), where an earlier version has not kept it
};

// Thread-safe; calls resume on the caller's loop. Outlives its entries.
class UploadLedger {
  using Key = std::pair<std::string, std::string>;  // store, upload

 public:
  static state::MigrationSet migrations();

  // Both outlive it.
  UploadLedger(state::Database& database, const Clock& clock)
      : database_(database), clock_(clock) {}

  // An upload under way. Its destruction without ended() leaves the upload to left().
  class Entry {
   public:
    Entry(Entry&& other) noexcept
        : ledger_(std::exchange(other.ledger_, nullptr)),
          key_(std::move(other.key_)),
          id_(other.id_) {}
    Entry& operator=(Entry&&) = delete;
    ~Entry() {
      if (ledger_ != nullptr) ledger_->leave(key_);
    }
    std::int64_t id() const { return id_; }

   private:
    friend UploadLedger;
    Entry(UploadLedger& ledger, Key key) : ledger_(&ledger), key_(std::move(key)) {}
    UploadLedger* ledger_;
    Key key_;
    std::int64_t id_ = 0;
  };

  // Durable when it answers.
  Task<Result<Entry>> begun(std::string store, UploadName upload,
                            std::shared_ptr<const iam::AssumeRoleRequest> session);
  // The store has it no longer.
  Task<Result<void>> ended(std::int64_t id);
  // Those at a store that are in the ledger and are nobody's entry.
  Task<Result<std::vector<LeftUpload>>> left(std::string store);

 private:
  void leave(const Key& key);

  state::Database& database_;
  const Clock& clock_;
  std::mutex mutex_;
  std::set<Key> under_way_;
};

}  // namespace sallyport::s3
