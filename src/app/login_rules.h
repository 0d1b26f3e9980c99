// What the configuration says of logins, as the connections take it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/settings.h"
#include "sftp/login.h"

namespace sallyport::app {

// By section of [servers]: the authorities named in trusted_user_ca.
class TrustedUserCas {
 public:
  // Errors: kInvalidArgument naming the section and the key that is none.
  static Result<TrustedUserCas> parse(const config::Settings& settings);
  // Of the server's own section, else of "default"; null when there is neither.
  std::shared_ptr<const std::vector<ssh::PublicKey>> of(const std::string& server_id) const;

 private:
  std::map<std::string, std::shared_ptr<const std::vector<ssh::PublicKey>>> sections_;
};

// From sftp.source_… and sftp.trusted_sources. `clock` outlives it. Errors: kInvalidArgument.
Result<std::shared_ptr<sftp::SourceGuard>> make_source_guard(const config::Settings& settings,
                                                             const Clock& clock);

}  // namespace sallyport::app
