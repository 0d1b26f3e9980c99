// Sessions of servers whose Domain is S3. Inside src/session only.
#pragma once

#include "session/backing.h"

namespace sallyport::session {

class ObjectBacking final : public Backing {
 public:
  explicit ObjectBacking(std::shared_ptr<Core> core) : core_(std::move(core)) {}

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
  storage::ObjectStore& objects() const { return core_->services.objects; }
  Upload* edited(const Location& location) const;
  Task<Result<std::unique_ptr<storage::ObjectWriter>>> start_upload(const Location& location,
                                                                    OpenMode mode);
  Task<Result<void>> make_marker(const Location& location);
  Task<Result<void>> remove_marker(const Location& location);
  Task<Result<void>> remove_object(const Location& location);
  Task<Result<void>> move(const Location& from, const Location& to);

  std::shared_ptr<Core> core_;
};

}  // namespace sallyport::session
