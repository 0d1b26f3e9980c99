// What the operator says of servers beside what the API holds of them: how they behave, what their
// users may, and the spool that extended servers write to.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "model/compatibility.h"
#include "session/spool.h"
#include "session/user_limits.h"

namespace sallyport::session {

// Thread-safe. Outlives every session.
class SiteRules {
 public:
  // `spool` null: nothing can be written out of order.
  SiteRules(std::unique_ptr<Spool> spool, const Clock& clock)
      : spool_(std::move(spool)), limits_(clock) {}

  // By server id; "default" for servers that are not named. In force for new sessions.
  void set_compatibility(std::map<std::string, model::Compatibility> by_server);
  // The server's tag wins; a malformed one counts as strict.
  bool is_extended(const model::Server& server) const;

  UserLimits& limits() { return limits_; }
  Spool* spool() { return spool_.get(); }

 private:
  const std::unique_ptr<Spool> spool_;
  UserLimits limits_;
  mutable std::mutex mutex_;
  std::map<std::string, model::Compatibility> by_server_;
};

}  // namespace sallyport::session
