#include "process/hardening.h"

#include <fmt/format.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <span>

#include "base/unique_fd.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define SALLYPORT_LENIENT 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SALLYPORT_LENIENT 1
#endif
#ifndef SALLYPORT_LENIENT
#define SALLYPORT_LENIENT 0
#endif

namespace sallyport::process {

namespace {

struct Release {
  void operator()(void* filter) const { ::seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, Release>;

// By name: an architecture or a libseccomp that lacks a call does not need the rule.
Result<void> add(const Filter& filter, std::uint32_t action, const char* name) {
  const int number = ::seccomp_syscall_resolve_name(name);
  if (number == __NR_SCMP_ERROR) return ok();
  const int error = ::seccomp_rule_add(filter.get(), action, number, 0);
  // EACCES: the rule is the default anyway; EDOM: not of this architecture.
  if (error != 0 && error != -EACCES && error != -EDOM)
    return errno_error(fmt::format("a seccomp rule for {}", name), -error);
  return ok();
}

Result<void> load(const Filter& filter) {
  // A tree instead of a chain: every system call passes it.
  ::seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);
  // Another architecture's calls have other numbers.
  ::seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  if (const int error = ::seccomp_load(filter.get()); error != 0)
    return Error(
        Errc::kUnsupported,
        fmt::format("the kernel takes no seccomp filter (error {}); hardening.seccomp = off "
                    "does without",
                    -error));
  return ok();
}

constexpr const char* kNeverNeeded[] = {
    // other programs' memory and the kernel's inside
    "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd",
    "perf_event_open", "bpf", "userfaultfd", "lookup_dcookie", "syslog", "kexec_load",
    "kexec_file_load", "init_module", "finit_module", "delete_module", "create_module", "iopl",
    "ioperm", "modify_ldt", "vm86", "vm86old",
    // the machine
    "reboot", "swapon", "swapoff", "acct", "settimeofday", "clock_settime", "clock_settime64",
    "clock_adjtime", "clock_adjtime64", "adjtimex", "stime", "sethostname", "setdomainname",
    "quotactl", "quotactl_fd", "nfsservctl", "vhangup",
    // other views of the file system
    "mount", "umount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen",
    "fsconfig", "fsmount", "fspick", "mount_setattr", "setns", "unshare", "name_to_handle_at",
    "open_by_handle_at", "mknod", "mknodat",
    // keys
    "add_key", "request_key", "keyctl",
    // ways around this filter
    "io_uring_setup", "io_uring_enter", "io_uring_register", "personality"};

constexpr const char* kIdentities[] = {"setuid",    "setgid",    "setreuid", "setregid", "setresuid",
                                       "setresgid", "setfsuid", "setfsgid", "setgroups"};
constexpr const char* kPrograms[] = {"execve", "execveat"};
constexpr const char* kTracing[] = {"ptrace"};

// glibc takes clone() when clone3(), whose flags no filter can see, is not there.
Result<void> refuse_new_processes(const Filter& filter) {
  for (const char* name : {"fork", "vfork"}) TRY(add(filter, SCMP_ACT_ERRNO(EPERM), name));
  TRY(add(filter, SCMP_ACT_ERRNO(ENOSYS), "clone3"));
  const int error = ::seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                                       SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
  if (error != 0) return errno_error("a seccomp rule for clone", -error);
  return ok();
}

Result<void> filter_known_evils(bool processes, bool identities = false) {
  const Filter filter(::seccomp_init(SCMP_ACT_ALLOW));
  if (!filter) return errno_error("a seccomp filter", ENOMEM);
  const auto refuse = [&filter](std::span<const char* const> names) -> Result<void> {
    for (const char* name : names) TRY(add(filter, SCMP_ACT_ERRNO(EPERM), name));
    return ok();
  };
  TRY(refuse(kNeverNeeded));
  if (!identities) TRY(refuse(kIdentities));
  // The leak check traces from a process of its own, and reports are made readable by a program.
  if (!hardening_is_lenient()) {
    TRY(refuse(kPrograms));
    TRY(refuse(kTracing));
    if (!processes) TRY(refuse_new_processes(filter));
  }
  return load(filter);
}

constexpr const char* kSigningNeeds[] = {
    "recvfrom", "recvmsg", "sendto", "sendmsg", "recv", "send", "getrandom", "futex", "brk",
    "munmap", "mremap", "madvise", "clock_gettime", "clock_gettime64", "gettimeofday", "time",
    "getpid", "gettid", "rt_sigreturn", "sigreturn", "rt_sigprocmask", "sigprocmask", "sched_yield",
    "nanosleep", "clock_nanosleep", "restart_syscall", "close", "exit", "exit_group",
    // an abort and its words on standard error
    "write", "writev", "tgkill", "rt_sigaction"};

constexpr const char* kFileNeeds[] = {
    "openat", "openat2", "open", "fstat", "fstat64", "newfstatat", "fstatat64", "statx", "lseek",
    "_llseek", "getdents64", "mkdirat", "unlinkat", "renameat", "renameat2", "symlinkat", "readlinkat",
    "readlink", "fchmod", "fchmodat", "chmod", "fchown", "fchownat", "utimensat",
    "utimensat_time64", "ftruncate", "ftruncate64", "fstatfs", "fstatfs64", "fcntl", "fcntl64",
    // acting as users
    "setfsuid", "setfsuid32", "setfsgid", "setfsgid32", "setgroups", "setgroups32", "capset", "capget", "geteuid", "geteuid32", "getegid",
    "getegid32", "getgroups", "getgroups32"};

// What the signing process needs, and `more`.
Result<void> filter_all_but(std::span<const char* const> more) {
  const Filter filter(
      ::seccomp_init(hardening_is_lenient() ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_KILL_PROCESS));
  if (!filter) return errno_error("a seccomp filter", ENOMEM);
  for (const char* name : kSigningNeeds) TRY(add(filter, SCMP_ACT_ALLOW, name));
  for (const char* name : more) TRY(add(filter, SCMP_ACT_ALLOW, name));
  if (hardening_is_lenient()) TRY(add(filter, SCMP_ACT_ALLOW, "sigaltstack"));
  // Memory, but none that is run.
  constexpr scmp_datum_t kExecutable = 4;
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mmap2), SCMP_SYS(mprotect)}) {
    const int error = ::seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 1,
                                         SCMP_A2(SCMP_CMP_MASKED_EQ, kExecutable, 0));
    if (error != 0 && error != -EDOM) return errno_error("a seccomp rule for memory", -error);
  }
  return load(filter);
}

constexpr std::uint32_t kNetAdmin = std::uint32_t{1} << CAP_NET_ADMIN;
constexpr std::uint32_t capability_bit(int capability) { return std::uint32_t{1} << capability; }
constexpr std::uint32_t kFileCapabilities =
    capability_bit(CAP_SETUID) | capability_bit(CAP_SETGID) | capability_bit(CAP_CHOWN) |
    capability_bit(CAP_DAC_OVERRIDE) | capability_bit(CAP_FOWNER) | capability_bit(CAP_FSETID);
constexpr std::uint32_t kServerCapabilities = std::uint32_t{1} << CAP_NET_BIND_SERVICE | kNetAdmin;

// Of the calling thread; those of the first 32 by name.
class Capabilities {
 public:
  Result<void> read() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    if (::syscall(SYS_capget, &header, data_) != 0)
      return errno_error("reading the capabilities", errno);
    return ok();
  }
  std::uint32_t permitted() const { return data_[0].permitted; }
  // Those that were read, all of them or none of them in force.
  Result<void> put(bool in_force) const {
    __user_cap_data_struct data[2] = {data_[0], data_[1]};
    if (!in_force) data[0].effective = data[1].effective = 0;
    return write(data);
  }
  // These and no others, for good.
  static Result<void> set(std::uint32_t kept) {
    __user_cap_data_struct data[2] = {{kept, kept, 0}, {0, 0, 0}};
    return write(data);
  }

 private:
  static Result<void> write(const __user_cap_data_struct (&data)[2]) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    if (::syscall(SYS_capset, &header, data) != 0)
      return errno_error("giving the capabilities up", errno);
    return ok();
  }
  __user_cap_data_struct data_[2] = {};
};

// Most kernels let everybody put a filter on a socket of his own, some do not; allow lists are
// such filters.
Result<bool> filters_need_net_admin(const Capabilities& had) {
  TRY(had.put(false));
  const UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sock_filter accept_all{BPF_RET | BPF_K, 0, 0, ~std::uint32_t{0}};
  const sock_fprog program{1, &accept_all};
  const bool refused =
      socket.valid() &&
      ::setsockopt(socket.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0 &&
      errno == EPERM;
  TRY(had.put(true));
  return refused;
}

Result<void> drop_capabilities(std::uint32_t kept) {
  Capabilities had;
  TRY(had.read());
  kept &= had.permitted();
  if ((kept & kNetAdmin) != 0) {
    TRY_ASSIGN(const bool needed, filters_need_net_admin(had));
    if (!needed) kept &= ~kNetAdmin;
  }
  for (unsigned capability = 0; ::prctl(PR_CAPBSET_READ, capability) >= 0; ++capability) {
    // Without CAP_SETPCAP there is nothing to be gained either.
    const bool keep = capability < 32 && (kept >> capability & 1) != 0;
    if (!keep) ::prctl(PR_CAPBSET_DROP, capability);
  }
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  return Capabilities::set(kept);
}

Result<void> give_up_privileges(std::uint32_t kept) {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return errno_error("giving new privileges up", errno);
  return drop_capabilities(kept);
}

}  // namespace

bool hardening_is_lenient() {
  return SALLYPORT_LENIENT != 0;
}

Result<void> harden_server(bool seccomp) {
  TRY(give_up_privileges(kServerCapabilities));
  return seccomp ? filter_known_evils(false) : ok();
}

Result<void> harden_watcher(bool seccomp) {
  TRY(give_up_privileges(0));
  return seccomp ? filter_known_evils(true) : ok();
}

Result<void> harden_signing_process(bool seccomp) {
  TRY(give_up_privileges(0));
  return seccomp ? filter_all_but({}) : ok();
}

Result<void> harden_file_watcher(bool seccomp) {
  TRY(give_up_privileges(kFileCapabilities));
  return seccomp ? filter_known_evils(true, /*identities=*/true) : ok();
}

Result<void> harden_file_process(bool seccomp) {
  TRY(give_up_privileges(kFileCapabilities));
  return seccomp ? filter_all_but(kFileNeeds) : ok();
}

}  // namespace sallyport::process
