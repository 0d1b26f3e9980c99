// An SFTP version 3 server on one byte stream (draft-ietf-secsh-filexfer-02; OpenSSH's PROTOCOL for
// limits@openssh.com). It translates: what a request means is session::Session's to say.
//
// Requests are served one after the other and answered in their order. Consecutive WRITEs of one
// file are handed on together, straight from the input; consecutive READs are read together,
// straight into the output. Memory is bounded: no request is begun before earlier answers have been
// taken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/task.h"
#include "session/session.h"
#include "session/shared_quota.h"
#include "sftp/channel_port.h"

namespace sallyport::sftp {

struct ServerSettings {
  // Name limits@openssh.com in VERSION, so that clients that know it send bigger requests. The
  // managed service names no extension at all. Those of extended servers are always named.
  bool announce_extensions = true;
  // Handles open at one time on one channel.
  std::size_t max_open_handles = 1000;
  // Shared by the users of all channels. Null: no limit.
  std::shared_ptr<session::SharedQuota> handles = nullptr;
  // WRITEs of one file are answered and kept in the input until there are so many bytes of them, or
  // anything else comes. Well below the channel's window. 0: every WRITE is handed on at once.
  std::size_t write_gather = 256 * 1024;
  // Handed on in one write, or read in one go (always at least one request), in bytes.
  std::size_t write_batch = 512 * 1024;
  std::size_t read_batch = 256 * 1024;
  // After so many bytes others on the loop get their turn.
  std::size_t turn_bytes = 4 * 1024 * 1024;
};

enum class ServerEnd : std::uint8_t {
  kFinished,   // the client ended its side, everything is answered
  kViolation,  // the stream cannot be followed further; close the channel
  kClosed,     // the port was closed underneath
};

class Server {
 public:
  // All outlive the server.
  Server(ChannelPort& port, session::Session& session, const Clock& clock,
         const ServerSettings& settings);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Serves until the stream ends; then whatever is open is told
  // connection_lost() and awaited. Call once; never cut it short.
  Task<ServerEnd> run();

  // A request is being served.
  bool busy() const;
  // Files and directories that are open.
  std::size_t open_handles() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::sftp
