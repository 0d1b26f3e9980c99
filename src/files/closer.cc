#include "files/closer.h"

#include <pthread.h>

#include <chrono>

namespace sallyport::files {

namespace {

// A wake-up for many costs less than one for each.
constexpr std::chrono::milliseconds kGatherFiles(10);

}  // namespace

Closer::Closer() : thread_([this] { serve(); }) {}

Closer::~Closer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Closer::take(UniqueFd fd, Closing when) {
  bool must_wake = false;
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(fd));
    const bool hurries = when == Closing::kNow && !std::exchange(hurry_, true);
    must_wake = std::exchange(idle_, false) || hurries;
  }
  if (must_wake) wake_.notify_one();
}

bool Closer::wait_idle(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return settled_.wait_for(lock, limit, [this] { return idle_; });
}

void Closer::serve() {
  pthread_setname_np(pthread_self(), "closing files");
  std::unique_lock lock(mutex_);
  for (;;) {
    if (waiting_.empty()) {
      if (stopping_) return;
      idle_ = true;
      settled_.notify_all();
      wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      idle_ = false;
    }
    wake_.wait_for(lock, kGatherFiles, [this] { return stopping_ || hurry_; });
    hurry_ = false;
    std::vector<UniqueFd> taken = std::move(waiting_);
    waiting_.clear();
    lock.unlock();
    taken.clear();
    lock.lock();
  }
}

}  // namespace sallyport::files
