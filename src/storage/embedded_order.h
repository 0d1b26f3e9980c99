// Keeps the renames and removals of one key in the order of their transactions, though they are
// done afterwards on several threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace sallyport::storage {

// Thread-safe.
class PublicationOrder {
 private:
  struct Entry {
    std::mutex mutex;
    std::uint64_t last = 0;
    unsigned tickets = 0;
  };

 public:
  // Held from before the transaction until its files are in place.
  class Ticket {
   public:
    Ticket() = default;
    Ticket(Ticket&& o) noexcept
        : order_(std::exchange(o.order_, nullptr)),
          entry_(std::exchange(o.entry_, nullptr)),
          name_(std::move(o.name_)) {}
    Ticket& operator=(Ticket&& o) noexcept {
      if (this != &o) {
        release();
        order_ = std::exchange(o.order_, nullptr);
        entry_ = std::exchange(o.entry_, nullptr);
        name_ = std::move(o.name_);
      }
      return *this;
    }
    ~Ticket() { release(); }

    // Calls `act` and returns true, unless what a later transaction wanted was done already. Blocks
    // while another acts on the same key.
    template <class F>
    bool act(std::uint64_t sequence, F&& act) const {
      const std::lock_guard lock(entry_->mutex);
      if (entry_->last > sequence) return false;
      entry_->last = sequence;
      act();
      return true;
    }

   private:
    friend class PublicationOrder;
    void release() {
      if (order_) order_->leave(name_);
      order_ = nullptr;
    }
    PublicationOrder* order_ = nullptr;
    Entry* entry_ = nullptr;
    std::string name_;
  };

  Ticket enter(std::int64_t bucket, std::string_view key) {
    Ticket ticket;
    ticket.name_ = std::to_string(bucket) + '/' + std::string(key);
    const std::lock_guard lock(mutex_);
    auto& entry = entries_[ticket.name_];
    if (!entry) entry = std::make_unique<Entry>();
    ++entry->tickets;
    ticket.order_ = this;
    ticket.entry_ = entry.get();
    return ticket;
  }

  // To be drawn inside the transaction, as those run one after the other.
  std::uint64_t next_sequence() { return ++sequence_; }

 private:
  void leave(const std::string& name) {
    const std::lock_guard lock(mutex_);
    const auto at = entries_.find(name);
    if (--at->second->tickets == 0) entries_.erase(at);
  }

  std::mutex mutex_;
  std::unordered_map<std::string, std::unique_ptr<Entry>> entries_;
  std::atomic<std::uint64_t> sequence_{0};
};

}  // namespace sallyport::storage
