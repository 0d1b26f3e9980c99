#include "events/file_events.h"

#include <array>

#include "base/bytes.h"
#include "events/json_text.h"

namespace sallyport::events {
namespace {

constexpr std::size_t kMaxTextBytes = 8 * 1024;

std::string_view what_of(FileActivity activity) {
  switch (activity) {
    case FileActivity::kUpload: return "File Upload";
    case FileActivity::kDownload: return "File Download";
    case FileActivity::kDelete: return "File Delete";
    case FileActivity::kRename: return "File Rename";
    case FileActivity::kDirectoryCreate: return "Directory Create";
    case FileActivity::kDirectoryDelete: return "Directory Delete";
  }
  return {};
}

std::string_view code_of(FileFailure failure) {
  switch (failure) {
    case FileFailure::kNone: return {};
    case FileFailure::kPartialUpload: return "PARTIAL_UPLOAD";
    case FileFailure::kPartialDownload: return "PARTIAL_DOWNLOAD";
    case FileFailure::kUnknown: return "UNKNOWN_ERROR";
  }
  return {};
}

// The names under which an event tells its one or two paths.
struct PathNames {
  std::string_view path, new_path;
};
PathNames path_names(FileActivity activity) {
  switch (activity) {
    case FileActivity::kRename: return {"original-file-path", "renamed-file-path"};
    case FileActivity::kDirectoryCreate:
    case FileActivity::kDirectoryDelete: return {"directory-path", {}};
    case FileActivity::kUpload:
    case FileActivity::kDownload:
    case FileActivity::kDelete: break;
  }
  return {"file-path", {}};
}

// RFC 9562 section 5.4.
std::string random_uuid(Random& random) {
  std::array<std::uint8_t, 16> raw;
  random.fill(raw);
  raw[6] = static_cast<std::uint8_t>((raw[6] & 0x0f) | 0x40);
  raw[8] = static_cast<std::uint8_t>((raw[8] & 0x3f) | 0x80);
  std::string out = to_hex(raw);
  for (const std::size_t at : {8, 13, 18, 23}) out.insert(at, 1, '-');
  return out;
}

// Field `index` of an ARN, "arn:partition:service:region:account:…", from 0.
std::string_view arn_field(std::string_view arn, int index) {
  for (; index > 0; --index) {
    const std::size_t colon = arn.find(':');
    if (colon == std::string_view::npos) return {};
    arn.remove_prefix(colon + 1);
  }
  return arn.substr(0, arn.find(':'));
}

class Writer {
 public:
  explicit Writer(std::size_t size) { out_.reserve(size); }
  void open() { out_.push_back('{'); }
  void close() { out_.push_back('}'); }
  void key(std::string_view name) {
    if (out_.back() != '{') out_.push_back(',');
    out_.append("\"").append(name).append("\":");
  }
  void text(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    key(name);
    append_json_string(out_, clean_utf8(value, kMaxTextBytes));
  }
  void raw(std::string_view name, std::string_view json) {
    key(name);
    out_.append(json);
  }
  std::string& out() { return out_; }

 private:
  std::string out_;
};

void write_detail(Writer& json, const FileEvent& event) {
  const PathNames names = path_names(event.activity);
  json.text("failure-code", code_of(event.failure));
  json.text("status-code", event.failure == FileFailure::kNone ? "COMPLETED" : "FAILED");
  json.text("protocol", event.protocol);
  if (event.bytes) json.raw("bytes", std::to_string(*event.bytes));
  json.text("client-ip", event.client_ip);
  json.text("failure-message", event.failure_message);
  json.text("end-timestamp", to_iso8601_ms(event.end));
  json.text("etag", event.etag);
  json.text(names.path, event.path);
  if (!names.new_path.empty()) json.text(names.new_path, event.new_path);
  json.text("server-id", event.server_id);
  json.text("username", event.username);
  json.text("session-id", event.session_id);
  json.text("start-timestamp", to_iso8601_ms(event.start));
}

std::string event_json(const FileEvent& event, std::string_view detail_type, Random& random) {
  Writer json(768 + event.path.size() + event.new_path.size());
  json.open();
  json.text("version", "0");
  json.text("id", random_uuid(random));
  json.text("detail-type", detail_type);
  json.text("source", "aws.transfer");
  json.text("account", arn_field(event.server_arn, 4));
  json.text("time", to_iso8601_ms(event.end).substr(0, 19) + "Z");
  json.text("region", arn_field(event.server_arn, 3));
  json.key("resources");
  json.out().push_back('[');
  append_json_string(json.out(), clean_utf8(event.server_arn, kMaxTextBytes));
  json.out().push_back(']');
  json.key("detail");
  json.open();
  write_detail(json, event);
  json.close();
  json.close();
  return std::move(json.out());
}

}  // namespace

void LogSink::deliver(const BusEvent& event) {
  // kAccess, though it is about files: the log's own lines are shed last.
  log_->emit({std::string(kTransferEventsGroup), event.server_id, event.time, event.json, 0},
             Importance::kAccess);
}

void EventBus::publish(const FileEvent& event) const {
  if (sinks_.empty()) return;
  BusEvent out;
  out.server_id = event.server_id;
  out.detail_type.append(event.protocol).append(" Server ").append(what_of(event.activity));
  out.detail_type.append(event.failure == FileFailure::kNone ? " Completed" : " Failed");
  out.time = event.end;
  out.json = event_json(event, out.detail_type, *random_);
  for (const auto& sink : sinks_) sink->deliver(out);
}

}  // namespace sallyport::events
