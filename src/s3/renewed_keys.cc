#include "s3/renewed_keys.h"

#include <algorithm>
#include <utility>

namespace sallyport::s3 {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kLeastRest{10};
constexpr seconds kRenewBefore{300};
constexpr seconds kTooYoungToRefuse{5};
constexpr seconds kFirstPause{1};
constexpr seconds kLongestPause{10};

milliseconds pause_after(int failures, Errc code) {
  if (code == Errc::kPermissionDenied) return kFirstPause;
  milliseconds pause = kFirstPause;
  for (int i = 1; i < failures && pause < kLongestPause; ++i) pause *= 2;
  return std::min<milliseconds>(pause, kLongestPause);
}

}  // namespace

struct RenewedKeys::Landing {
  std::mutex& mutex;
  Flight& flight;
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> h) const {
    const std::lock_guard lock(mutex);
    if (flight.outcome) return false;
    flight.waiters.push_back({h, net::Loop::current()});
    return true;
  }
  void await_resume() const noexcept {}
};

bool RenewedKeys::holds() const {
  return keys_ != nullptr && (!keys_->expires || *keys_->expires > clock_.wall() + kLeastRest);
}

std::optional<Result<Keys>> RenewedKeys::at_hand(std::shared_ptr<Flight>& flight) {
  const std::lock_guard lock(mutex_);
  const bool usable = holds();
  const bool due =
      (renew_at_ && clock_.wall() >= *renew_at_) || (look_at_ && clock_.steady() >= *look_at_);
  if (usable && (!due || flight_ != nullptr)) return Result<Keys>(keys_);
  if (flight_ != nullptr) {
    flight = flight_;
    return std::nullopt;
  }
  if (failure_ && clock_.steady() < next_attempt_)
    return usable ? Result<Keys>(keys_) : Result<Keys>(*failure_);
  flight_ = std::make_shared<Flight>();
  return std::nullopt;
}

Task<Result<Keys>> RenewedKeys::get() {
  while (true) {
    std::shared_ptr<Flight> flight;
    if (auto known = at_hand(flight)) co_return std::move(*known);
    if (flight == nullptr) {
      auto fetched = co_await fetcher_->fetch();
      co_return land(std::move(fetched));
    }
    Landing landing{mutex_, *flight};
    co_await landing;
    // Whoever fetched was told to stop, which is not everyone's end.
    if (flight->outcome->ok() || flight->outcome->error().code != Errc::kCancelled)
      co_return *flight->outcome;
  }
}

void RenewedKeys::take_over(const FetchedKeys& fetched) {
  keys_ = fetched.keys;
  came_at_ = clock_.steady();
  failures_ = 0;
  failure_.reset();
  renew_at_.reset();
  look_at_.reset();
  if (fetched.look_again) look_at_ = came_at_ + *fetched.look_again;
  if (keys_->expires) {
    const WallTime now = clock_.wall();
    const milliseconds life = *keys_->expires - now;
    renew_at_ = std::max<WallTime>(*keys_->expires - kRenewBefore, now + life * 4 / 5);
  }
}

Result<Keys> RenewedKeys::land(Result<FetchedKeys> fetched) {
  std::shared_ptr<Flight> flight;
  {
    const std::lock_guard lock(mutex_);
    const WallTime usable_from = clock_.wall() + kLeastRest;
    if (fetched.ok() && fetched->keys->expires && *fetched->keys->expires <= usable_from)
      fetched = Error(Errc::kUnavailable,
                      "the keys that came had expired already: is this machine's clock right?");
    Result<Keys> outcome = Keys();
    if (fetched.ok()) {
      take_over(*fetched);
      outcome = keys_;
    } else {
      outcome = fetched.error();
      if (fetched.error().code != Errc::kCancelled) {
        failure_ = fetched.error();
        next_attempt_ = clock_.steady() + pause_after(++failures_, failure_->code);
        if (holds()) {
          outcome = keys_;
        } else if (failure_->code == Errc::kPermissionDenied) {
          // Who puts it right sees that at the next call.
          next_attempt_ = clock_.steady();
        }
      }
    }
    flight = std::exchange(flight_, nullptr);
    flight->outcome = std::move(outcome);
  }
  // Nobody joins a flight that has landed.
  for (const Flight::Waiter& waiter : flight->waiters) waiter.loop->post(waiter.handle);
  return *flight->outcome;
}

void RenewedKeys::refused(const Keys& keys) {
  const std::lock_guard lock(mutex_);
  if (keys == nullptr || keys != keys_) return;
  if (clock_.steady() < came_at_ + kTooYoungToRefuse) return;
  keys_.reset();
}

bool RenewedKeys::idle() const {
  const std::lock_guard lock(mutex_);
  const bool remembered = failure_ && clock_.steady() < next_attempt_;
  return flight_ == nullptr && !remembered && !holds();
}

}  // namespace sallyport::s3
