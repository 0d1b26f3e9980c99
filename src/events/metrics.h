// Counters and gauges, shown as Prometheus text at /_sallyport/metrics.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace sallyport::events {

// The declared metrics, by what their one label is.
namespace metric {
// server
inline constexpr std::string_view kBytesIn = "sallyport_bytes_in_total";
inline constexpr std::string_view kBytesOut = "sallyport_bytes_out_total";
inline constexpr std::string_view kFilesIn = "sallyport_files_in_total";
inline constexpr std::string_view kFilesOut = "sallyport_files_out_total";
inline constexpr std::string_view kConnections = "sallyport_connections_total";
inline constexpr std::string_view kAuthFailures = "sallyport_auth_failures_total";
inline constexpr std::string_view kSessions = "sallyport_sessions";  // gauge
// reason
inline constexpr std::string_view kConnectionsRefused = "sallyport_connections_refused_total";
inline constexpr std::string_view kRefusedSources = "sallyport_refused_sources";  // gauge
// operation
inline constexpr std::string_view kApiRequests = "sallyport_api_requests_total";
// code
inline constexpr std::string_view kApiErrors = "sallyport_api_errors_total";
inline constexpr std::string_view kStorageErrors = "sallyport_storage_errors_total";
// no label
inline constexpr std::string_view kLogLinesWritten = "sallyport_log_lines_written";  // gauge
inline constexpr std::string_view kLogLinesShed = "sallyport_log_lines_shed";        // gauge
}  // namespace metric

// Thread-safe. Labels are few and bounded: a server id, a protocol, an operation, a code.
class Metrics {
 public:
  // What a name that is not declared does; tests want to hear of it.
  enum class Undeclared { kIgnored, kEndsProgram };
  explicit Metrics(Undeclared undeclared = Undeclared::kIgnored);
  ~Metrics();

  // `name` is one of the declared metrics. Counters take no negative amount; set() is for gauges.
  // Beyond 1,000 values of a label, further ones are counted as "other".
  void add(std::string_view name, std::string_view label_value, double amount = 1);
  void set(std::string_view name, std::string_view label_value, double value);
  // Prometheus text format 0.0.4.
  std::string text() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::events
