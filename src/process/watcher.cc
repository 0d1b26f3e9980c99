#include "process/watcher.h"

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

namespace sallyport::process {

namespace {

class Watcher {
 public:
  explicit Watcher(WatchedChildren children)
      : children_(std::move(children)), running_(children_.sockets.size()) {}

  [[noreturn]] void watch() {
    for (std::size_t i = 0; i < running_.size(); ++i) start(i);
    std::size_t left = running_.size();
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
      std::fprintf(stderr, "sallyport: %s was ended and is started again; signal %d\n",
                   children_.what, WTERMSIG(status));
      std::fflush(stderr);
      pause();
      if (tell_restarted(children_.sockets[index])) {
        start(index);
      } else {
        --left;
        *found = 0;
      }
    }
    ::_exit(0);
  }

 private:
  void start(std::size_t index) {
    const pid_t self = ::getpid();
    const pid_t child = ::fork();
    if (child == 0) {
      children_.serve(index, self);
      ::_exit(0);
    }
    if (child < 0) {
      std::fprintf(stderr, "sallyport: %s cannot be started; error %d\n", children_.what, errno);
      std::fflush(stderr);
      ::_exit(kCannotStart);
    }
    running_[index] = child;
  }

  // False when nobody listens any more.
  bool tell_restarted(int socket) const {
    const ssize_t sent = ::send(socket, children_.restarted.data(), children_.restarted.size(),
                                MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent >= 0 || (errno != EPIPE && errno != ECONNRESET);
  }

  // One that dies again and again takes no whole processor.
  static void pause() {
    const timespec moment{0, 20'000'000};
    ::nanosleep(&moment, nullptr);
  }

  WatchedChildren children_;
  std::vector<pid_t> running_;
};

}  // namespace

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

void close_all(const std::vector<int>& fds) {
  for (const int fd : fds) ::close(fd);
}

void begin_child(const char* name, pid_t parent) {
  ::prctl(PR_SET_NAME, name);
  ::prctl(PR_SET_DUMPABLE, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(0);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

[[noreturn]] void end_serving(bool orderly) {
  if (orderly || errno == EPIPE || errno == ECONNRESET) ::_exit(0);
  std::abort();
}

[[noreturn]] void watch_children(WatchedChildren children) {
  Watcher(std::move(children)).watch();
}

}  // namespace sallyport::process
