// Events of files and directories in EventBridge's shape (AWS Transfer Family user guide,
// "Transfer Family events detail reference"), and where they go. As in the managed service they are
// best effort: what the log may not shed is the log.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "events/event_log.h"

namespace sallyport::events {

inline constexpr std::string_view kTransferEventsGroup = "/aws/events/transfer";

enum class FileActivity : std::uint8_t {
  kUpload,
  kDownload,
  kDelete,
  kRename,
  kDirectoryCreate,
  kDirectoryDelete,
};

enum class FileFailure : std::uint8_t {
  kNone,           // COMPLETED
  kPartialUpload,  // the rest: FAILED
  kPartialDownload,
  kUnknown,
};

// What ended. Texts are borrowed for the call of publish() and may be any bytes; empty ones are
// left out.
struct FileEvent {
  FileActivity activity{};
  FileFailure failure = FileFailure::kNone;
  std::string_view failure_message;
  std::string_view protocol;  // "SFTP"
  std::string_view server_id, server_arn;
  std::string_view username, session_id, client_ip;
  std::string_view path;      // "/bucket/key"; of a rename the old one
  std::string_view new_path;  // of a rename
  std::optional<std::uint64_t> bytes;
  std::string_view etag;
  WallTime start{}, end{};
};

// An event as it is handed to whoever wants it.
struct BusEvent {
  std::string server_id;
  std::string detail_type;  // "SFTP Server File Upload Completed"
  WallTime time{};
  std::string json;  // the whole event, one line
};

// Somewhere events go. Thread-safe; deliver() is called on event loops and must not block.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void deliver(const BusEvent& event) = 0;
};

// The log group kTransferEventsGroup, a stream a server.
class LogSink final : public EventSink {
 public:
  // `log` outlives the sink.
  explicit LogSink(EventLog& log) : log_(&log) {}
  void deliver(const BusEvent& event) override;

 private:
  EventLog* log_;
};

// Gives each event to every sink. publish() is thread-safe once all sinks are added.
class EventBus {
 public:
  // `random` outlives the bus.
  explicit EventBus(Random& random) : random_(&random) {}
  void add(std::unique_ptr<EventSink> sink) { sinks_.push_back(std::move(sink)); }
  // Without a sink nobody need gather what an event would say.
  bool has_sinks() const { return !sinks_.empty(); }
  void publish(const FileEvent& event) const;

 private:
  Random* random_;
  std::vector<std::unique_ptr<EventSink>> sinks_;
};

}  // namespace sallyport::events
