#include "app/file_systems.h"

#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include "app/file_system_paths.h"

namespace sallyport::app {

Result<std::unique_ptr<process::FileProcess>> start_file_process(const config::Settings& settings) {
  if (settings.file_systems.empty()) return std::unique_ptr<process::FileProcess>();
  std::vector<process::FilePlan> plans;
  for (const auto& [id, section] : settings.file_systems) plans.push_back({id, section.path});
  process::FileOptions options;
  options.processes = static_cast<unsigned>(settings.threads_files);
  options.seccomp = settings.hardening_seccomp == "on";
  return process::FileProcess::start(plans, options);
}

std::unique_ptr<files::FileSystems> make_file_systems(process::FileProcess* process,
                                                      const config::Settings& settings) {
  if (process == nullptr) return nullptr;
  std::vector<std::unique_ptr<files::FileSystem>> systems;
  for (process::FileProcess::Channels& one : process->take_channels())
    systems.push_back(std::make_unique<files::FileSystem>(
        one.id, std::move(one.channels), static_cast<unsigned>(settings.threads_files),
        settings.storage_sync == "full"));
  const files::ActingRights& rights = process->rights();
  if (!rights.anybody)
    spdlog::warn(
        "file systems: this program may not act as other users (it lacks CAP_SETUID and "
        "CAP_SETGID): only users with Uid {} and Gid {} can log in to servers with Domain=EFS",
        rights.own_uid, rights.own_gid);
  return std::make_unique<files::FileSystems>(std::move(systems), rights);
}

api::HostFacts::FileSystems file_system_facts(const config::Settings& settings,
                                              const files::FileSystems* systems) {
  api::HostFacts::FileSystems out;
  if (systems == nullptr) return out;
  for (const auto& [id, section] : settings.file_systems) {
    struct stat status {};
    const bool exists = ::stat(section.path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
    out.all.push_back({id, section.path, exists, fault_of_path(section.path, settings.data_dir)});
  }
  out.acts_as_anybody = systems->rights().anybody;
  out.uid = systems->rights().own_uid;
  out.gid = systems->rights().own_gid;
  return out;
}

}  // namespace sallyport::app
