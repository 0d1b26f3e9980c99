// A double that passes calls on to another store, and fails or holds the ones a test chose.
#pragma once

#include <array>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "net/loop.h"
#include "storage/object_store.h"

namespace sallyport::storage::testing {

enum class Call : std::uint8_t {
  kCreateBucket,
  kDeleteBucket,
  kHeadBucket,
  kListBuckets,
  kHead,
  kOpen,
  kCreate,
  kRemove,
  kCopy,
  kMove,
  kSetMetadata,
  kList,
  kRead,
  kWrite,
  kCommit,
  kAbort,
};
inline constexpr std::size_t kCallCount = static_cast<std::size_t>(Call::kAbort) + 1;

// What to do to calls. Thread-safe; shared by the store and its readers and writers.
class Faults {
 public:
  // The next `times` calls of this kind, after letting `after` pass, answer `error`.
  // kAbort cannot fail; it can only be held.
  void fail(Call call, Error error, unsigned times = 1, unsigned after = 0) {
    std::lock_guard lock(mutex_);
    at(call).plans.push_back({std::move(error), times, after});
  }
  // Calls of this kind wait until release(); those that wait already when it comes go on.
  void hold(Call call) {
    std::lock_guard lock(mutex_);
    at(call).held = true;
  }
  void release(Call call) {
    std::vector<Waiter> waiters;
    {
      std::lock_guard lock(mutex_);
      at(call).held = false;
      waiters.swap(at(call).waiters);
    }
    for (const Waiter& w : waiters) w.loop->post(w.handle);
  }
  // How many calls of this kind came, the failed ones included.
  std::uint64_t count(Call call) const {
    std::lock_guard lock(mutex_);
    return calls_[static_cast<std::size_t>(call)].count;
  }
  // How many wait now because of hold().
  std::size_t waiting(Call call) const {
    std::lock_guard lock(mutex_);
    return calls_[static_cast<std::size_t>(call)].waiters.size();
  }

  // co_await faults.pass(call): counts, waits while held, then tells the error to answer, if any.
  auto pass(Call call) {
    struct Awaiter {
      Faults& faults;
      Call call;
      bool await_ready() const noexcept { return false; }
      bool await_suspend(std::coroutine_handle<> h) const {
        std::lock_guard lock(faults.mutex_);
        State& state = faults.at(call);
        ++state.count;
        if (!state.held) return false;
        state.waiters.push_back({h, net::Loop::current()});
        return true;
      }
      std::optional<Error> await_resume() const { return faults.next_error(call); }
    };
    return Awaiter{*this, call};
  }
  // True when a call of this kind would be disturbed; for calls that cannot wait.
  bool disturbs(Call call) const {
    std::lock_guard lock(mutex_);
    const State& state = calls_[static_cast<std::size_t>(call)];
    return state.held || !state.plans.empty();
  }

 private:
  struct Plan {
    Error error;
    unsigned times;
    unsigned after;
  };
  struct Waiter {
    std::coroutine_handle<> handle;
    net::Loop* loop;
  };
  struct State {
    std::vector<Plan> plans;
    std::vector<Waiter> waiters;
    std::uint64_t count = 0;
    bool held = false;
  };

  State& at(Call call) { return calls_[static_cast<std::size_t>(call)]; }

  std::optional<Error> next_error(Call call) {
    std::lock_guard lock(mutex_);
    auto& plans = at(call).plans;
    if (plans.empty()) return std::nullopt;
    Plan& plan = plans.front();
    if (plan.after > 0) {
      --plan.after;
      return std::nullopt;
    }
    Error error = plan.error;
    if (--plan.times == 0) plans.erase(plans.begin());
    return error;
  }

  mutable std::mutex mutex_;
  std::array<State, kCallCount> calls_;
};

class FaultyReader final : public ObjectReader {
 public:
  FaultyReader(std::unique_ptr<ObjectReader> inner, std::shared_ptr<Faults> faults)
      : inner_(std::move(inner)), faults_(std::move(faults)) {}
  const ObjectInfo& info() const override { return inner_->info(); }
  Task<Result<std::size_t>> read_at(std::uint64_t offset, std::span<const iovec> into) override {
    if (auto error = co_await faults_->pass(Call::kRead)) co_return std::move(*error);
    co_return co_await inner_->read_at(offset, into);
  }
  // Answers nothing while reads are disturbed, so that they go through read_at.
  std::optional<Result<std::size_t>> try_read_at(std::uint64_t offset,
                                                 std::span<const iovec> into) override {
    if (faults_->disturbs(Call::kRead)) return std::nullopt;
    return inner_->try_read_at(offset, into);
  }

 private:
  std::unique_ptr<ObjectReader> inner_;
  std::shared_ptr<Faults> faults_;
};

class FaultyWriter final : public ObjectWriter {
 public:
  FaultyWriter(std::unique_ptr<ObjectWriter> inner, std::shared_ptr<Faults> faults)
      : inner_(std::move(inner)), faults_(std::move(faults)) {}
  Task<Result<void>> write(std::span<const iovec> from) override {
    if (auto error = co_await faults_->pass(Call::kWrite)) co_return std::move(*error);
    co_return co_await inner_->write(from);
  }
  std::uint64_t size() const override { return inner_->size(); }
  bool reads_back() const override { return inner_->reads_back(); }
  Task<Result<std::size_t>> read_back(std::uint64_t offset, std::span<const iovec> into) override {
    if (auto error = co_await faults_->pass(Call::kRead)) co_return std::move(*error);
    co_return co_await inner_->read_back(offset, into);
  }
  void set_metadata(Metadata metadata) override { inner_->set_metadata(std::move(metadata)); }
  Task<Result<ObjectInfo>> commit() override {
    if (auto error = co_await faults_->pass(Call::kCommit)) co_return std::move(*error);
    co_return co_await inner_->commit();
  }
  Task<void> abort() override {
    co_await faults_->pass(Call::kAbort);
    co_await inner_->abort();
  }

 private:
  std::unique_ptr<ObjectWriter> inner_;
  std::shared_ptr<Faults> faults_;
};

// `inner` must outlive the double and what it gave out.
class FaultyObjectStore final : public ObjectStore {
 public:
  explicit FaultyObjectStore(ObjectStore& inner)
      : inner_(inner), faults_(std::make_shared<Faults>()) {}
  Faults& faults() { return *faults_; }

  Task<Result<BucketInfo>> create_bucket(iam::Permit permit, std::string bucket,
                                         std::string region = {}) override {
    if (auto error = co_await faults_->pass(Call::kCreateBucket)) co_return std::move(*error);
    co_return co_await inner_.create_bucket(std::move(permit), std::move(bucket),
                                            std::move(region));
  }
  Task<Result<void>> delete_bucket(iam::Permit permit, std::string bucket) override {
    if (auto error = co_await faults_->pass(Call::kDeleteBucket)) co_return std::move(*error);
    co_return co_await inner_.delete_bucket(std::move(permit), std::move(bucket));
  }
  Task<Result<BucketInfo>> head_bucket(iam::Permit permit, std::string bucket) override {
    if (auto error = co_await faults_->pass(Call::kHeadBucket)) co_return std::move(*error);
    co_return co_await inner_.head_bucket(std::move(permit), std::move(bucket));
  }
  Task<Result<std::vector<BucketInfo>>> list_buckets(iam::Permit permit) override {
    if (auto error = co_await faults_->pass(Call::kListBuckets)) co_return std::move(*error);
    co_return co_await inner_.list_buckets(std::move(permit));
  }
  Task<Result<ObjectInfo>> head(iam::Permit permit, ObjectRef object) override {
    if (auto error = co_await faults_->pass(Call::kHead)) co_return std::move(*error);
    co_return co_await inner_.head(std::move(permit), std::move(object));
  }
  Task<Result<std::unique_ptr<ObjectReader>>> open(iam::Permit permit, ObjectRef object) override {
    if (auto error = co_await faults_->pass(Call::kOpen)) co_return std::move(*error);
    CO_TRY_ASSIGN(auto reader, co_await inner_.open(std::move(permit), std::move(object)));
    co_return std::unique_ptr<ObjectReader>(
        std::make_unique<FaultyReader>(std::move(reader), faults_));
  }
  Task<Result<std::unique_ptr<ObjectWriter>>> create(iam::Permit permit, ObjectRef object,
                                                     PutOptions options) override {
    if (auto error = co_await faults_->pass(Call::kCreate)) co_return std::move(*error);
    CO_TRY_ASSIGN(auto writer,
                  co_await inner_.create(std::move(permit), std::move(object), std::move(options)));
    co_return std::unique_ptr<ObjectWriter>(
        std::make_unique<FaultyWriter>(std::move(writer), faults_));
  }
  Task<Result<void>> remove(iam::Permit permit, ObjectRef object) override {
    if (auto error = co_await faults_->pass(Call::kRemove)) co_return std::move(*error);
    co_return co_await inner_.remove(std::move(permit), std::move(object));
  }
  Task<Result<ObjectInfo>> copy(iam::Permit read, iam::Permit write, ObjectRef from,
                                ObjectRef to) override {
    if (auto error = co_await faults_->pass(Call::kCopy)) co_return std::move(*error);
    co_return co_await inner_.copy(std::move(read), std::move(write), std::move(from),
                                   std::move(to));
  }
  Task<Result<void>> move(iam::Permit read, iam::Permit write, iam::Permit erase, ObjectRef from,
                          ObjectRef to) override {
    if (auto error = co_await faults_->pass(Call::kMove)) co_return std::move(*error);
    co_return co_await inner_.move(std::move(read), std::move(write), std::move(erase),
                                   std::move(from), std::move(to));
  }
  Task<Result<ObjectInfo>> set_metadata(iam::Permit read, iam::Permit write, ObjectRef object,
                                        Metadata changes) override {
    if (auto error = co_await faults_->pass(Call::kSetMetadata)) co_return std::move(*error);
    co_return co_await inner_.set_metadata(std::move(read), std::move(write), std::move(object),
                                           std::move(changes));
  }
  Task<Result<ListPage>> list(iam::Permit permit, ListRequest request) override {
    if (auto error = co_await faults_->pass(Call::kList)) co_return std::move(*error);
    co_return co_await inner_.list(std::move(permit), std::move(request));
  }

 private:
  ObjectStore& inner_;
  std::shared_ptr<Faults> faults_;
};

}  // namespace sallyport::storage::testing
