// A connection's place among the live sessions. On the connection's loop.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "session/registry.h"

namespace sallyport::sftp {

class RegistryPlace {
 public:
  // `end` is called on this loop when the connection is asked to end, and not after detach().
  RegistryPlace(session::Registry& registry, std::function<void()> end);
  ~RegistryPlace();
  RegistryPlace(const RegistryPlace&) = delete;
  RegistryPlace& operator=(const RegistryPlace&) = delete;

  // Once more: the same connection under another address.
  void enter(const model::ServerId& server, const std::string& source_ip, WallTime since);
  void authenticated(std::string user, model::SshPublicKeyId key, std::string session_id);
  void open_files(std::size_t count);
  void moved(std::uint64_t in, std::uint64_t out);
  void detach();
  void leave();

 private:
  // What the registry holds on to; outlives the connection.
  struct Control {
    std::function<void()> end;
  };
  session::Registry& registry_;
  std::shared_ptr<Control> control_;
  std::unique_ptr<session::Registry::Entry> entry_;
  std::size_t open_files_ = 0;  // as last reported
};

}  // namespace sallyport::sftp
