#include "session/file_operation.h"

namespace sallyport::session {

using events::FileActivity;
using events::FileEvent;
using events::FileFailure;

FileOperation::FileOperation(const Core& core, FileActivity activity)
    : core_(&core), activity_(activity) {
  if (told()) start_ = core.services.clock.wall();
}

bool FileOperation::told() const {
  return core_->services.bus != nullptr && core_->services.bus->has_sinks();
}

void FileOperation::publish(const Location& at, const Location* to, FileEvent event) const {
  if (!told()) return;
  const std::string path = at.storage_path();
  const std::string new_path = to == nullptr ? std::string() : to->storage_path();
  event.activity = activity_;
  event.protocol = core_->protocol;
  event.server_id = core_->server.id.str();
  event.server_arn = core_->server.arn;
  event.username = core_->principal.user_name;
  event.session_id = core_->id;
  event.client_ip = core_->client_ip;
  event.path = path;
  event.new_path = new_path;
  event.start = start_;
  event.end = core_->services.clock.wall();
  core_->services.bus->publish(event);
}

void FileOperation::completed(const Location& at) const {
  publish(at, nullptr, {});
}

void FileOperation::renamed(const Location& from, const Location& to) const {
  publish(from, &to, {});
}

void FileOperation::transferred(const Location& at, std::uint64_t bytes,
                                std::string_view etag) const {
  FileEvent event;
  event.bytes = bytes;
  event.etag = etag;
  publish(at, nullptr, event);
}

void FileOperation::cut_short(const Location& at, std::uint64_t bytes) const {
  const bool upload = activity_ == FileActivity::kUpload;
  FileEvent event;
  event.failure = upload ? FileFailure::kPartialUpload : FileFailure::kPartialDownload;
  event.failure_message =
      upload ? "File was partially uploaded." : "File was partially downloaded.";
  event.bytes = bytes;
  publish(at, nullptr, event);
}

Error FileOperation::failed(const Location& at, Error error,
                            std::optional<std::uint64_t> bytes) const {
  FileEvent event;
  event.failure = FileFailure::kUnknown;
  event.failure_message = error.message;
  event.bytes = bytes;
  publish(at, nullptr, event);
  return error;
}

Error FileOperation::rename_failed(const Location& from, const Location& to, Error error) const {
  FileEvent event;
  event.failure = FileFailure::kUnknown;
  event.failure_message = error.message;
  publish(from, &to, event);
  return error;
}

}  // namespace sallyport::session
