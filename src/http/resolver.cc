#include "http/resolver.h"

#include <utility>

#include "http/url.h"

namespace sallyport::http {
namespace {

constexpr std::size_t kMaxKnownHosts = 1024;

}  // namespace

Resolver::Resolver(net::BlockingPool& pool, const Clock& clock,
                   std::chrono::milliseconds remembered)
    : Resolver([&pool](std::string host,
                       std::uint16_t port) { return http::resolve(std::move(host), port, pool); },
               clock, remembered) {}

Resolver::Resolver(LookUp look_up, const Clock& clock, std::chrono::milliseconds remembered)
    : look_up_(std::move(look_up)), clock_(clock), remembered_(remembered) {}

Task<Result<std::vector<net::Endpoint>>> Resolver::resolve(std::string host, std::uint16_t port) {
  const Key key(host, port);
  {
    const std::lock_guard lock(mutex_);
    const auto at = known_.find(key);
    if (at != known_.end() && clock_.steady() < at->second.until) co_return at->second.endpoints;
  }
  CO_TRY_ASSIGN(std::vector<net::Endpoint> found, co_await look_up_(std::move(host), port));
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kMaxKnownHosts) known_.clear();
  known_[key] = Known{found, clock_.steady() + remembered_};
  co_return found;
}

void Resolver::forget(const std::string& host, std::uint16_t port) {
  const std::lock_guard lock(mutex_);
  known_.erase(Key(host, port));
}

}  // namespace sallyport::http
