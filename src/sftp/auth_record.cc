#include "sftp/auth_record.h"

#include <algorithm>

namespace sallyport::sftp {
namespace {

// Above what any sensible number of attempts leads to.
constexpr std::size_t kMostLines = 64;

}  // namespace

void AuthRecord::key_refused(const std::string& user, const ssh::PublicKey& key,
                             identity::Refusal why) {
  Line line{user, "Authentication failure"};
  if (why == identity::Refusal::kWrongKey) {
    line.message = std::string(key.short_type()) + " " + key.fingerprint_sha256();
  }
  if (lines_.size() >= kMostLines) return;
  if (std::find(lines_.begin(), lines_.end(), line) != lines_.end()) return;
  lines_.push_back(std::move(line));
}

void AuthRecord::forget(const std::string& user) {
  std::erase_if(lines_, [&](const Line& line) { return line.user == user; });
}

void AuthRecord::write(const events::ServerLog& log, const ConnectionSource& source) const {
  for (const Line& line : lines_) {
    events::ServerEvent event;
    event.activity_type = "AUTH_FAILURE";
    event.user = line.user;
    event.importance = events::Importance::kAccess;
    event.with("method", "publickey")
        .with("user", line.user)
        .with("source-ip", source.ip)
        .with("message", line.message)
        .with("proxy-protocol-v2-header", source.proxy_header);
    log.write_error_stream(std::move(event));
  }
}

}  // namespace sallyport::sftp
