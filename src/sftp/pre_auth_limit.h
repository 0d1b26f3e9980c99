// How many connections may be without a user at one time, all together and of one source, so that
// a single source cannot keep the others out. Thread-safe.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "sftp/source.h"

namespace sallyport::sftp {

class PreAuthLimit {
 public:
  explicit PreAuthLimit(std::size_t most) : PreAuthLimit(most, most) {}
  PreAuthLimit(std::size_t most, std::size_t most_of_one)
      : most_(most), most_of_one_(most_of_one) {}

  class Place {
   public:
    Place(Place&& o) noexcept
        : limit_(std::move(o.limit_)), source_(std::exchange(o.source_, std::nullopt)) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (limit_) limit_->leave(source_);
    }
    // Says once whose the place is. False: the source has as many as it may; give the place up.
    bool belongs_to(const net::IpAddress& address);

   private:
    friend class PreAuthLimit;
    explicit Place(std::shared_ptr<PreAuthLimit> limit) : limit_(std::move(limit)) {}
    std::shared_ptr<PreAuthLimit> limit_;
    std::optional<Source> source_;
  };
  // A place to be given up once a user is authenticated; nullopt when all are taken.
  static std::optional<Place> enter(const std::shared_ptr<PreAuthLimit>& limit);

 private:
  void leave(const std::optional<Source>& source);

  const std::size_t most_, most_of_one_;
  std::mutex mutex_;
  std::size_t taken_ = 0;
  std::map<Source, std::size_t> by_source_;
};

}  // namespace sallyport::sftp
