// A channel of an SSH connection as the port of an SFTP server.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

#include "sftp/channel_port.h"
#include "ssh/server_engine.h"

namespace sallyport::sftp {

// `flush` is called to have the engine's output sent. The engine outlives the port.
class SshChannelPort final : public ChannelPort {
 public:
  SshChannelPort(ssh::ServerEngine& engine, ssh::ChannelId id, std::function<void()> flush)
      : engine_(engine), id_(id), flush_(std::move(flush)) {}

  ByteView input() const override { return closed_ ? last_input_ : engine_.channel_input(id_); }
  bool input_ended() const override { return input_ended_; }
  std::shared_ptr<const void> lend_input() override {
    if (closed_) return last_lease_;
    return engine_.lend_channel_input(id_);
  }
  void advance(std::size_t n) override {
    if (closed_) {
      last_input_ = last_input_.subspan(std::min(n, last_input_.size()));
    } else {
      engine_.channel_advance(id_, n);
    }
  }
  void grant(std::size_t n) override { engine_.channel_grant(id_, n); }

  std::size_t writable() override { return closed_ ? 0 : engine_.channel_writable(id_); }
  bool output_idle() const override { return engine_.output_size() == 0; }
  std::size_t write(ByteView data) override {
    return closed_ ? 0 : engine_.channel_write(id_, data);
  }
  std::span<const MutableBytes> reserve(std::size_t n) override {
    reservation_ = engine_.reserve(id_, n);
    return reservation_.segments();
  }
  void commit(std::size_t m) override {
    if (m > 0 && !closed_) engine_.commit(std::move(reservation_), m);
    reservation_ = ssh::Reservation();
  }
  void flush() override { flush_(); }
  bool closed() const override { return closed_; }

  // ---- For the connection. ----

  ssh::ChannelId id() const { return id_; }
  // More input has come; told to the server by the next wake_server().
  void note_input() { input_noted_ = true; }
  void note_input_ended() { input_noted_ = input_ended_ = true; }
  // Nothing goes in or out any more; told to the server likewise.
  void close() {
    if (std::exchange(closed_, true)) return;
    last_lease_ = engine_.lend_channel_input(id_);
    last_input_ = engine_.channel_input(id_);
  }
  void wake_server(bool output_moved) {
    const bool input = std::exchange(input_noted_, false) || closed_;
    wake(input, output_moved || closed_);
  }

 private:
  ssh::ServerEngine& engine_;
  const ssh::ChannelId id_;
  const std::function<void()> flush_;
  ssh::Reservation reservation_;
  // What had come when the port was closed, and the hold on its memory.
  ByteView last_input_;
  std::shared_ptr<const void> last_lease_;
  bool input_noted_ = false;
  bool input_ended_ = false;
  bool closed_ = false;
};

}  // namespace sallyport::sftp
