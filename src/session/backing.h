// What lies behind a session's door: objects or files. The session maps and cleans paths, and keeps
// what both share (Core); a backing asks iam, acts, and writes the lines of what it did. Inside
// src/session only.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "session/core.h"

namespace sallyport::session {

// Operations as those of Session, with its errors. On the session's loop; calls may overlap.
class Backing {
 public:
  virtual ~Backing() = default;
  // After CONNECTED: what the log has to say of this session.
  virtual void connected() {}
  // `path` as the client says it.
  virtual Task<Result<std::string>> real_path(std::string path) = 0;
  // `follow`: of a link, what it points to.
  virtual Task<Result<FileAttributes>> stat(Location location, bool follow) = 0;
  virtual Task<Result<std::unique_ptr<Download>>> open_download(Location location) = 0;
  virtual Task<Result<std::unique_ptr<Upload>>> open_upload(Location location, OpenMode mode) = 0;
  virtual Task<Result<std::unique_ptr<DirectoryReader>>> open_directory(Location location) = 0;
  virtual Task<Result<void>> make_directory(Location location,
                                            std::optional<std::uint32_t> permissions) = 0;
  virtual Task<Result<void>> remove_directory(Location location) = 0;
  virtual Task<Result<void>> remove_file(Location location) = 0;
  virtual Task<Result<void>> rename(Location source, Location target, bool overwrite) = 0;
  virtual Task<Result<void>> set_attributes(Location location, AttributeChange change,
                                            bool follow) = 0;
  virtual Task<Result<Volume>> volume(Location location) = 0;
  virtual Task<Result<std::string>> read_link(std::string path) = 0;
  // `path` becomes a link to `target`.
  virtual Task<Result<void>> make_link(std::string target, std::string path) = 0;
};

std::unique_ptr<Backing> make_object_backing(std::shared_ptr<Core> core);
std::unique_ptr<Backing> make_file_backing(std::shared_ptr<Core> core);

}  // namespace sallyport::session
