// What a connection writes to a server's log besides what Session writes, and what it tells Session
// for the CONNECTED line. AUTH_FAILURE has a record of its own (auth_record.h).
#pragma once

#include <string>

#include "events/server_log.h"
#include "session/session.h"
#include "sftp/connection_source.h"
#include "ssh/public_key.h"
#include "ssh/server_engine.h"

namespace sallyport::sftp {

session::ConnectionFacts facts_of(const ssh::ConnectionFacts& facts, const ssh::PublicKey& key,
                                  const ConnectionSource& source);

// KEX_FAILURE, in the stream ERRORS.
void write_kex_failure(const events::ServerLog& log, const ConnectionSource& source,
                       ssh::NegotiationFailed failure);
// EXIT_REASON, in the user's stream.
void write_exit_reason(const events::ServerLog& log, const session::Session& session,
                       std::string message);

}  // namespace sallyport::sftp
