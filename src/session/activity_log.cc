#include "session/activity_log.h"

#include <array>

#include "codec/base64.h"
#include "files/file_system.h"
#include "session/session.h"
#include "session/spool.h"

namespace sallyport::session {

namespace {

// S3's ids as its users know them: 16 characters, and 56 bytes in base64. Nothing is behind them
// but the wish that tools which expect them find them.
std::string request_id(Random& random) {
  constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  std::array<std::uint8_t, 16> bytes;
  random.fill(bytes);
  std::string out;
  for (const std::uint8_t b : bytes) out.push_back(kDigits[b % kDigits.size()]);
  return out;
}

std::string extended_request_id(Random& random) {
  std::array<std::uint8_t, 56> bytes;
  random.fill(bytes);
  return codec::base64_encode(bytes);
}

bool is_assume_role(const Error& error) {
  return error.code == Errc::kPermissionDenied && error.reason == "AssumeRole";
}

// What is the client's doing and no trouble of the server's.
bool is_ordinary(const Error& error) {
  switch (error.code) {
    case Errc::kNotFound: return error.reason != "NoSuchBucket";
    case Errc::kAlreadyExists:
    case Errc::kConflict:
    case Errc::kInvalidArgument:
    case Errc::kCancelled:
    case Errc::kClosed: return true;
    case Errc::kPermissionDenied:
    case Errc::kUnsupported:
    case Errc::kLimitExceeded:
    case Errc::kUnavailable:
    case Errc::kIo:
    case Errc::kCorrupt:
    case Errc::kTimeout:
    case Errc::kInternal: return false;
  }
  return false;
}

// A bound that the operator set: the client is told which.
bool is_limit(const Error& error) {
  return error.code == Errc::kLimitExceeded &&
         (error.reason == kUserLimit || error.reason == kSpoolFull);
}

// The operating system's own words, which name no internals; nobody else was asked.
bool is_posix(const Error& error) {
  return error.reason == files::kPosix;
}

std::string line_text(const Error& error) {
  if (is_assume_role(error)) return "Unable to AssumeRole for user";
  if (error.code == Errc::kPermissionDenied) return "Access denied";
  if (error.code == Errc::kUnsupported || is_limit(error) || is_posix(error)) return error.message;
  if (error.reason == "NoSuchBucket") return "The specified bucket does not exist";
  if (error.code == Errc::kUnavailable) return "Storage is unavailable";
  return "Internal error";
}

}  // namespace

Error client_error(const Error& error) {
  if (is_limit(error) || is_posix(error)) return error;
  switch (error.code) {
    case Errc::kPermissionDenied: return Error(error.code, "Permission denied", error.reason);
    case Errc::kNotFound:
      if (error.reason == "NoSuchBucket") return Error(Errc::kIo, "Failure", error.reason);
      return Error(error.code, "No such file or directory", error.reason);
    case Errc::kAlreadyExists: return Error(error.code, "File already exists", error.reason);
    case Errc::kUnsupported:
    case Errc::kInvalidArgument:
    case Errc::kConflict: return error;
    case Errc::kUnavailable:
      return Error(error.code, "Storage is unavailable, try again later", error.reason);
    case Errc::kLimitExceeded:
    case Errc::kIo:
    case Errc::kCorrupt:
    case Errc::kTimeout:
    case Errc::kCancelled:
    case Errc::kClosed:
    case Errc::kInternal: return Error(error.code, "Failure", error.reason);
  }
  return error;
}

ActivityLog::ActivityLog(events::ServerLog log, std::string user, std::string session_id,
                         Random& random)
    : log_(std::move(log)),
      user_(std::move(user)),
      session_id_(std::move(session_id)),
      random_(&random) {}

events::ServerEvent ActivityLog::line(std::string_view type) const {
  events::ServerEvent event;
  event.activity_type = type;
  event.user = user_;
  event.with("session-id", session_id_);
  return event;
}

void ActivityLog::add_request_ids(events::ServerEvent& event, const Error& error) const {
  if (error.remote) {
    event.with("request-id", error.remote->request_id)
        .with("s3extended-request-id", error.remote->extended_request_id);
    return;
  }
  event.with("request-id", request_id(*random_))
      .with("s3extended-request-id", extended_request_id(*random_));
}

void ActivityLog::connected(const ConnectionFacts& facts, const identity::Principal& principal,
                            std::string home_directory) const {
  events::ServerEvent event = line("CONNECTED");
  event.importance = events::Importance::kAccess;
  event.with("role", principal.role)
      .with("user", principal.user_name)
      .with("home-dir", std::move(home_directory))
      .with("user-policy", principal.policy)
      .with("source-ip", facts.source_ip)
      .with("client", facts.client)
      .with("kex", facts.kex)
      .with("ciphers", facts.ciphers)
      .with("macs", facts.macs)
      .with("ssh-public-key", facts.ssh_public_key)
      .with("ssh-public-key-type", facts.ssh_public_key_type)
      .with("ssh-public-key-fingerprint", facts.ssh_public_key_fingerprint)
      .with("proxy-protocol-v2-header", facts.proxy_header);
  log_.write(std::move(event));
}

void ActivityLog::disconnected() const {
  events::ServerEvent event = line("DISCONNECTED");
  event.importance = events::Importance::kAccess;
  log_.write(std::move(event));
}

void ActivityLog::activity(std::string_view type, std::string path,
                           std::vector<std::pair<std::string_view, std::string>> more) const {
  events::ServerEvent event = line(type);
  event.with("path", std::move(path));
  for (auto& [key, value] : more) event.with(key, std::move(value));
  log_.write(std::move(event));
}

void ActivityLog::error(std::string_view operation, std::string path, std::string message) const {
  events::ServerEvent event = line("ERROR");
  event.with("operation", std::string(operation))
      .with("path", std::move(path))
      .with("message", std::move(message));
  log_.write(std::move(event));
}

Error ActivityLog::failed(std::string_view operation, std::string path, const Error& error,
                          std::string bytes_in) const {
  if (is_ordinary(error)) return client_error(error);
  events::ServerEvent event = line("ERROR");
  event.with("operation", std::string(operation))
      .with("path", std::move(path))
      .with("message", line_text(error))
      .with("bytes-in", std::move(bytes_in));
  const bool by_storage = !is_assume_role(error) && error.code != Errc::kUnsupported &&
                          !is_limit(error) && !is_posix(error);
  if (by_storage) add_request_ids(event, error);
  log_.write(std::move(event));
  return client_error(error);
}

Error ActivityLog::failed_listing(const Error& error) const {
  if (is_assume_role(error) || is_ordinary(error)) return client_error(error);
  events::ServerEvent event = line("ERROR");
  event.with("message",
             error.code == Errc::kPermissionDenied ? "Access denied" : "Error performing readdir");
  log_.write(std::move(event));
  return client_error(error);
}

}  // namespace sallyport::session
