#include "process/signing_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "process/hardening.h"
#include "process/key_box.h"
#include "process/socket_channel.h"

namespace sallyport::process {

namespace {

constexpr int kCannotStart = 3;

// Only the standard streams and these stay open.
void close_all_but(std::vector<int> keep) {
  std::sort(keep.begin(), keep.end());
  unsigned from = STDERR_FILENO + 1;
  for (const int fd : keep) {
    const auto at = static_cast<unsigned>(fd);
    if (at > from) ::close_range(from, at - 1, 0);
    from = at + 1;
  }
  ::close_range(from, ~0U, 0);
}

// Neither another process nor a core file gets at the memory, and it does not outlive its parent.
void begin_child(const char* name, pid_t parent) {
  ::prctl(PR_SET_NAME, name);
  ::prctl(PR_SET_DUMPABLE, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(0);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

void say(const char* text, int number) {
  std::fprintf(stderr, "sallyport: %s %d\n", text, number);
  std::fflush(stderr);
}

// While the other end is there it waits for an answer: then the watcher has to start another.
[[noreturn]] void end_signing(bool orderly) {
  if (orderly || errno == EPIPE || errno == ECONNRESET) ::_exit(0);
  std::abort();
}

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
    if (n <= 0) end_signing(n == 0);
    const MutableBytes request(message.data(), static_cast<std::size_t>(n));
    const Bytes reply = box.answer(request);
    wipe(request.data(), request.size());
    if (::send(fd, reply.data(), reply.size(), MSG_NOSIGNAL) < 0) end_signing(false);
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

// The watcher: starts signing processes until the last has ended by itself.
class Watcher {
 public:
  Watcher(std::vector<int> sockets, KeyBox box, const SigningOptions& options)
      : sockets_(std::move(sockets)),
        running_(sockets_.size()),
        box_(std::move(box)),
        options_(options) {}

  [[noreturn]] void watch() {
    for (std::size_t i = 0; i < sockets_.size(); ++i) start(i);
    std::size_t left = sockets_.size();
    while (left > 0) {
      int status = 0;
      const pid_t ended = ::waitpid(-1, &status, 0);
      if (ended < 0 && errno == EINTR) continue;
      if (ended < 0) ::_exit(kCannotStart);
      const auto found = std::find(running_.begin(), running_.end(), ended);
      if (found == running_.end()) continue;
      const auto index = static_cast<std::size_t>(found - running_.begin());
      if (WIFEXITED(status)) {
        // Its socket has ended, or it could not begin.
        if (WEXITSTATUS(status) != 0) ::_exit(WEXITSTATUS(status));
        --left;
        *found = 0;
        continue;
      }
      say("a signing process was ended and is started again; signal", WTERMSIG(status));
      pause();
      tell_restarted(sockets_[index]);
      start(index);
    }
    ::_exit(0);
  }

 private:
  void start(std::size_t index) {
    const pid_t self = ::getpid();
    const pid_t child = ::fork();
    if (child == 0) sign_for_ever(sockets_[index], std::move(box_), options_, self);
    if (child < 0) {
      say("a signing process cannot be started; error", errno);
      ::_exit(kCannotStart);
    }
    running_[index] = child;
  }

  // One that dies again and again takes no whole processor.
  static void pause() {
    const timespec moment{0, 20'000'000};
    ::nanosleep(&moment, nullptr);
  }

  static void tell_restarted(int fd) {
    ByteWriter message;
    message.u32(0).u8(static_cast<std::uint8_t>(KeyStatus::kRestarted));
    (void)!::send(fd, message.bytes().data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }

  std::vector<int> sockets_;
  std::vector<pid_t> running_;
  KeyBox box_;
  SigningOptions options_;
};

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
  Watcher(std::move(sockets), std::move(box), options).watch();
}

void close_all(const std::vector<int>& fds) {
  for (const int fd : fds) ::close(fd);
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
