#include "files/file_channel.h"

#include <sys/socket.h>

#include <cerrno>

#include "files/fd_message.h"
#include "net/readable.h"

namespace sallyport::files {

namespace {

constexpr int kMaxDeaths = 3;

Error gone() {
  return Error(Errc::kUnavailable, "the process that acts as users is gone");
}

}  // namespace

void SocketFileChannel::drop_waiting() {
  buffer_.resize(kMaxFileMessage);
  for (;;) {
    UniqueFd dropped;
    if (receive_message(socket_.get(), buffer_, dropped, MSG_DONTWAIT) <= 0) return;
  }
}

Task<Result<FileReply>> SocketFileChannel::receive(UniqueFd& got) {
  for (;;) {
    CO_TRY(co_await net::until_readable(socket_.get()));
    const ssize_t n = receive_message(socket_.get(), buffer_, got, MSG_DONTWAIT);
    if (n > 0) co_return read_reply(ByteView(buffer_).first(static_cast<std::size_t>(n)));
    if (n == 0 || errno != EAGAIN) co_return gone();
  }
}

Task<Result<FileReply>> SocketFileChannel::call(const FileRequest& request, int given,
                                                UniqueFd& got) {
  Bytes message = write_request(request);
  if (message.size() > kMaxFileMessage)
    co_return Error(Errc::kLimitExceeded, "the message is too long");
  // 0 is the watcher's.
  if (++number_ == 0) ++number_;
  set_number(message, number_);
  drop_waiting();
  for (int deaths = 0; deaths < kMaxDeaths; ++deaths) {
    // There is room: nothing but a dead process's requests can be in it.
    if (!send_message(socket_.get(), message, given, MSG_DONTWAIT)) co_return gone();
    for (;;) {
      UniqueFd with;
      CO_TRY_ASSIGN(FileReply reply, co_await receive(with));
      // The next process has what is still in the socket, and skips what it gets a second time.
      if (reply.error == kRestarted && reply.number == 0) break;
      if (reply.number != number_) continue;
      if (reply.error == kRestarted)
        co_return Error(Errc::kUnavailable,
                        "the process that acts as users died in the middle of a change");
      got = std::move(with);
      co_return reply;
    }
  }
  co_return Error(Errc::kUnavailable, "the process that acts as users died of this request");
}

}  // namespace sallyport::files
