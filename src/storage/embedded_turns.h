// One change of a key after the other, from its transaction until its files are in place. Versioned
// buckets need it: there every step moves files that the step before has put down. Coroutines wait
// without holding a thread.
#pragma once

#include <coroutine>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "net/loop.h"

namespace sallyport::storage {

// Thread-safe.
class KeyTurns {
 public:
  // May be ended on any thread.
  class Turn {
   public:
    Turn() = default;
    Turn(Turn&& o) noexcept : turns_(std::exchange(o.turns_, nullptr)), name_(std::move(o.name_)) {}
    Turn& operator=(Turn&& o) noexcept {
      if (this != &o) {
        end();
        turns_ = std::exchange(o.turns_, nullptr);
        name_ = std::move(o.name_);
      }
      return *this;
    }
    ~Turn() { end(); }
    bool held() const { return turns_ != nullptr; }

   private:
    friend class KeyTurns;
    Turn(KeyTurns& turns, std::string name) : turns_(&turns), name_(std::move(name)) {}
    void end() {
      if (turns_) turns_->pass_on(name_);
      turns_ = nullptr;
    }
    KeyTurns* turns_ = nullptr;
    std::string name_;
  };

  static std::string name_of(std::int64_t bucket, std::string_view key) {
    return std::to_string(bucket) + '/' + std::string(key);
  }

  // co_await turns.take(name): first come, first served. Who takes two takes the lesser name first.
  // REQUIRES: net::Loop::current() != null.
  auto take(std::string name) {
    struct Awaiter {
      KeyTurns& turns;
      std::string name;
      bool await_ready() const noexcept { return false; }
      bool await_suspend(std::coroutine_handle<> h) const {
        const std::lock_guard lock(turns.mutex_);
        const auto [at, first] = turns.waiting_.try_emplace(name);
        if (!first) at->second.push_back({h, net::Loop::current()});
        return !first;
      }
      Turn await_resume() { return Turn(turns, std::move(name)); }
    };
    return Awaiter{*this, std::move(name)};
  }

 private:
  struct Waiter {
    std::coroutine_handle<> handle;
    net::Loop* loop = nullptr;
  };

  void pass_on(const std::string& name) {
    Waiter next;
    {
      const std::lock_guard lock(mutex_);
      const auto at = waiting_.find(name);
      if (at->second.empty()) {
        waiting_.erase(at);
        return;
      }
      next = at->second.front();
      at->second.pop_front();
    }
    next.loop->post(next.handle);
  }

  std::mutex mutex_;
  std::unordered_map<std::string, std::deque<Waiter>> waiting_;  // of the keys that are taken
};

}  // namespace sallyport::storage
