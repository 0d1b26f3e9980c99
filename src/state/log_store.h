// Log lines by group and stream, in a store of their own with its own retention.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace sallyport::state {

struct LogLine {
  std::string group;
  std::string stream;
  WallTime time{};
  std::string message;
  std::uint64_t id = 0;  // rising, given by the store
};

struct LogQuery {
  std::string group{};                      // empty: all groups
  std::optional<std::string> stream{};      // exact
  std::string stream_prefix{};              // e.g. "s-0123…/"
  std::optional<WallTime> from{}, until{};  // [from, until)
  std::uint64_t after_id = 0;               // exclusive
  std::uint32_t limit = 10000;
};

struct LogStreamInfo {
  std::string group, stream;
  WallTime first{}, last{};
};

struct LogStoreOptions {
  std::uint64_t max_file_bytes = 0;  // bound of the file; 0: the disk's. Beyond: kUnavailable
};

// Blocking; call from a thread that may block. Thread-safe.
class LogStore {
 public:
  // Opens or makes the SQLite file.
  static Result<std::unique_ptr<LogStore>> open(const std::string& path,
                                                LogStoreOptions options = {});
  ~LogStore();

  // One transaction for the batch; ids are given in order.
  Result<void> append(const std::vector<LogLine>& lines);
  // In id order.
  Result<std::vector<LogLine>> query(const LogQuery& query);
  Result<std::vector<std::string>> groups();
  Result<std::vector<LogStreamInfo>> streams(const std::string& group);
  // Removes lines older than `before`, and the oldest beyond `max_bytes` (of text, and 64 bytes a
  // line); returns how many.
  Result<std::uint64_t> trim(WallTime before, std::uint64_t max_bytes);

 private:
  struct Impl;
  explicit LogStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::state
