// The serving process's end of a socket pair to a signing process.
#pragma once

#include "process/message_vault.h"

namespace sallyport::process {

class SocketChannel final : public KeyChannel {
 public:
  // Owns `fd`, of a SOCK_SEQPACKET pair.
  explicit SocketChannel(int fd) : fd_(fd) {}
  ~SocketChannel() override;
  SocketChannel(const SocketChannel&) = delete;
  SocketChannel& operator=(const SocketChannel&) = delete;

  // Asks again when the process died meanwhile and was started again; kUnavailable when it dies of
  // the request each time, and when it is gone for good.
  Result<Bytes> call(Bytes& request) override;

 private:
  // What came before belongs to no request that anyone waits for.
  void drop_waiting();
  bool send(const Bytes& request) const;
  Result<Bytes> receive();

  int fd_;
  std::uint32_t number_ = 0;
  Bytes buffer_;
};

}  // namespace sallyport::process
