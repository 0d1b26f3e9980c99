// Counters and gauges, shown as Prometheus text at /_sallyport/metrics.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace sallyport::events {

// Thread-safe. Labels are few and bounded: a server id, a protocol, an operation, a code.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  // `name` is one of the declared metrics (metrics.cc); anything else ends the program in tests and is
  // ignored in production.
  void add(std::string_view name, std::string_view label_value, double amount = 1);
  void set(std::string_view name, std::string_view label_value, double value);
  // Prometheus text format 0.0.4.
  std::string text() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::events
