// The SFTP channels of one connection that are being served. On the connection's loop.
#pragma once

#include <vector>

#include "sftp/server.h"
#include "sftp/ssh_channel_port.h"

namespace sallyport::sftp {

class ServedChannels {
 public:
  // Both stay until remove().
  void add(SshChannelPort& port, Server& server) { channels_.push_back({&port, &server}); }
  void remove(ssh::ChannelId id);
  // Null: it is not served.
  SshChannelPort* port(ssh::ChannelId id) const;

  // Lets every server look at its port; one may end and leave the list meanwhile, or another come.
  void wake(bool output_moved);
  void close_ports();
  std::size_t open_handles() const;
  bool busy() const;

 private:
  struct Channel {
    SshChannelPort* port;
    Server* server;
  };
  std::vector<Channel> channels_;
};

}  // namespace sallyport::sftp
