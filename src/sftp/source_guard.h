// Sources that fail to log in again and again: slowed first, then refused for a while.
//
// Each failed login of a source is counted, and the count halves in every `window`. From `slow` on,
// refused attempts are answered `delay` later; at `refuse` the source is refused for one `window`,
// after which half of its count is left, so that the next failures slow it at once. IPv6 is counted
// by /64, which is what one customer holds. Not stored: a restart forgets.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "net/address.h"

namespace sallyport::sftp {

struct SourceGuardSettings {
  // Counts; 0: never.
  double slow = 0;
  double refuse = 0;
  std::chrono::milliseconds window = std::chrono::minutes(10);
  std::chrono::milliseconds delay{2000};
  // Not counted at all.
  std::vector<net::Cidr> trusted;
  // Sources remembered; beyond, the one leaves that has not failed for the longest time.
  std::size_t most_sources = 65536;
};

// Thread-safe.
class SourceGuard {
 public:
  // `clock` outlives the guard.
  SourceGuard(SourceGuardSettings settings, const Clock& clock);
  ~SourceGuard();

  // Whether it is one of the trusted.
  bool trusts(const net::IpAddress& source) const;
  // Whether a connection of this source is to be closed at once.
  bool refuses(const net::IpAddress& source);
  // Counts a login that has failed. Warns in the program's log when that makes the source refused.
  void failed(const net::IpAddress& source);
  // Takes one failure back: the login has succeeded after all.
  void forgive(const net::IpAddress& source);
  // How much later than at once a refused attempt is to be answered; zero for most.
  std::chrono::milliseconds delay(const net::IpAddress& source);

  // Sources refused at present.
  std::size_t refused();
  // Sources remembered.
  std::size_t size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::sftp
