#include "sftp/connection_lines.h"

#include <utility>

namespace sallyport::sftp {
namespace {

std::string both(const std::string& in, const std::string& out) {
  return in + "," + out;
}

events::ServerEvent access_event(std::string type) {
  events::ServerEvent event;
  event.activity_type = std::move(type);
  event.importance = events::Importance::kAccess;
  return event;
}

}  // namespace

session::ConnectionFacts facts_of(const ssh::ConnectionFacts& facts, const ssh::PublicKey& key,
                                  const ConnectionSource& source) {
  session::ConnectionFacts out;
  out.protocol = "SFTP";
  out.source_ip = source.ip;
  out.proxy_header = source.proxy_header;
  out.client = facts.client_ident;
  out.kex = facts.kex;
  out.ciphers = both(facts.cipher_in, facts.cipher_out);
  out.macs = both(facts.mac_in, facts.mac_out);
  out.ssh_public_key = key.base64_blob();
  out.ssh_public_key_type = std::string(key.type());
  out.ssh_public_key_fingerprint = key.fingerprint_sha256();
  return out;
}

void write_kex_failure(const events::ServerLog& log, const ConnectionSource& source,
                       ssh::NegotiationFailed failure) {
  events::ServerEvent event = access_event("KEX_FAILURE");
  event.with("source-ip", source.ip)
      .with("message", std::move(failure.message))
      .with("kex", std::move(failure.client_list))
      .with("proxy-protocol-v2-header", source.proxy_header);
  log.write_error_stream(std::move(event));
}

void write_exit_reason(const events::ServerLog& log, const session::Session& session,
                       std::string message) {
  events::ServerEvent event = access_event("EXIT_REASON");
  event.user = session.principal().user_name;
  event.with("message", std::move(message)).with("session-id", session.id());
  log.write(std::move(event));
}

}  // namespace sallyport::sftp
