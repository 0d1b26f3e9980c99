// Sessions of servers whose Domain is EFS: every operation runs as the user's POSIX identity on
// the file system that his path names. Inside src/session only.
//
// As the managed service documents it: modes are changed by root alone; nothing is renamed onto an
// existing name; of users with logical directories READLINK, SYMLINK, STAT of a link and REALPATH
// through one are refused. An extended server lets owners change modes and posix-rename replace.
#pragma once

#include "session/backing.h"
#include "session/file_access.h"
#include "session/file_operation.h"

namespace sallyport::session {

class FileBacking final : public Backing {
 public:
  explicit FileBacking(std::shared_ptr<Core> core) : core_(std::move(core)) {}

  void connected() override;
  Task<Result<std::string>> real_path(std::string path) override;
  Task<Result<FileAttributes>> stat(Location location, bool follow) override;
  Task<Result<std::unique_ptr<Download>>> open_download(Location location) override;
  Task<Result<std::unique_ptr<Upload>>> open_upload(Location location, OpenMode mode) override;
  Task<Result<std::unique_ptr<DirectoryReader>>> open_directory(Location location) override;
  Task<Result<void>> make_directory(Location location,
                                    std::optional<std::uint32_t> permissions) override;
  Task<Result<void>> remove_directory(Location location) override;
  Task<Result<void>> remove_file(Location location) override;
  Task<Result<void>> rename(Location source, Location target, bool overwrite) override;
  Task<Result<void>> set_attributes(Location location, AttributeChange change,
                                    bool follow) override;
  Task<Result<Volume>> volume(Location location) override;
  Task<Result<std::string>> read_link(std::string path) override;
  Task<Result<void>> make_link(std::string target, std::string path) override;

 private:
  Task<Result<FileAttributes>> look(Location location, bool follow);
  Task<Result<std::string>> resolve(Location location);
  Task<Result<std::string>> link_text(std::string target, Location link, FileAccess access);
  Task<Result<void>> move(Location source, Location target, bool overwrite);
  // One request about a place, with the rights that it needs.
  Task<Result<files::FileReply>> ask(Location location, files::FileRequest request, bool write);

  std::shared_ptr<Core> core_;
};

// A change of the open file whose descriptor goes with the request.
files::FileRequest change_of_open(const Core& core, const AttributeChange& change,
                                  files::PosixIdentity who);

std::unique_ptr<Download> make_file_download(std::shared_ptr<Core> core, Location location,
                                             FileOperation operation,
                                             std::unique_ptr<files::OpenFile> file);
std::unique_ptr<Upload> make_file_upload(std::shared_ptr<Core> core, Location location,
                                         OpenMode mode, FileOperation operation, FileAccess access,
                                         std::unique_ptr<files::OpenFile> file);
std::unique_ptr<DirectoryReader> make_file_reader(std::shared_ptr<Core> core, Location location);
std::unique_ptr<DirectoryReader> make_file_systems_reader(std::shared_ptr<Core> core);

}  // namespace sallyport::session
