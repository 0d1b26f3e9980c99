// The lines of one session, in the managed service's shape (AWS Transfer Family user guide, "Amazon
// CloudWatch log structure"). Thread-safe as events::ServerLog is.
#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "events/server_log.h"
#include "identity/principal.h"

namespace sallyport::session {

struct ConnectionFacts;

class ActivityLog {
 public:
  ActivityLog(events::ServerLog log, std::string user, std::string session_id, Random& random);

  void connected(const ConnectionFacts& facts, const identity::Principal& principal,
                 std::string home_directory) const;
  void disconnected() const;
  // OPEN, CLOSE, DELETE, MKDIR, …
  void activity(std::string_view type, std::string path,
                std::vector<std::pair<std::string_view, std::string>> more = {}) const;
  // An ERROR line with this text.
  void error(std::string_view operation, std::string path, std::string message) const;

  // Writes the ERROR line that belongs to a failed operation, or none where the managed service
  // writes none (a missing file), and returns what the client is told. `bytes_in` only at CLOSE.
  [[nodiscard]] Error failed(std::string_view operation, std::string path, const Error& error,
                             std::string bytes_in = {}) const;
  // The same for reading a directory, where lines have neither operation nor path, and a role that
  // cannot be assumed leaves no line at all.
  [[nodiscard]] Error failed_listing(const Error& error) const;

 private:
  events::ServerEvent line(std::string_view type) const;
  // Those of the store that refused; made up where the store is our own.
  void add_request_ids(events::ServerEvent& event, const Error& error) const;

  events::ServerLog log_;
  std::string user_;
  std::string session_id_;
  Random* random_;
};

// The error for the client: the same code, save that a missing bucket is a plain failure, and a
// text that names no internals.
Error client_error(const Error& error);

}  // namespace sallyport::session
