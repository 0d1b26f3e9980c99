// The live sessions of this process: counted, listed, and ended when what they stand on goes away.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/ids.h"

namespace sallyport::session {

struct LiveSession {
  model::ServerId server_id;
  std::string user_name;  // empty before authentication
  model::SshPublicKeyId key_id;
  std::string session_id;
  std::string source_ip;
  WallTime since{};
  std::size_t open_files = 0;
  // Of the connection, with everything the protocol adds.
  std::uint64_t bytes_in = 0, bytes_out = 0;
};

// Which sessions are meant; an empty member means any.
struct SessionFilter {
  model::ServerId server_id;
  std::string user_name;
  std::string session_id;
  bool matches(const LiveSession& session) const;
};

// Thread-safe.
class Registry {
 public:
  // A place in the registry; leaving it ends with the destructor. Used by one thread.
  class Entry {
   public:
    virtual ~Entry() = default;
    virtual void authenticated(std::string user_name, model::SshPublicKeyId key_id,
                               std::string session_id) = 0;
    // How many files the session has open; end_idle() leaves those with any alone.
    virtual void open_files(std::size_t count) = 0;
    // More bytes from and to the client. Cheap.
    virtual void moved(std::uint64_t in, std::uint64_t out) = 0;
  };

  Registry();
  ~Registry();
  // `end` asks the connection to end; it is called from any thread, at most once, and not after the
  // entry's destructor has returned.
  std::unique_ptr<Entry> enter(model::ServerId server, std::string source_ip, WallTime since,
                               std::function<void()> end);

  std::vector<LiveSession> list() const;
  // Those with a user only.
  std::vector<LiveSession> list(const SessionFilter& filter) const;
  std::size_t count(const model::ServerId& server) const;

  // Ask sessions to end; return how many were asked.
  std::size_t end(const SessionFilter& filter);  // with a user only
  std::size_t end_server(const model::ServerId& server);
  std::size_t end_user(const model::ServerId& server, const std::string& user_name);
  std::size_t end_key(const model::ServerId& server, const std::string& user_name,
                      const model::SshPublicKeyId& key);
  std::size_t end_all();
  // Those that have had no open file for `idle_for`: one whose transfer has just ended can still
  // take its answer and leave, or open the next.
  std::size_t end_idle(std::chrono::milliseconds idle_for);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace sallyport::session
