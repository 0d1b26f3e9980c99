#include "events/metrics.h"

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <mutex>
#include <unordered_map>

#include "events/json_text.h"

namespace sallyport::events {
namespace {

enum class Kind { kCounter, kGauge };

struct Declaration {
  std::string_view name;
  Kind kind;
  const char* label;  // null: it has none, and its value is not looked at
  const char* help;
};

constexpr Declaration kDeclared[] = {
    {metric::kBytesIn, Kind::kCounter, "server", "Bytes received in files"},
    {metric::kBytesOut, Kind::kCounter, "server", "Bytes sent of files"},
    {metric::kFilesIn, Kind::kCounter, "server", "Files received whole"},
    {metric::kFilesOut, Kind::kCounter, "server", "Files sent"},
    {metric::kConnections, Kind::kCounter, "server", "Connections accepted"},
    {metric::kAuthFailures, Kind::kCounter, "server", "Failed authentications"},
    {metric::kSessions, Kind::kGauge, "server", "Sessions that are open"},
    {metric::kConnectionsRefused, Kind::kCounter, "reason", "Connections closed unanswered"},
    {metric::kRefusedSources, Kind::kGauge, "reason",
     "Addresses whose connections are closed unanswered"},
    {metric::kApiRequests, Kind::kCounter, "operation", "API requests"},
    {metric::kApiErrors, Kind::kCounter, "code", "API requests that were refused or failed"},
    {metric::kStorageErrors, Kind::kCounter, "code", "Storage operations that failed"},
    {metric::kLogLinesWritten, Kind::kGauge, nullptr, "Log lines written since the start"},
    {metric::kLogLinesShed, Kind::kGauge, nullptr, "Log lines shed since the start"},
};

constexpr std::size_t kMaxLabelValues = 1000;
constexpr std::size_t kMaxLabelBytes = 128;

}  // namespace

struct Metrics::Impl {
  struct Family {
    const Declaration* declaration;
    prometheus::Family<prometheus::Counter>* counters = nullptr;
    prometheus::Family<prometheus::Gauge>* gauges = nullptr;
    std::map<std::string, prometheus::Counter*, std::less<>> counter_of;
    std::map<std::string, prometheus::Gauge*, std::less<>> gauge_of;
  };

  explicit Impl(Undeclared u) : undeclared(u) {
    for (const Declaration& d : kDeclared) {
      Family& family = families[d.name];
      family.declaration = &d;
      if (d.kind == Kind::kCounter) {
        family.counters =
            &prometheus::BuildCounter().Name(std::string(d.name)).Help(d.help).Register(registry);
      } else {
        family.gauges =
            &prometheus::BuildGauge().Name(std::string(d.name)).Help(d.help).Register(registry);
      }
    }
  }

  // The family of that name and, unless it is any, kind; else null.
  Family* find(std::string_view name, bool gauge_only) {
    const auto found = families.find(name);
    if (found != families.end() && !(gauge_only && found->second.gauges == nullptr)) {
      return &found->second;
    }
    if (undeclared == Undeclared::kEndsProgram) {
      fmt::print(stderr, "metric {} is not declared for this use\n", name);
      std::abort();
    }
    return nullptr;
  }

  template <class M>
  M& member(std::map<std::string, M*, std::less<>>& known, prometheus::Family<M>& family,
            const char* label, std::string_view value) {
    if (const auto found = known.find(value); found != known.end()) return *found->second;
    if (known.size() >= kMaxLabelValues) value = "other";
    const std::string key = label ? clean_utf8(value, kMaxLabelBytes) : "";
    auto& slot = known[key];
    if (slot == nullptr)
      slot = &family.Add(label ? prometheus::Labels{{label, key}} : prometheus::Labels{});
    return *slot;
  }

  const Undeclared undeclared;
  prometheus::Registry registry;
  std::mutex mutex;
  std::unordered_map<std::string_view, Family> families;  // the members are guarded by `mutex`
};

Metrics::Metrics(Undeclared undeclared) : impl_(std::make_unique<Impl>(undeclared)) {}
Metrics::~Metrics() = default;

void Metrics::add(std::string_view name, std::string_view label_value, double amount) {
  const std::lock_guard lock(impl_->mutex);
  Impl::Family* const family = impl_->find(name, false);
  if (family == nullptr) return;
  const char* const label = family->declaration->label;
  if (family->gauges != nullptr) {
    impl_->member(family->gauge_of, *family->gauges, label, label_value).Increment(amount);
  } else if (amount >= 0) {
    impl_->member(family->counter_of, *family->counters, label, label_value).Increment(amount);
  }
}

void Metrics::set(std::string_view name, std::string_view label_value, double value) {
  const std::lock_guard lock(impl_->mutex);
  Impl::Family* const family = impl_->find(name, true);
  if (family == nullptr) return;
  impl_->member(family->gauge_of, *family->gauges, family->declaration->label, label_value)
      .Set(value);
}

std::string Metrics::text() const {
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace sallyport::events
