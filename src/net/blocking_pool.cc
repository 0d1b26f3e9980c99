#include "net/blocking_pool.h"

#include <pthread.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sallyport::net {

struct BlockingPool::Impl {
  mutable std::mutex mutex;
  std::condition_variable wake, idle;
  std::deque<Work*> queue;
  std::vector<std::thread> threads;
  std::size_t working = 0;
  bool stopping = false;

  std::size_t unfinished() const { return queue.size() + working; }

  void serve() {
    std::unique_lock lock(mutex);
    for (;;) {
      wake.wait(lock, [this] { return stopping || !queue.empty(); });
      if (queue.empty()) return;
      Work* const work = queue.front();
      queue.pop_front();
      ++working;
      lock.unlock();
      work->execute();
      lock.lock();
      --working;
      if (unfinished() == 0) idle.notify_all();
    }
  }
};

BlockingPool::BlockingPool(std::string name, unsigned threads) : impl_(std::make_unique<Impl>()) {
  name.resize(std::min<std::size_t>(name.size(), 15));
  for (unsigned i = 0; i < threads; ++i) {
    impl_->threads.emplace_back([this, name] {
      pthread_setname_np(pthread_self(), name.c_str());
      impl_->serve();
    });
  }
}

BlockingPool::~BlockingPool() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_all();
  for (auto& thread : impl_->threads) thread.join();
}

void BlockingPool::enqueue(Work& work) {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->queue.push_back(&work);
  }
  impl_->wake.notify_one();
}

void BlockingPool::submit(std::function<void()> work) {
  struct Owned final : Work {
    explicit Owned(std::function<void()> f) : call(std::move(f)) {}
    void execute() override {
      const std::unique_ptr<Owned> self(this);
      call();
    }
    std::function<void()> call;
  };
  enqueue(*new Owned(std::move(work)));
}

std::size_t BlockingPool::unfinished() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->unfinished();
}

bool BlockingPool::wait_idle(std::chrono::milliseconds limit) {
  std::unique_lock lock(impl_->mutex);
  return impl_->idle.wait_for(lock, limit, [this] { return impl_->unfinished() == 0; });
}

}  // namespace sallyport::net
