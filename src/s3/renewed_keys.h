// Keys that are fetched from elsewhere, kept, and renewed before they expire.
#pragma once

#include <chrono>
#include <coroutine>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "net/loop.h"
#include "s3/credentials.h"

namespace sallyport::s3 {

struct FetchedKeys {
  Keys keys;
  // When to ask again though the keys still hold; nullopt: shortly before they expire.
  std::optional<std::chrono::milliseconds> look_again;
};

// One place where keys come from. Fetches follow each other, on whatever loop.
class KeyFetcher {
 public:
  virtual ~KeyFetcher() = default;
  // Errors: as of KeySource.
  virtual Task<Result<FetchedKeys>> fetch() = 0;
};

// Keys are renewed 5 minutes before they expire, or at 80 % of their life if that is later. One
// fetches at a time, whatever the loops: who has keys that still hold goes on with them, others
// wait and resume on their own loop. A failure is not repeated at once: after 1 s at first, 10 s in
// the end; meanwhile the old keys serve while they hold, and without any the failure is told. A
// refusal is asked about again after 1 s while there are keys that hold, else at the next call. Keys that hold for less than 10 s more count as expired; fetched
// ones that do are kUnavailable, as a clock must be wrong. Thread-safe. The destructor REQUIRES
// that no call is under way.
class RenewedKeys final : public KeySource {
 public:
  // The clock outlives it.
  RenewedKeys(std::unique_ptr<KeyFetcher> fetcher, const Clock& clock)
      : fetcher_(std::move(fetcher)), clock_(clock) {}

  Task<Result<Keys>> get() override;
  // Has no effect on keys that came less than 5 s ago, lest a store that refuses all keys makes
  // every call fetch some.
  void refused(const Keys& keys) override;

  // Nothing is kept that could serve or that must be remembered, nor is it on its way.
  bool idle() const;

 private:
  struct Flight {
    struct Waiter {
      std::coroutine_handle<> handle;
      net::Loop* loop = nullptr;
    };
    std::optional<Result<Keys>> outcome;
    std::vector<Waiter> waiters;
  };
  struct Landing;

  // What can be told at once; otherwise `flight` is the one to wait for, or, where it is null, the
  // caller fetches.
  std::optional<Result<Keys>> at_hand(std::shared_ptr<Flight>& flight);
  Result<Keys> land(Result<FetchedKeys> fetched);
  void take_over(const FetchedKeys& fetched);
  bool holds() const;

  const std::unique_ptr<KeyFetcher> fetcher_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  Keys keys_;
  SteadyTime came_at_{};
  std::optional<WallTime> renew_at_;
  std::optional<SteadyTime> look_at_;
  std::shared_ptr<Flight> flight_;  // null: nobody fetches
  int failures_ = 0;                // in a row
  std::optional<Error> failure_;    // the last of them
  SteadyTime next_attempt_{};
};

}  // namespace sallyport::s3
