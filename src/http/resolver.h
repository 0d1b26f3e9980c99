// The addresses behind host names, remembered for a short time.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "net/address.h"
#include "net/blocking_pool.h"

namespace sallyport::http {

// Thread-safe. Failures are not remembered. What is injected outlives the resolver.
class Resolver {
 public:
  using LookUp =
      std::function<Task<Result<std::vector<net::Endpoint>>>(std::string host, std::uint16_t port)>;

  // By the system's resolver, on `pool`, as resolve() of url.h does it.
  Resolver(net::BlockingPool& pool, const Clock& clock,
           std::chrono::milliseconds remembered = std::chrono::seconds(30));
  Resolver(LookUp look_up, const Clock& clock, std::chrono::milliseconds remembered);

  // At least one endpoint, in the order in which they are to be tried. Errors: kNotFound,
  // kUnavailable.
  Task<Result<std::vector<net::Endpoint>>> resolve(std::string host, std::uint16_t port);
  // The addresses did not serve: the next one who asks gets them looked up.
  void forget(const std::string& host, std::uint16_t port);

 private:
  using Key = std::pair<std::string, std::uint16_t>;
  struct Known {
    std::vector<net::Endpoint> endpoints;
    SteadyTime until;
  };

  const LookUp look_up_;
  const Clock& clock_;
  const std::chrono::milliseconds remembered_;
  std::mutex mutex_;
  std::map<Key, Known> known_;
};

}  // namespace sallyport::http
