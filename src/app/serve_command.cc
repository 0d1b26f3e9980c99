#include <fmt/format.h>
#include <signal.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "app/commands.h"
#include "app/installation.h"

namespace sallyport::app {
namespace {

constexpr int kFailed = 1;
constexpr int kBadUsage = 2;

void set_up_log(const std::string& level) {
  auto logger = spdlog::stderr_color_mt("sallyport");
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  logger->set_level(spdlog::level::from_str(level));
  spdlog::set_default_logger(std::move(logger));
}

// Ten thousand sessions need as many descriptors and more; the soft limit is often 1,024.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// Blocked in every thread and taken by serve_until_asked(), one at a time.
sigset_t handled_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) ::sigaddset(&set, signal);
  return set;
}

void reload(Installation& installation, const ServeArguments& arguments) {
  const auto loaded = config::load(arguments.config_file, arguments.given);
  const auto applied =
      loaded.ok() ? installation.apply_server_sections(loaded->settings) : Result<void>(loaded.error());
  if (applied.ok())
    spdlog::info("configuration read again: the [servers] sections count from now on");
  else
    spdlog::error("configuration not taken over: {}", applied.error().message);
}

// A second request to end does not wait for anything.
void end_at_once_on_next_signal(const sigset_t& signals) {
  for (int signal : {SIGINT, SIGTERM}) ::signal(signal, SIG_DFL);
  ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

// False when it has to end unasked.
bool serve_until_asked(Installation& installation, const ServeArguments& arguments, const sigset_t& signals,
                       std::int64_t scan_interval) {
  const timespec interval{scan_interval, 0};
  for (;;) {
    const int signal =
        scan_interval > 0 ? ::sigtimedwait(&signals, nullptr, &interval) : ::sigwaitinfo(&signals, nullptr);
    if (signal == SIGHUP) {
      reload(installation, arguments);
    } else if (signal == SIGCHLD) {
      if (!installation.healthy()) return false;
    } else if (signal > 0) {
      return true;
    } else if (errno == EAGAIN) {
      installation.scan_buckets();
    }
  }
}

int fail(const Error& error) {
  fmt::print(stderr, "sallyport: {}\n", error.message);
  return error.code == Errc::kInvalidArgument ? kBadUsage : kFailed;
}

}  // namespace

int serve_command(const ServeArguments& arguments) {
  auto loaded = config::load(arguments.config_file, arguments.given);
  if (!loaded.ok()) return fail(loaded.error());
  if (arguments.print_config) {
    fmt::print("{}", config::print(*loaded));
    return 0;
  }
  set_up_log(loaded->settings.log_level);
  raise_descriptor_limit();
  const sigset_t signals = handled_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  // A file that would grow past RLIMIT_FSIZE is an error of that write, as on a full disk, and not the end.
  ::signal(SIGXFSZ, SIG_IGN);

  const std::int64_t scan_interval = loaded->settings.storage_scan_interval;
  const std::string data_dir = loaded->settings.data_dir;
  auto installation = Installation::open(std::move(*loaded));
  if (!installation.ok()) return fail(installation.error());
  if (auto started = (*installation)->start(); !started.ok()) return fail(started.error());
  spdlog::info("serving: API on http://{}, data in {}", (*installation)->api_address(), data_dir);
  const bool asked = serve_until_asked(**installation, arguments, signals, scan_interval);
  if (!asked) spdlog::critical("the process that holds the host keys, or acts as users, was ended: this one ends too");
  spdlog::info("ending: live transfers may finish first; a second signal ends at once");
  end_at_once_on_next_signal(signals);
  if (!(*installation)->stop()) {
    spdlog::default_logger()->flush();
    ::_exit(kFailed);
  }
  spdlog::info("ended");
  return asked ? 0 : kFailed;
}

}  // namespace sallyport::app
