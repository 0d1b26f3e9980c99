// A store whose calls all run on one loop, whoever makes them: for stores that keep connections,
// which belong to a loop for life, under tests that make each call on a loop of its own.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "net/loop.h"
#include "storage/object_store.h"

namespace sallyport::storage::testing {

template <class T>
Task<T> on_loop(net::Loop& loop, Task<T> task) {
  net::Loop& home = *net::Loop::current();
  co_await net::switch_to(loop);
  T out = co_await std::move(task);
  co_await net::switch_to(home);
  co_return out;
}

inline Task<void> on_loop(net::Loop& loop, Task<void> task) {
  net::Loop& home = *net::Loop::current();
  co_await net::switch_to(loop);
  co_await std::move(task);
  co_await net::switch_to(home);
}

// Calls it there and waits for its end. REQUIRES: that loop does not wait for the calling thread.
inline void run_on_loop(net::Loop& loop, const std::function<void()>& function) {
  if (net::Loop::current() == &loop) return function();
  const auto done = std::make_shared<std::promise<void>>();
  auto ended = done->get_future();
  loop.post([&function, done] {
    function();
    done->set_value();
  });
  ended.wait();
}

class LoopBoundReader final : public ObjectReader {
 public:
  LoopBoundReader(net::Loop& loop, std::unique_ptr<ObjectReader> inner)
      : loop_(loop), inner_(std::move(inner)) {}
  ~LoopBoundReader() override {
    run_on_loop(loop_, [this] { inner_.reset(); });
  }
  const ObjectInfo& info() const override { return inner_->info(); }
  Task<Result<std::size_t>> read_at(std::uint64_t offset, std::span<const iovec> into) override {
    return on_loop(loop_, inner_->read_at(offset, into));
  }
  std::optional<Result<std::size_t>> try_read_at(std::uint64_t offset,
                                                 std::span<const iovec> into) override {
    std::optional<Result<std::size_t>> out;
    run_on_loop(loop_, [&] { out = inner_->try_read_at(offset, into); });
    return out;
  }

 private:
  net::Loop& loop_;
  std::unique_ptr<ObjectReader> inner_;
};

class LoopBoundWriter final : public ObjectWriter {
 public:
  LoopBoundWriter(net::Loop& loop, std::unique_ptr<ObjectWriter> inner)
      : loop_(loop), inner_(std::move(inner)) {}
  ~LoopBoundWriter() override {
    run_on_loop(loop_, [this] { inner_.reset(); });
  }
  Task<Result<void>> write(std::span<const iovec> from) override {
    return on_loop(loop_, inner_->write(from));
  }
  std::uint64_t size() const override { return inner_->size(); }
  bool reads_back() const override { return inner_->reads_back(); }
  Task<Result<std::size_t>> read_back(std::uint64_t offset, std::span<const iovec> into) override {
    return on_loop(loop_, inner_->read_back(offset, into));
  }
  void describe(ContentDigest digest) override { inner_->describe(std::move(digest)); }
  void set_metadata(Metadata metadata) override { inner_->set_metadata(std::move(metadata)); }
  Task<Result<ObjectInfo>> commit() override { return on_loop(loop_, inner_->commit()); }
  Task<void> abort() override { return on_loop(loop_, inner_->abort()); }

 private:
  net::Loop& loop_;
  std::unique_ptr<ObjectWriter> inner_;
};

// `loop` runs in another thread; it and `inner` outlive the store and what that gave out.
class LoopBoundStore final : public ObjectStore {
 public:
  LoopBoundStore(net::Loop& loop, ObjectStore& inner) : loop_(loop), inner_(inner) {}

  Task<Result<BucketInfo>> create_bucket(iam::Permit permit, std::string bucket,
                                         std::string region = {}) override {
    return on_loop(loop_,
                   inner_.create_bucket(std::move(permit), std::move(bucket), std::move(region)));
  }
  Task<Result<void>> delete_bucket(iam::Permit permit, std::string bucket) override {
    return on_loop(loop_, inner_.delete_bucket(std::move(permit), std::move(bucket)));
  }
  Task<Result<BucketInfo>> head_bucket(iam::Permit permit, std::string bucket) override {
    return on_loop(loop_, inner_.head_bucket(std::move(permit), std::move(bucket)));
  }
  Task<Result<std::vector<BucketInfo>>> list_buckets(iam::Permit permit) override {
    return on_loop(loop_, inner_.list_buckets(std::move(permit)));
  }
  Task<Result<ObjectInfo>> head(iam::Permit permit, ObjectRef object) override {
    return on_loop(loop_, inner_.head(std::move(permit), std::move(object)));
  }
  Task<Result<std::unique_ptr<ObjectReader>>> open(iam::Permit permit, ObjectRef object) override {
    auto opening = inner_.open(std::move(permit), std::move(object));
    CO_TRY_ASSIGN(auto reader, co_await on_loop(loop_, std::move(opening)));
    co_return std::unique_ptr<ObjectReader>(
        std::make_unique<LoopBoundReader>(loop_, std::move(reader)));
  }
  Task<Result<std::unique_ptr<ObjectWriter>>> create(iam::Permit permit, ObjectRef object,
                                                     PutOptions options) override {
    auto creation = inner_.create(std::move(permit), std::move(object), std::move(options));
    CO_TRY_ASSIGN(auto writer, co_await on_loop(loop_, std::move(creation)));
    co_return std::unique_ptr<ObjectWriter>(
        std::make_unique<LoopBoundWriter>(loop_, std::move(writer)));
  }
  Task<Result<void>> remove(iam::Permit permit, ObjectRef object) override {
    return on_loop(loop_, inner_.remove(std::move(permit), std::move(object)));
  }
  Task<Result<ObjectInfo>> copy(iam::Permit read, iam::Permit write, ObjectRef from,
                                ObjectRef to) override {
    return on_loop(loop_,
                   inner_.copy(std::move(read), std::move(write), std::move(from), std::move(to)));
  }
  Task<Result<void>> move(iam::Permit read, iam::Permit write, iam::Permit erase, ObjectRef from,
                          ObjectRef to) override {
    return on_loop(loop_, inner_.move(std::move(read), std::move(write), std::move(erase),
                                      std::move(from), std::move(to)));
  }
  Task<Result<ObjectInfo>> set_metadata(iam::Permit read, iam::Permit write, ObjectRef object,
                                        Metadata changes) override {
    return on_loop(loop_, inner_.set_metadata(std::move(read), std::move(write), std::move(object),
                                              std::move(changes)));
  }
  Task<Result<ListPage>> list(iam::Permit permit, ListRequest request) override {
    return on_loop(loop_, inner_.list(std::move(permit), std::move(request)));
  }

 private:
  net::Loop& loop_;
  ObjectStore& inner_;
};

}  // namespace sallyport::storage::testing
