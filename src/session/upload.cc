#include "base/vectored_io.h"
#include "session/core.h"
#include "session/file_operation.h"

namespace sallyport::session {

namespace {

constexpr std::string_view kRandomAccess =
    "AWS Transfer does not support random access writes to S3 objects";

class ObjectUpload final : public Upload {
 public:
  ObjectUpload(std::shared_ptr<Core> core, Location location, OpenMode mode,
               FileOperation operation, std::unique_ptr<storage::ObjectWriter> writer)
      : core_(std::move(core)),
        location_(std::move(location)),
        mode_(mode),
        operation_(operation),
        writer_(std::move(writer)) {}

  Task<Result<void>> write(std::uint64_t offset, std::span<const iovec> from) override {
    if (writer_ == nullptr) co_return closed_error();
    if (failure_) co_return *failure_;
    // A block sent once more is out of order too: what was stored cannot be compared with it.
    if (offset != size_) {
      const Error error(Errc::kUnsupported, std::string(kRandomAccess));
      failure_ = core_->log.failed("WRITE", path(), error);
      co_return *failure_;
    }
    if (const auto may = core_->seat.take_upload_bytes(total_size(from)); !may.ok()) {
      failure_ = core_->log.failed("WRITE", path(), may.error());
      co_return *failure_;
    }
    auto written = co_await writer_->write(from);
    if (!written.ok()) {
      failure_ = core_->log.failed("WRITE", path(), written.error());
      co_return *failure_;
    }
    size_ += total_size(from);
    co_return ok();
  }

  FileAttributes attributes() const override {
    return {false, size_, core_->services.clock.wall()};
  }

  Task<Result<void>> close() override {
    if (writer_ == nullptr) co_return closed_error();
    co_return co_await publish("CLOSE");
  }

  Task<void> connection_lost() override {
    if (writer_ == nullptr) co_return;
    // There is nobody left to tell; the line has been written.
    const auto published = co_await publish("PARTIAL_CLOSE");
    static_cast<void>(published);
  }

 private:
  static Error closed_error() { return Error(Errc::kInvalidArgument, "the file is closed"); }
  std::string path() const { return location_.storage_path(); }

  Task<Result<void>> publish(std::string_view activity) {
    const auto writer = std::move(writer_);
    if (failure_) {
      // The client was told of the failure: half of its file must not replace a whole one.
      co_await writer->abort();
      co_return failed(*failure_);
    }
    auto etag = co_await store(*writer);
    if (!etag.ok()) co_return failed(etag.error());
    const bool whole = activity == "CLOSE";
    core_->log.activity(activity, path(), {{"bytes-in", std::to_string(size_)}});
    core_->count_transfer(/*in=*/true, size_, whole);
    if (whole) {
      operation_.transferred(location_, size_, *etag);
    } else {
      operation_.cut_short(location_, size_);
    }
    co_return ok();
  }

  Error failed(const Error& error) {
    return operation_.failed(
        location_, core_->log.failed("CLOSE", path(), error, std::to_string(size_)), size_);
  }

  // The ETag of what was stored; empty where an old file stays.
  Task<Result<std::string>> store(storage::ObjectWriter& writer) {
    if (size_ == 0 && !mode_.truncate && !mode_.exclusive) {
      co_await writer.abort();
      co_return co_await keep_old_file();
    }
    auto committed = co_await writer.commit();
    if (!committed.ok()) co_return std::move(committed).error();
    co_return std::move(committed->etag);
  }

  // Opened without TRUNCATE and nothing written: as elsewhere, the file stays what it was.
  Task<Result<std::string>> keep_old_file() {
    storage::ObjectRef object{location_.bucket, location_.key};
    storage::PutOptions options;
    options.metadata = core_->upload_metadata();
    CO_TRY_ASSIGN(auto made,
                  co_await make_if_absent(*core_, std::move(object), std::move(options)));
    co_return std::move(made).value_or(std::string());
  }

  std::shared_ptr<Core> core_;
  Location location_;
  OpenMode mode_;
  FileOperation operation_;
  std::unique_ptr<storage::ObjectWriter> writer_;
  std::uint64_t size_ = 0;
  std::optional<Error> failure_;
};

}  // namespace

Task<Result<std::size_t>> Upload::read_at(std::uint64_t, std::span<const iovec>) {
  co_return Error(Errc::kUnsupported, "The file is open for writing only");
}

Task<Result<void>> Upload::set_attributes(AttributeChange) {
  co_return Error(Errc::kUnsupported, "Setting attributes is not supported on S3 storage");
}

std::unique_ptr<Upload> make_upload(std::shared_ptr<Core> core, Location location, OpenMode mode,
                                    FileOperation operation,
                                    std::unique_ptr<storage::ObjectWriter> writer) {
  return std::make_unique<ObjectUpload>(std::move(core), std::move(location), mode, operation,
                                        std::move(writer));
}

}  // namespace sallyport::session
