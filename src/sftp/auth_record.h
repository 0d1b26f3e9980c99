// What a connection tried before it was authenticated, kept until it is or ends, because only then
// it is known whether the attempt as a whole was refused. Not thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "events/server_log.h"
#include "identity/principal.h"
#include "sftp/connection_source.h"
#include "ssh/public_key.h"

namespace sallyport::sftp {

class AuthRecord {
 public:
  void key_refused(const std::string& user, const ssh::PublicKey& key, identity::Refusal why);
  // One AUTH_FAILURE line in the stream ERRORS for each user name that does not exist and for each
  // refused key of one that does.
  void write(const events::ServerLog& log, const ConnectionSource& source) const;
  bool empty() const { return lines_.empty(); }
  // The user got in: what he tried before belongs to that.
  void forget(const std::string& user);

 private:
  struct Line {
    std::string user;
    std::string message;
    friend bool operator==(const Line&, const Line&) = default;
  };
  std::vector<Line> lines_;
};

}  // namespace sallyport::sftp
