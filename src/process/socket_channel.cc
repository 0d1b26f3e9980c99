#include "process/socket_channel.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace sallyport::process {

namespace {

constexpr int kMaxDeaths = 3;

Error gone() {
  return Error(Errc::kUnavailable, "the process that holds the host keys is gone");
}

}  // namespace

SocketChannel::~SocketChannel() {
  ::close(fd_);
}

void SocketChannel::drop_waiting() {
  buffer_.resize(kMaxMessage);
  while (::recv(fd_, buffer_.data(), buffer_.size(), MSG_DONTWAIT) > 0) {
  }
}

bool SocketChannel::send(const Bytes& request) const {
  for (;;) {
    const ssize_t n = ::send(fd_, request.data(), request.size(), MSG_NOSIGNAL);
    if (n >= 0) return true;
    if (errno != EINTR) return false;
  }
}

Result<Bytes> SocketChannel::receive() {
  for (;;) {
    const ssize_t n = ::recv(fd_, buffer_.data(), buffer_.size(), 0);
    if (n > 0) return Bytes(buffer_.begin(), buffer_.begin() + n);
    if (n == 0 || errno != EINTR) return gone();
  }
}

Result<Bytes> SocketChannel::call(Bytes& request) {
  if (request.size() > kMaxMessage) return Error(Errc::kLimitExceeded, "the message is too long");
  set_number(request, ++number_);
  drop_waiting();
  for (int deaths = 0; deaths < kMaxDeaths; ++deaths) {
    if (!send(request)) return gone();
    for (;;) {
      TRY_ASSIGN(Bytes message, receive());
      TRY_ASSIGN(const KeyReply reply, read_reply(message));
      if (reply.status == KeyStatus::kRestarted) break;
      if (reply.number == number_) return message;
    }
  }
  return Error(Errc::kUnavailable, "the process that holds the host keys died of this request");
}

}  // namespace sallyport::process
