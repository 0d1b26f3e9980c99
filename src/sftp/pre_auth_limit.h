// How many connections may be without a user at one time. Thread-safe.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

namespace sallyport::sftp {

class PreAuthLimit {
 public:
  explicit PreAuthLimit(std::size_t most) : most_(most) {}

  class Place {
   public:
    Place(Place&& o) noexcept : limit_(std::move(o.limit_)) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (limit_) --limit_->taken_;
    }

   private:
    friend class PreAuthLimit;
    explicit Place(std::shared_ptr<PreAuthLimit> limit) : limit_(std::move(limit)) {}
    std::shared_ptr<PreAuthLimit> limit_;
  };
  // A place to be given up once a user is authenticated; nullopt when all are taken.
  static std::optional<Place> enter(const std::shared_ptr<PreAuthLimit>& limit);

 private:
  const std::size_t most_;
  std::atomic<std::size_t> taken_{0};
};

}  // namespace sallyport::sftp
