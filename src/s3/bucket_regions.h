// Where Amazon S3 keeps the buckets of other regions than a store's own: it says so in its refusal,
// and such a bucket works like any other then (301 PermanentRedirect, 400
// AuthorizationHeaderMalformed, 307 TemporaryRedirect in the Amazon S3 API reference).
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "s3/place.h"

namespace sallyport::s3 {

// "amazonaws.com" or "amazonaws.com.cn", if the host lies below it; else "".
std::string_view amazon_domain(std::string_view host);

// Thread-safe.
class BucketRegions {
 public:
  explicit BucketRegions(Place home);

  const Place& home() const { return *home_; }
  // Whom to ask for a bucket, or for the store as a whole ("").
  std::shared_ptr<const Place> place_of(const std::string& bucket) const;
  // `region` is what a refusal by `asked` named. False when it leads nowhere else: no region's
  // name, where the bucket was asked for already, or a store with endpoints of its own, such as
  // those of a private network, which must not be left.
  bool learn(const std::string& bucket, const Place& asked, std::string_view region);
  // Home is asked for the bucket again, and may name another region. `asked`, of place_of(), gave
  // no answer. False when that was home, or something else was learnt since.
  bool forget(const std::string& bucket, const std::shared_ptr<const Place>& asked);

 private:
  const std::shared_ptr<const Place> home_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Place>> elsewhere_;
};

}  // namespace sallyport::s3
