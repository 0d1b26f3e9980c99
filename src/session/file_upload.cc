#include <algorithm>

#include "base/vectored_io.h"
#include "session/file_backing.h"

namespace sallyport::session {

namespace {

// Everything goes to the file at once, as others may read it. What failed is told by the close,
// too: a client may send its writes without waiting for what becomes of each.
class FileUpload final : public Upload {
 public:
  FileUpload(std::shared_ptr<Core> core, Location location, OpenMode mode, FileOperation operation,
             FileAccess access, std::unique_ptr<files::OpenFile> file)
      : core_(std::move(core)),
        location_(std::move(location)),
        mode_(mode),
        operation_(operation),
        access_(std::move(access)),
        file_(std::move(file)),
        attributes_(attributes_of(file_->status())) {}

  bool may_wait() const override { return false; }
  bool readable() const override { return mode_.read; }
  bool takes_attributes() const override { return true; }
  FileAttributes attributes() const override { return attributes_; }

  Task<Result<FileAttributes>> look() override {
    if (file_ == nullptr) co_return ended_error();
    const auto now = co_await file_->look();
    if (!now.ok()) co_return core_->log.failed("STAT", path(), now.error());
    attributes_ = attributes_of(*now);
    co_return attributes_;
  }

  Task<Result<void>> write(std::uint64_t offset, std::span<const iovec> from) override {
    if (file_ == nullptr) co_return ended_error();
    if (!mode_.write && !mode_.append)
      co_return Error(Errc::kPermissionDenied, "The file is open for reading only");
    const std::uint64_t bytes = total_size(from);
    if (const auto may = core_->seat.take_upload_bytes(bytes); !may.ok())
      co_return write_failed(may.error());
    const auto written = co_await file_->write_at(offset, from);
    if (!written.ok()) co_return write_failed(written.error());
    bytes_ += bytes;
    const std::uint64_t end = mode_.append ? attributes_.size + bytes : offset + bytes;
    attributes_.size = std::max(attributes_.size, end);
    co_return ok();
  }

  Task<Result<std::size_t>> read_at(std::uint64_t offset, std::span<const iovec> into) override {
    if (file_ == nullptr) co_return ended_error();
    if (!mode_.read) co_return co_await Upload::read_at(offset, into);
    auto got = co_await file_->read_at(offset, into);
    if (!got.ok()) co_return core_->log.failed("READ", path(), got.error());
    co_return got;
  }

  Task<Result<void>> set_attributes(AttributeChange change) override {
    if (file_ == nullptr) co_return ended_error();
    files::FileRequest request = change_of_open(*core_, change, access_.who);
    auto set = co_await access_.system->ask(std::move(request), file_->descriptor());
    if (!set.ok()) co_return core_->log.failed("SETSTAT", path(), set.error());
    if (change.size) attributes_.size = *change.size;
    core_->log.activity("SETSTAT", path());
    co_return ok();
  }

  Task<Result<void>> sync() override {
    if (file_ == nullptr) co_return ended_error();
    const auto synced = co_await file_->sync();
    if (!synced.ok()) co_return write_failed(synced.error());
    co_return ok();
  }

  Task<Result<void>> close() override {
    if (file_ == nullptr) co_return ended_error();
    co_return co_await end("CLOSE");
  }

  Task<void> connection_lost() override {
    if (file_ == nullptr) co_return;
    // There is nobody left to tell; the line has been written.
    const auto ended = co_await end("PARTIAL_CLOSE");
    static_cast<void>(ended);
  }

 private:
  static Error ended_error() { return Error(Errc::kInvalidArgument, "the file is closed"); }
  std::string path() const { return location_.storage_path(); }

  Error write_failed(const Error& error) {
    Error told = core_->log.failed("WRITE", path(), error);
    if (!failure_) failure_ = error;
    return told;
  }

  Task<Result<void>> end(std::string_view activity) {
    const auto file = std::move(file_);
    const auto closed = co_await file->close();
    if (!closed.ok() && !failure_) failure_ = closed.error();
    if (failure_)
      co_return operation_.failed(
          location_, core_->log.failed("CLOSE", path(), *failure_, std::to_string(bytes_)), bytes_);
    const bool whole = activity == "CLOSE";
    core_->log.activity(activity, path(), {{"bytes-in", std::to_string(bytes_)}});
    core_->count_transfer(/*in=*/true, bytes_, whole);
    if (whole) {
      operation_.transferred(location_, bytes_, {});
    } else {
      operation_.cut_short(location_, bytes_);
    }
    co_return ok();
  }

  std::shared_ptr<Core> core_;
  Location location_;
  OpenMode mode_;
  FileOperation operation_;
  FileAccess access_;
  std::unique_ptr<files::OpenFile> file_;
  FileAttributes attributes_;
  std::uint64_t bytes_ = 0;
  std::optional<Error> failure_;
};

}  // namespace

std::unique_ptr<Upload> make_file_upload(std::shared_ptr<Core> core, Location location,
                                         OpenMode mode, FileOperation operation, FileAccess access,
                                         std::unique_ptr<files::OpenFile> file) {
  return std::make_unique<FileUpload>(std::move(core), std::move(location), mode, operation,
                                      std::move(access), std::move(file));
}

}  // namespace sallyport::session
