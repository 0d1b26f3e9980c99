// What becomes of one operation on a file or directory, told to the event bus. Inside src/session
// only.
#pragma once

#include <optional>

#include "events/file_events.h"
#include "session/core.h"

namespace sallyport::session {

// Begins when it is made. Tells nothing, and costs next to nothing, when nobody listens. Cheap to
// copy; `core` outlives it.
class FileOperation {
 public:
  FileOperation(const Core& core, events::FileActivity activity);

  void completed(const Location& at) const;
  void renamed(const Location& from, const Location& to) const;
  // An upload or download that came whole.
  void transferred(const Location& at, std::uint64_t bytes, std::string_view etag) const;
  // One that was cut short: PARTIAL_UPLOAD or PARTIAL_DOWNLOAD.
  void cut_short(const Location& at, std::uint64_t bytes) const;
  // UNKNOWN_ERROR, with the text that the client is told. Returns `error`.
  [[nodiscard]] Error failed(const Location& at, Error error,
                             std::optional<std::uint64_t> bytes = std::nullopt) const;
  [[nodiscard]] Error rename_failed(const Location& from, const Location& to, Error error) const;

 private:
  bool told() const;
  void publish(const Location& at, const Location* to, events::FileEvent event) const;

  const Core* core_;
  events::FileActivity activity_;
  WallTime start_{};
};

}  // namespace sallyport::session
