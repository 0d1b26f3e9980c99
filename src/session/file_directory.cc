#include "codec/utf8.h"
#include "session/file_backing.h"
#include "session/listing.h"

namespace sallyport::session {

namespace {

// A directory of a file system. The order is the file system's own.
class FileReader final : public ReaderBase {
 public:
  FileReader(std::shared_ptr<Core> shared, Location directory)
      : ReaderBase(std::move(shared)), directory_(std::move(directory)) {}

 private:
  Task<Result<std::vector<DirectoryEntry>>> read(std::uint32_t limit) override {
    if (!opened_.valid()) CO_TRY(co_await open());
    files::FileRequest request = request_of(files::FileVerb::kReadDirectory);
    request.who = access_.who;
    request.cookie = cookie_;
    request.most = limit;
    CO_TRY_ASSIGN(auto reply, co_await access_.system->ask(std::move(request), opened_.get()));
    cookie_ = reply.cookie;
    if (reply.end) end();
    std::vector<DirectoryEntry> out;
    for (files::FileEntry& entry : reply.entries) {
      // No path could say such a name.
      if (!codec::is_valid_utf8(entry.name)) continue;
      out.push_back({std::move(entry.name), attributes_of(entry.status)});
    }
    co_return out;
  }

  Task<Result<void>> open() {
    CO_TRY_ASSIGN(access_, co_await enter_file_system(core(), directory_.bucket, false));
    files::FileRequest request = request_of(files::FileVerb::kOpenDirectory);
    request.who = access_.who;
    request.at = place_of(directory_);
    CO_TRY_ASSIGN(opened_, co_await access_.system->open_directory(std::move(request)));
    co_return ok();
  }

  Location directory_;
  FileAccess access_;
  files::AsideFd opened_;
  std::uint64_t cookie_ = 0;
};

// "/" of a PATH user: the file systems that his role lets him mount.
class FileSystemsReader final : public ReaderBase {
 public:
  using ReaderBase::ReaderBase;

 private:
  Task<Result<std::vector<DirectoryEntry>>> read(std::uint32_t) override {
    end();
    std::vector<DirectoryEntry> out;
    std::optional<Error> denied;
    if (core().services.files == nullptr) co_return out;
    for (const auto& [id, system] : core().services.files->all()) {
      auto access = co_await enter_file_system(core(), id, false);
      if (access.ok()) {
        out.push_back({id, FileAttributes{.directory = true}});
        continue;
      }
      if (access.error().reason != files::kPosix) co_return std::move(access).error();
      denied = access.error();
    }
    if (out.empty() && denied) co_return *denied;
    co_return out;
  }
};

}  // namespace

std::unique_ptr<DirectoryReader> make_file_reader(std::shared_ptr<Core> core, Location location) {
  return std::make_unique<FileReader>(std::move(core), std::move(location));
}

std::unique_ptr<DirectoryReader> make_file_systems_reader(std::shared_ptr<Core> core) {
  return std::make_unique<FileSystemsReader>(std::move(core));
}

}  // namespace sallyport::session
