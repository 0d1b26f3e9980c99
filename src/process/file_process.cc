#include "process/file_process.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "files/acting_as.h"
#include "files/beneath.h"
#include "files/fd_message.h"
#include "files/file_box.h"
#include "files/file_turns.h"
#include "process/hardening.h"
#include "process/watcher.h"

namespace sallyport::process {

namespace {

// What a client asks for is cut by this, as OpenSSH's server does it.
constexpr mode_t kUmask = 022;
// For processes that are to end by themselves: two seconds.
constexpr int kPatienceSteps = 400;
constexpr timespec kPatienceStep{0, 5'000'000};

[[noreturn]] void cannot_start_files(const Error& error) {
  std::fprintf(stderr, "sallyport: %s\n", error.message.c_str());
  ::_exit(kCannotStart);
}

struct Served {
  std::string directory;
  int socket = -1;
};

// One for each of `count` channels, shared by the processes that are started from here on.
files::FileTurns* shared_turns(std::size_t count) {
  void* const memory = ::mmap(nullptr, count * sizeof(files::FileTurns), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) cannot_start_files(errno_error("memory for the file processes", errno));
  auto* const turns = static_cast<files::FileTurns*>(memory);
  std::uninitialized_default_construct_n(turns, count);
  return turns;
}

// What has not even that is no message.
std::optional<Bytes> not_read(ByteView message) {
  if (message.size() < 4) return std::nullopt;
  files::FileReply reply;
  reply.number = load_be32(message.data());
  reply.error = EINVAL;
  return files::write_reply(reply);
}

Bytes lost(std::uint32_t number) {
  files::FileReply reply;
  reply.number = number;
  reply.error = files::kRestarted;
  return files::write_reply(reply);
}

// False when nobody listens any more.
bool serve_request(int socket, files::FileBox& box, files::FileTurns& turns,
                   const files::NumberedRequest& request, const UniqueFd& given) {
  switch (files::turn_of(turns, request)) {
    case files::FileTurn::kAnswered: return true;
    case files::FileTurn::kLost: return files::send_message(socket, lost(request.number), -1);
    case files::FileTurn::kDo: break;
  }
  turns.begun = request.number;
  const files::FileBox::Answer answer = box.answer(request, given);
  if (!files::send_message(socket, files::write_reply(answer.reply), answer.file.get()))
    return false;
  turns.answered = request.number;
  return true;
}

[[noreturn]] void serve_files_for_ever(const Served& served, files::FileTurns& turns,
                                       const FileOptions& options, pid_t watcher) {
  begin_child("sallyport-files", watcher);
  const int socket = served.socket;
  close_all_but({socket});
  ::umask(kUmask);
  if (const auto hardened = harden_file_process(options.seccomp); !hardened.ok())
    cannot_start_files(hardened.error());
  auto acting = files::ActingAs::from_this_process();
  if (!acting.ok()) cannot_start_files(acting.error());
  files::FileBox box(served.directory, *acting);
  Bytes message(files::kMaxFileMessage);
  for (;;) {
    UniqueFd given;
    const ssize_t n = files::receive_message(socket, message, given);
    if (n <= 0) end_serving(n == 0);
    const ByteView came = ByteView(message).first(static_cast<std::size_t>(n));
    const auto request = files::read_request(came);
    if (request.ok()) {
      if (!serve_request(socket, box, turns, *request, given)) end_serving(false);
      continue;
    }
    const auto refusal = not_read(came);
    // Only this program's other half says anything here.
    if (!refusal) std::abort();
    if (!files::send_message(socket, *refusal, -1)) end_serving(false);
  }
}

[[noreturn]] void watch_files_for_ever(const std::vector<Served>& served,
                                       const FileOptions& options, pid_t parent) {
  begin_child("sallyport-users", parent);
  // Here as well: whoever comes first.
  ::setpgid(0, 0);
  std::vector<int> sockets;
  for (const Served& one : served) sockets.push_back(one.socket);
  close_all_but(sockets);
  if (const auto hardened = harden_file_watcher(options.seccomp); !hardened.ok())
    cannot_start_files(hardened.error());
  files::FileTurns* const turns = shared_turns(served.size());
  const auto serve = [&](std::size_t index, pid_t watcher) {
    serve_files_for_ever(served[index], turns[index], options, watcher);
  };
  watch_children({sockets, serve, lost(0), "a process that acts as users"});
}

}  // namespace

Result<std::unique_ptr<FileProcess>> FileProcess::start(const std::vector<FilePlan>& plans,
                                                        const FileOptions& options) {
  TRY(files::check_beneath());
  TRY_ASSIGN(const files::ActingAs acting, files::ActingAs::from_this_process());
  std::unique_ptr<FileProcess> out(new FileProcess);
  out->rights_ = {acting.anybody(), static_cast<std::uint32_t>(::geteuid()),
                  static_cast<std::uint32_t>(::getegid())};
  std::vector<Served> theirs;
  std::vector<UniqueFd> ends;
  for (const FilePlan& plan : plans) {
    Channels& channels = out->channels_.emplace_back();
    channels.id = plan.id;
    for (unsigned i = 0; i < options.processes; ++i) {
      int pair[2];
      if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return errno_error("a socket pair for a file system", errno);
      channels.channels.push_back(std::make_unique<files::SocketFileChannel>(pair[0]));
      ends.emplace_back(pair[1]);
      theirs.push_back({plan.directory, pair[1]});
    }
  }
  std::fflush(nullptr);
  const pid_t self = ::getpid();
  const pid_t watcher = ::fork();
  if (watcher == 0) watch_files_for_ever(theirs, options, self);
  if (watcher < 0) return errno_error("starting the processes that act as users", errno);
  ::setpgid(watcher, watcher);
  out->watcher_ = watcher;
  return out;
}

FileProcess::~FileProcess() {
  channels_.clear();
  for (int i = 0; i < kPatienceSteps && alive(); ++i) ::nanosleep(&kPatienceStep, nullptr);
  if (!alive()) return;
  kill();
  while (::waitpid(watcher_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

// As a group: who has acted as somebody is not told of the death of his parent any more.
void FileProcess::kill() {
  if (alive()) ::kill(-watcher_, SIGKILL);
}

bool FileProcess::alive() {
  if (watcher_ > 0 && ::waitpid(watcher_, nullptr, WNOHANG) == watcher_) watcher_ = 0;
  return watcher_ > 0;
}

}  // namespace sallyport::process
