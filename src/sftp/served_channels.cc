#include "sftp/served_channels.h"

#include <algorithm>

namespace sallyport::sftp {

void ServedChannels::remove(ssh::ChannelId id) {
  std::erase_if(channels_, [id](const Channel& channel) { return channel.port->id() == id; });
}

SshChannelPort* ServedChannels::port(ssh::ChannelId id) const {
  for (const Channel& channel : channels_) {
    if (channel.port->id() == id) return channel.port;
  }
  return nullptr;
}

void ServedChannels::wake(bool output_moved) {
  std::vector<ssh::ChannelId> ids;
  ids.reserve(channels_.size());
  for (const Channel& channel : channels_) ids.push_back(channel.port->id());
  for (const ssh::ChannelId id : ids) {
    if (SshChannelPort* const p = port(id)) p->wake_server(output_moved);
  }
}

void ServedChannels::close_ports() {
  for (const Channel& channel : channels_) channel.port->close();
}

std::size_t ServedChannels::open_handles() const {
  std::size_t open = 0;
  for (const Channel& channel : channels_) open += channel.server->open_handles();
  return open;
}

bool ServedChannels::busy() const {
  return std::any_of(channels_.begin(), channels_.end(),
                     [](const Channel& channel) { return channel.server->busy(); });
}

}  // namespace sallyport::sftp
