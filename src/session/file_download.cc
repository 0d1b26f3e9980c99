#include <algorithm>

#include "session/file_backing.h"

namespace sallyport::session {

namespace {

class FileDownload final : public Download {
 public:
  FileDownload(std::shared_ptr<Core> core, Location location, FileOperation operation,
               std::unique_ptr<files::OpenFile> file)
      : core_(std::move(core)),
        location_(std::move(location)),
        operation_(operation),
        file_(std::move(file)),
        attributes_(attributes_of(file_->status())) {}

  const FileAttributes& attributes() const override { return attributes_; }

  Task<Result<FileAttributes>> look() override {
    if (ended_) co_return ended_error();
    const auto now = co_await file_->look();
    if (!now.ok()) co_return core_->log.failed("STAT", location_.storage_path(), now.error());
    attributes_ = attributes_of(*now);
    co_return attributes_;
  }

  Task<Result<std::size_t>> read_at(std::uint64_t offset, std::span<const iovec> into) override {
    if (ended_) co_return ended_error();
    auto got = co_await file_->read_at(offset, into);
    co_return counted(offset, std::move(got));
  }

  std::optional<Result<std::size_t>> try_read_at(std::uint64_t offset,
                                                 std::span<const iovec> into) override {
    if (ended_) return Result<std::size_t>(ended_error());
    auto got = file_->try_read_at(offset, into);
    if (!got) return std::nullopt;
    return counted(offset, std::move(*got));
  }

  bool takes_attributes() const override { return true; }

  // It was opened without the right to write.
  Task<Result<void>> set_attributes(AttributeChange change) override {
    if (ended_) co_return ended_error();
    const auto set = co_await change_there(change);
    if (!set.ok()) co_return core_->log.failed("SETSTAT", location_.storage_path(), set.error());
    core_->log.activity("SETSTAT", location_.storage_path());
    co_return ok();
  }

  Task<Result<void>> close() override {
    if (ended_) co_return ended_error();
    end("CLOSE");
    co_return ok();
  }

  Task<void> connection_lost() override {
    if (!ended_) end("PARTIAL_CLOSE");
    co_return;
  }

 private:
  static Error ended_error() { return Error(Errc::kInvalidArgument, "the file is closed"); }

  Task<Result<void>> change_there(AttributeChange change) {
    CO_TRY_ASSIGN(FileAccess access, co_await enter_file_system(*core_, location_.bucket, true));
    files::FileRequest request = change_of_open(*core_, change, std::move(access.who));
    CO_TRY(co_await access.system->ask(std::move(request), file_->descriptor()));
    co_return ok();
  }

  Result<std::size_t> counted(std::uint64_t offset, Result<std::size_t> got) {
    if (!got.ok()) {
      failure_ = core_->log.failed("READ", location_.storage_path(), got.error());
      return *failure_;
    }
    bytes_ += *got;
    furthest_ = std::max(furthest_, offset + *got);
    return got;
  }

  void end(std::string_view activity) {
    ended_ = true;
    core_->log.activity(activity, location_.storage_path(),
                        {{"bytes-out", std::to_string(bytes_)}});
    core_->count_transfer(/*in=*/false, bytes_, activity == "CLOSE");
    const std::uint64_t size = attributes_.size;
    if (failure_) {
      static_cast<void>(operation_.failed(location_, *failure_, bytes_));
    } else if (bytes_ >= size && furthest_ >= size) {
      operation_.transferred(location_, bytes_, {});
    } else {
      operation_.cut_short(location_, bytes_);
    }
    file_.reset();
  }

  std::shared_ptr<Core> core_;
  Location location_;
  FileOperation operation_;
  std::unique_ptr<files::OpenFile> file_;
  FileAttributes attributes_;
  std::uint64_t bytes_ = 0;
  std::uint64_t furthest_ = 0;
  std::optional<Error> failure_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Download> make_file_download(std::shared_ptr<Core> core, Location location,
                                             FileOperation operation,
                                             std::unique_ptr<files::OpenFile> file) {
  return std::make_unique<FileDownload>(std::move(core), std::move(location), operation,
                                        std::move(file));
}

}  // namespace sallyport::session
