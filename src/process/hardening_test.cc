#include "process/hardening.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "process/testing/forked.h"

namespace sallyport::process {
namespace {

using testing::run_forked;
using testing::status_line;

// Exit codes of the forks.
constexpr int kAsExpected = 0, kOtherwise = 1, kNotHardened = 2;

int refused_with(long result, int error) {
  return result == -1 && errno == error ? kAsExpected : kOtherwise;
}

template <class F>
int as_server(F attempt) {
  return run_forked([&] { return harden_server(true).ok() ? attempt() : kNotHardened; });
}
template <class F>
int as_signer(F attempt) {
  return run_forked([&] { return harden_signing_process(true).ok() ? attempt() : kNotHardened; });
}

bool as_expected(int status) {
  return WIFEXITED(status) && WEXITSTATUS(status) == kAsExpected;
}
// A signing process does not survive it; under sanitizers the call fails.
bool stopped(int status) {
  if (hardening_is_lenient()) return as_expected(status);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

TEST(Hardening, AServerRunsNoPrograms) {
  if (hardening_is_lenient()) GTEST_SKIP() << "sanitizers run programs";
  const auto attempt = [] {
    char name[] = "/bin/true";
    char* arguments[] = {name, nullptr};
    return refused_with(::execve(name, arguments, nullptr), EPERM);
  };
  EXPECT_TRUE(as_expected(as_server(attempt)));
}

TEST(Hardening, AServerStartsNoProcesses) {
  if (hardening_is_lenient()) GTEST_SKIP() << "sanitizers start processes";
  EXPECT_TRUE(as_expected(as_server([] { return refused_with(::fork(), EPERM); })));
}

TEST(Hardening, AServerTracesNothing) {
  if (hardening_is_lenient()) GTEST_SKIP() << "sanitizers trace";
  EXPECT_TRUE(as_expected(
      as_server([] { return refused_with(::ptrace(PTRACE_TRACEME, 0, 0, 0), EPERM); })));
}

TEST(Hardening, AServerLeavesTheMachineAlone) {
  const auto attempt = [] {
    for (const long call :
         {SYS_mount, SYS_umount2, SYS_bpf, SYS_perf_event_open, SYS_kexec_load, SYS_init_module,
          SYS_finit_module, SYS_unshare, SYS_setns, SYS_chroot, SYS_keyctl, SYS_process_vm_readv,
          SYS_userfaultfd, SYS_setuid, SYS_reboot, SYS_io_uring_setup})
      if (refused_with(::syscall(call, 0, 0, 0, 0, 0, 0), EPERM) != kAsExpected)
        return static_cast<int>(call % 250) + 3;
    return kAsExpected;
  };
  const int status = as_server(attempt);
  EXPECT_TRUE(as_expected(status)) << status;
}

TEST(Hardening, AServerStillHasThreadsFilesAndSockets) {
  const auto attempt = [] {
    int seen = 0;
    std::thread([&seen] { seen = 1; }).join();
    const int file = ::open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    return seen == 1 && file >= 0 && socket >= 0 ? kAsExpected : kOtherwise;
  };
  EXPECT_TRUE(as_expected(as_server(attempt)));
}

int put_filter() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sock_filter accept_all{BPF_RET | BPF_K, 0, 0, ~std::uint32_t{0}};
  const sock_fprog program{1, &accept_all};
  return ::setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

TEST(Hardening, AServerPutsFiltersOnItsSocketsIfItCouldBefore) {
  if (put_filter() != 0) GTEST_SKIP() << "this user may not";
  EXPECT_TRUE(as_expected(as_server([] { return put_filter() == 0 ? kAsExpected : kOtherwise; })));
}

TEST(Hardening, AServerHasNoCapabilityButThoseOfPortsAndFilters) {
  const auto attempt = [] {
    // CAP_NET_BIND_SERVICE, and CAP_NET_ADMIN where the kernel wants it for filters.
    const std::string left = status_line(::getpid(), "CapEff");
    const bool good =
        left == "0000000000000000" || left == "0000000000000400" || left == "0000000000001400";
    return good && status_line(::getpid(), "NoNewPrivs") == "1" &&
                   status_line(::getpid(), "Seccomp") == "2"
               ? kAsExpected
               : kOtherwise;
  };
  EXPECT_TRUE(as_expected(as_server(attempt)));
}

TEST(Hardening, WithoutSeccompThePrivilegesGoAllTheSame) {
  const auto attempt = [] {
    if (!harden_server(false).ok()) return kNotHardened;
    return status_line(::getpid(), "NoNewPrivs") == "1" && status_line(::getpid(), "Seccomp") == "0"
               ? kAsExpected
               : kOtherwise;
  };
  EXPECT_TRUE(as_expected(run_forked(attempt)));
}

TEST(Hardening, AWatcherStartsProcessesAndNoPrograms) {
  if (hardening_is_lenient()) GTEST_SKIP() << "sanitizers run programs";
  const auto attempt = [] {
    if (!harden_watcher(true).ok()) return kNotHardened;
    if (!as_expected(run_forked([] { return kAsExpected; }))) return kOtherwise;
    char name[] = "/bin/true";
    char* arguments[] = {name, nullptr};
    return refused_with(::execve(name, arguments, nullptr), EPERM);
  };
  EXPECT_TRUE(as_expected(run_forked(attempt)));
}

TEST(Hardening, ASigningProcessHasMemory) {
  const auto attempt = [] {
    const std::vector<char> much(8 << 20, 'x');
    return much.back() == 'x' ? kAsExpected : kOtherwise;
  };
  EXPECT_TRUE(as_expected(as_signer(attempt)));
}

TEST(Hardening, ASigningProcessOpensNoFile) {
  EXPECT_TRUE(
      stopped(as_signer([] { return refused_with(::open("/etc/passwd", O_RDONLY), EPERM); })));
}

TEST(Hardening, ASigningProcessMakesNoConnection) {
  EXPECT_TRUE(
      stopped(as_signer([] { return refused_with(::socket(AF_INET, SOCK_STREAM, 0), EPERM); })));
}

TEST(Hardening, ASigningProcessStartsNothing) {
  EXPECT_TRUE(stopped(as_signer([] { return refused_with(::syscall(SYS_fork), EPERM); })));
}

TEST(Hardening, ASigningProcessRunsNoMemory) {
  const auto attempt = [] {
    const void* made = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return refused_with(made == MAP_FAILED ? -1 : 0, EPERM);
  };
  EXPECT_TRUE(stopped(as_signer(attempt)));
}

}  // namespace
}  // namespace sallyport::process
