#include <algorithm>

#include "session/core.h"
#include "session/file_operation.h"

namespace sallyport::session {

namespace {

class ObjectDownload final : public Download {
 public:
  ObjectDownload(std::shared_ptr<Core> core, Location location, FileOperation operation,
                 std::unique_ptr<storage::ObjectReader> reader)
      : core_(std::move(core)),
        location_(std::move(location)),
        operation_(operation),
        reader_(std::move(reader)) {
    attributes_.size = reader_->info().size;
    attributes_.modified = reader_->info().modified;
  }

  const FileAttributes& attributes() const override { return attributes_; }

  Task<Result<std::size_t>> read_at(std::uint64_t offset, std::span<const iovec> into) override {
    if (closed_) co_return closed_error();
    auto got = co_await reader_->read_at(offset, into);
    co_return counted(offset, std::move(got));
  }

  std::optional<Result<std::size_t>> try_read_at(std::uint64_t offset,
                                                 std::span<const iovec> into) override {
    if (closed_) return Result<std::size_t>(closed_error());
    auto got = reader_->try_read_at(offset, into);
    if (!got) return std::nullopt;
    return counted(offset, std::move(*got));
  }

  Task<Result<void>> close() override {
    if (closed_) co_return closed_error();
    end("CLOSE");
    co_return ok();
  }

  Task<void> connection_lost() override {
    if (!closed_) end("PARTIAL_CLOSE");
    co_return;
  }

 private:
  static Error closed_error() { return Error(Errc::kInvalidArgument, "the file is closed"); }

  Result<std::size_t> counted(std::uint64_t offset, Result<std::size_t> got) {
    if (!got.ok()) {
      failure_ = core_->log.failed("READ", location_.storage_path(), std::move(got).error());
      return *failure_;
    }
    bytes_ += *got;
    furthest_ = std::max(furthest_, offset + *got);
    return got;
  }

  void end(std::string_view activity) {
    closed_ = true;
    core_->log.activity(activity, location_.storage_path(),
                        {{"bytes-out", std::to_string(bytes_)}});
    core_->count_transfer(/*in=*/false, bytes_, activity == "CLOSE");
    tell();
    reader_.reset();
  }

  // SFTP has no word for the end of a download: the file came whole if it was read to its end. A
  // client that stops half-way closes the file, too.
  void tell() const {
    const std::uint64_t size = attributes_.size;
    if (failure_) {
      static_cast<void>(operation_.failed(location_, *failure_, bytes_));
    } else if (bytes_ >= size && furthest_ >= size) {
      operation_.transferred(location_, bytes_, reader_->info().etag);
    } else {
      operation_.cut_short(location_, bytes_);
    }
  }

  std::shared_ptr<Core> core_;
  Location location_;
  FileOperation operation_;
  std::unique_ptr<storage::ObjectReader> reader_;
  FileAttributes attributes_;
  std::uint64_t bytes_ = 0;
  std::uint64_t furthest_ = 0;
  std::optional<Error> failure_;
  bool closed_ = false;
};

}  // namespace

Task<Result<void>> Download::set_attributes(AttributeChange) {
  co_return Error(Errc::kUnsupported, "Setting attributes is not supported on S3 storage");
}

std::unique_ptr<Download> make_download(std::shared_ptr<Core> core, Location location,
                                        FileOperation operation,
                                        std::unique_ptr<storage::ObjectReader> reader) {
  return std::make_unique<ObjectDownload>(std::move(core), std::move(location), operation,
                                          std::move(reader));
}

}  // namespace sallyport::session
