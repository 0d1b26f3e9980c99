#include "files/acting_as.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

namespace sallyport::files {

namespace {

constexpr std::uint64_t bit(int capability) {
  return std::uint64_t{1} << capability;
}

constexpr std::uint64_t kToBeOthers = bit(CAP_SETUID) | bit(CAP_SETGID);
// What root does with files that others may not.
constexpr std::uint64_t kOverFiles = bit(CAP_CHOWN) | bit(CAP_DAC_OVERRIDE) |
                                     bit(CAP_DAC_READ_SEARCH) | bit(CAP_FOWNER) | bit(CAP_FSETID);

void put_in_force(std::uint64_t effective, std::uint64_t permitted) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const auto low = [](std::uint64_t v) { return static_cast<std::uint32_t>(v); };
  const auto high = [](std::uint64_t v) { return static_cast<std::uint32_t>(v >> 32); };
  const __user_cap_data_struct data[2] = {{low(effective), low(permitted), 0},
                                          {high(effective), high(permitted), 0}};
  if (::syscall(SYS_capset, &header, data) != 0) std::abort();
}

// setfsuid(2) reports no failure: it answers with what was before.
bool set_id(long call, std::uint32_t id) {
  ::syscall(call, id);
  return static_cast<std::uint32_t>(::syscall(call, std::uint32_t(-1))) == id;
}

bool set_groups(const auto& groups) {
  return ::syscall(SYS_setgroups, groups.size(), groups.data()) == 0;
}

Result<std::vector<gid_t>> groups_of_this_process() {
  const int count = ::getgroups(0, nullptr);
  std::vector<gid_t> out(static_cast<std::size_t>(std::max(count, 0)));
  if (count < 0 || ::getgroups(count, out.data()) != count)
    return errno_error("reading the groups", errno);
  return out;
}

bool has_groups(const std::vector<gid_t>& groups) {
  const auto now = groups_of_this_process();
  return now.ok() && *now == groups;
}

}  // namespace

Result<ActingAs> ActingAs::from_this_process() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  if (::syscall(SYS_capget, &header, data) != 0)
    return errno_error("reading the capabilities", errno);
  ActingAs out;
  out.own_uid_ = static_cast<std::uint32_t>(::geteuid());
  out.own_gid_ = static_cast<std::uint32_t>(::getegid());
  TRY_ASSIGN(out.own_groups_, groups_of_this_process());
  out.permitted_ = data[0].permitted | std::uint64_t{data[1].permitted} << 32;
  out.anybody_ = (out.permitted_ & kToBeOthers) == kToBeOthers;
  return out;
}

bool ActingAs::become(const PosixIdentity& who) {
  // -1 means "as it is" to these calls.
  if (who.uid == std::uint32_t(-1) || who.gid == std::uint32_t(-1)) return false;
  if (!anybody_ && (who.uid != own_uid_ || who.gid != own_gid_)) return false;
  away_ = true;
  if (anybody_ && !take_ids(who)) {
    return_to_self();
    return false;
  }
  // Last, as the kernel raises and drops some of them with the file system's uid 0.
  put_in_force(who.uid == 0 ? permitted_ : permitted_ & ~kOverFiles, permitted_);
  return true;
}

// An id that this user namespace does not map is nobody's here.
bool ActingAs::take_ids(const PosixIdentity& who) {
  return set_groups(who.groups) && set_id(SYS_setfsgid, who.gid) && set_id(SYS_setfsuid, who.uid);
}

void ActingAs::return_to_self() {
  if (!away_) return;
  put_in_force(permitted_, permitted_);
  if (!set_id(SYS_setfsuid, own_uid_) || !set_id(SYS_setfsgid, own_gid_)) std::abort();
  if (anybody_ && !set_groups(own_groups_) && !has_groups(own_groups_)) std::abort();
  put_in_force(permitted_, permitted_);
  away_ = false;
}

}  // namespace sallyport::files
