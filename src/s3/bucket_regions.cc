#include "s3/bucket_regions.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace sallyport::s3 {
namespace {

// Of buckets that are remembered; beyond them one is forgotten, and asks once more.
constexpr std::size_t kMost = 10'000;
constexpr std::size_t kMaxRegion = 32;

bool is_region(std::string_view text) {
  return !text.empty() && text.size() <= kMaxRegion &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

// The same kind of endpoint in another region ("s3.eu-west-1.amazonaws.com").
std::optional<std::string> host_in(std::string_view host, std::string_view home,
                                   std::string_view region) {
  const std::string_view domain = amazon_domain(host);
  if (domain.empty()) return std::nullopt;
  std::string_view kind = host.substr(0, host.size() - domain.size() - 1);
  if (kind.size() > home.size() && kind.ends_with(home) &&
      kind[kind.size() - home.size() - 1] == '.')
    kind.remove_suffix(home.size() + 1);
  for (const std::string_view known : {"s3", "s3.dualstack", "s3-fips", "s3-fips.dualstack"})
    if (kind == known)
      return std::string(kind) + "." + std::string(region) + "." + std::string(domain);
  return std::nullopt;
}

}  // namespace

std::string_view amazon_domain(std::string_view host) {
  for (const std::string_view domain : {"amazonaws.com", "amazonaws.com.cn"})
    if (host.size() > domain.size() && host.ends_with(domain) &&
        host[host.size() - domain.size() - 1] == '.')
      return domain;
  return {};
}

BucketRegions::BucketRegions(Place home) : home_(std::make_shared<const Place>(std::move(home))) {}

std::shared_ptr<const Place> BucketRegions::place_of(const std::string& bucket) const {
  const std::lock_guard lock(mutex_);
  const auto at = elsewhere_.find(bucket);
  return at == elsewhere_.end() ? home_ : at->second;
}

bool BucketRegions::learn(const std::string& bucket, const Place& asked, std::string_view region) {
  if (bucket.empty() || !is_region(region) || region == asked.region) return false;
  auto host = host_in(home_->endpoint.host, home_->region, region);
  if (!host) return false;
  Place place = *home_;
  place.endpoint.host = std::move(*host);
  place.region = region;
  const std::lock_guard lock(mutex_);
  if (elsewhere_.size() >= kMost) elsewhere_.erase(elsewhere_.begin());
  elsewhere_[bucket] = std::make_shared<const Place>(std::move(place));
  return true;
}

bool BucketRegions::forget(const std::string& bucket, const std::shared_ptr<const Place>& asked) {
  const std::lock_guard lock(mutex_);
  const auto at = elsewhere_.find(bucket);
  if (at == elsewhere_.end() || at->second != asked) return false;
  elsewhere_.erase(at);
  return true;
}

}  // namespace sallyport::s3
