// What was read from the resource store, kept until the change feed says that it changed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace sallyport::iam {

// Names to immutable values. A change that comes while a value is being read keeps the old one out.
// Bounded: a full cache starts anew. Thread-safe.
template <class T>
class ChangeCache {
 public:
  explicit ChangeCache(std::size_t capacity) : capacity_(capacity) {}

  struct Lookup {
    std::shared_ptr<const T> value;  // null: not here
    std::uint64_t generation = 0;    // for insert()
  };
  Lookup find(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    const auto found = values_.find(name);
    return {found == values_.end() ? nullptr : found->second, generation_};
  }
  // Does nothing when something was dropped since the find() that gave `generation`.
  void insert(std::string_view name, std::shared_ptr<const T> value, std::uint64_t generation) {
    const std::lock_guard lock(mutex_);
    if (generation != generation_) return;
    if (values_.size() >= capacity_) values_.clear();
    values_.insert_or_assign(std::string(name), std::move(value));
  }
  void drop(std::string_view name) {
    const std::lock_guard lock(mutex_);
    ++generation_;
    if (const auto found = values_.find(name); found != values_.end()) values_.erase(found);
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    ++generation_;
    values_.clear();
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };
  mutable std::mutex mutex_;
  std::size_t capacity_;
  std::unordered_map<std::string, std::shared_ptr<const T>, Hash, std::equal_to<>> values_;
  std::uint64_t generation_ = 0;
};

}  // namespace sallyport::iam
