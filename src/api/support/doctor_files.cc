// The part of an examination that looks at file systems, and at users of servers whose Domain is
// EFS.
#include <fmt/format.h>

#include "api/support/doctor.h"
#include "session/explain_step.h"

namespace sallyport::api {

void Doctor::look_at_file_systems() {
  for (const HostFacts::FileSystem& one : file_systems_.all) {
    const std::string next = "ls -ld " + session::shell_word(one.path);
    if (!one.exists)
      fault(Level::kProblem, "file systems", "missing", one.id,
            "its directory " + one.path + " is not there", next);
    if (!one.fault.empty())
      fault(Level::kProblem, "file systems", "path", one.id,
            "its directory " + one.path + " " + one.fault +
                ": clients could reach the program's secrets",
            next);
  }
  if (!file_systems_.all.empty() && !file_systems_.acts_as_anybody)
    fault(Level::kWarning, "file systems", "identity", "this program",
          fmt::format("may not act as other users: only those with Uid {} and Gid {} can log in",
                      file_systems_.uid, file_systems_.gid),
          "systemctl edit sallyport   # AmbientCapabilities=CAP_SETUID CAP_SETGID CAP_CHOWN "
          "CAP_DAC_OVERRIDE CAP_FOWNER CAP_FSETID, or run it as root");
  if (!file_systems_.all.empty())
    findings_.fine("file systems",
                   fmt::format("{} are there, and users are acted as", file_systems_.all.size()));
}

void Doctor::look_at_file_user(const model::User& user, const std::string& file_system,
                               const std::string& subject, const std::string& next) {
  bool known = file_system.empty();
  for (const HostFacts::FileSystem& one : file_systems_.all) known |= one.id == file_system;
  if (!known)
    fault(Level::kProblem, "users", "file-system-missing", subject,
          "is led to the file system " + file_system + ", which the configuration does not name",
          next);
  if (!user.posix_profile) {
    fault(Level::kProblem, "users", "no-profile", subject, "cannot log in: he has no POSIX profile",
          next);
  } else if (!file_systems_.all.empty() && !file_systems_.acts_as_anybody &&
             (user.posix_profile->uid != file_systems_.uid ||
              user.posix_profile->gid != file_systems_.gid)) {
    fault(Level::kProblem, "users", "identity", subject,
          fmt::format("cannot log in: this program may not act as Uid {} and Gid {}",
                      user.posix_profile->uid, user.posix_profile->gid),
          next);
  }
}

}  // namespace sallyport::api
