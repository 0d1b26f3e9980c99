#include "process/signing_process.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "process/hardening.h"
#include "process/key_box.h"
#include "process/socket_channel.h"
#include "process/watcher.h"

namespace sallyport::process {

namespace {

[[noreturn]] void sign_for_ever(int fd, KeyBox box, const SigningOptions& options, pid_t watcher) {
  begin_child("sallyport-sign", watcher);
  close_all_but({fd});
  Bytes message(kMaxMessage);
  if (const auto hardened = harden_signing_process(options.seccomp); !hardened.ok()) {
    std::fprintf(stderr, "sallyport: %s\n", hardened.error().message.c_str());
    ::_exit(kCannotStart);
  }
  for (;;) {
    const ssize_t n = ::recv(fd, message.data(), message.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) end_serving(n == 0);
    const MutableBytes request(message.data(), static_cast<std::size_t>(n));
    const Bytes reply = box.answer(request);
    wipe(request.data(), request.size());
    if (::send(fd, reply.data(), reply.size(), MSG_NOSIGNAL) < 0) end_serving(false);
  }
}

void warm_up(KeyBox& box) {
  // OpenSSL reads its configuration and gets its algorithms now, while files may still be opened.
  for (const auto type : {ssh::HostKeyType::kEd25519, ssh::HostKeyType::kEcdsaP256}) {
    const auto key = ssh::HostKey::generate(type);
    if (key.ok()) (void)key->sign(key->signature_algorithms().front(), {});
  }
  (void)box.answer(generate_request(ssh::HostKeyType::kEd25519, ""));
}

Bytes restarted_message() {
  ByteWriter message;
  message.u32(0).u8(static_cast<std::uint8_t>(KeyStatus::kRestarted));
  return message.take();
}

[[noreturn]] void watch_for_ever(std::vector<int> sockets, const SecretString& master,
                                 const SigningOptions& options, pid_t parent) {
  begin_child("sallyport-keys", parent);
  close_all_but(sockets);
  KeyBox box(master);
  warm_up(box);
  if (const auto hardened = harden_watcher(options.seccomp); !hardened.ok()) {
    std::fprintf(stderr, "sallyport: %s\n", hardened.error().message.c_str());
    ::_exit(kCannotStart);
  }
  const auto serve = [&](std::size_t index, pid_t watcher) {
    sign_for_ever(sockets[index], std::move(box), options, watcher);
  };
  watch_children({sockets, serve, restarted_message(), "a signing process"});
}

}  // namespace

Result<std::unique_ptr<SigningProcess>> SigningProcess::start(const SecretString& master,
                                                              const SigningOptions& options) {
  std::vector<int> theirs;
  std::vector<std::unique_ptr<KeyChannel>> channels;
  for (unsigned i = 0; i < options.processes; ++i) {
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
      close_all(theirs);
      return errno_error("a socket pair for the host keys", errno);
    }
    channels.push_back(std::make_unique<SocketChannel>(pair[0]));
    theirs.push_back(pair[1]);
  }
  std::fflush(nullptr);
  const pid_t self = ::getpid();
  const pid_t watcher = ::fork();
  if (watcher == 0) watch_for_ever(std::move(theirs), master, options, self);
  const int failure = errno;
  close_all(theirs);
  if (watcher < 0) return errno_error("starting the process that holds the host keys", failure);
  return std::unique_ptr<SigningProcess>(new SigningProcess(watcher, std::move(channels)));
}

SigningProcess::~SigningProcess() {
  channels_.clear();
  while (watcher_ > 0 && ::waitpid(watcher_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

bool SigningProcess::alive() {
  if (watcher_ > 0 && ::waitpid(watcher_, nullptr, WNOHANG) == watcher_) watcher_ = 0;
  return watcher_ > 0;
}

}  // namespace sallyport::process
