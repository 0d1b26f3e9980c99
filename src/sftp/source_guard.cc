#include "sftp/source_guard.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "sftp/source.h"

namespace sallyport::sftp {
namespace {

// A count decays from the first moment on: it reaches a limit when it rounds to it.
bool reaches(double count, double limit) {
  return limit > 0 && count + 0.5 >= limit;
}

// Below this nothing is left of a count that could matter.
constexpr double kForgotten = 0.01;

std::string name_of(const Source& source) {
  if (source.first) {
    return net::IpAddress::from_v4(
               {source.second[0], source.second[1], source.second[2], source.second[3]})
        .to_string();
  }
  return net::IpAddress::from_v6(source.second).to_string() + "/64";
}

struct Record {
  double count = 0;
  SteadyTime counted_at;
  // Set: refused until then.
  std::optional<SteadyTime> refused_until;
  std::list<Source>::iterator place;
};

}  // namespace

struct SourceGuard::Impl {
  Impl(SourceGuardSettings s, const Clock& c) : settings(std::move(s)), clock(c) {}

  const SourceGuardSettings settings;
  const Clock& clock;
  mutable std::mutex mutex;
  // A tree: nobody can choose addresses so that it becomes slow.
  std::map<Source, Record> records;
  // By the last failure, oldest first.
  std::list<Source> order;
  std::size_t refused = 0;

  bool is_trusted(const net::IpAddress& address) const {
    return std::any_of(settings.trusted.begin(), settings.trusted.end(),
                       [&](const net::Cidr& network) { return network.contains(address); });
  }

  using Place = std::map<Source, Record>::iterator;

  void drop(Place at) {
    if (at->second.refused_until) --refused;
    order.erase(at->second.place);
    records.erase(at);
  }

  // Brings a record to the present time.
  void age(Record& record, SteadyTime now) {
    const std::chrono::duration<double> gone = now - record.counted_at;
    const std::chrono::duration<double> half = settings.window;
    record.count *= std::exp2(-gone.count() / half.count());
    record.counted_at = now;
    if (record.refused_until && *record.refused_until <= now) {
      record.refused_until.reset();
      --refused;
    }
  }

  // The record of a source as it stands now, or null.
  Record* find(const net::IpAddress& address) {
    const Place at = records.find(source_of(address));
    if (at == records.end()) return nullptr;
    age(at->second, clock.steady());
    if (at->second.count >= kForgotten) return &at->second;
    drop(at);
    return nullptr;
  }

  Record& find_or_make(const Source& source, SteadyTime now) {
    if (const Place at = records.find(source); at != records.end()) {
      order.splice(order.end(), order, at->second.place);
      age(at->second, now);
      return at->second;
    }
    if (records.size() >= settings.most_sources) drop(records.find(order.front()));
    Record record;
    record.counted_at = now;
    record.place = order.insert(order.end(), source);
    return records.emplace(source, std::move(record)).first->second;
  }
};

SourceGuard::SourceGuard(SourceGuardSettings settings, const Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(settings), clock)) {}
SourceGuard::~SourceGuard() = default;

bool SourceGuard::trusts(const net::IpAddress& source) const {
  return impl_->is_trusted(source);
}

bool SourceGuard::refuses(const net::IpAddress& source) {
  const std::lock_guard lock(impl_->mutex);
  const Record* const record = impl_->find(source);
  return record != nullptr && record->refused_until.has_value();
}

void SourceGuard::failed(const net::IpAddress& address) {
  if (impl_->is_trusted(address)) return;
  const Source source = source_of(address);
  const SourceGuardSettings& settings = impl_->settings;
  {
    const std::lock_guard lock(impl_->mutex);
    const SteadyTime now = impl_->clock.steady();
    Record& record = impl_->find_or_make(source, now);
    record.count += 1;
    if (!reaches(record.count, settings.refuse)) return;
    // Connections that were open already may fail on; they shall not prolong the time.
    record.count = settings.refuse;
    if (record.refused_until) return;
    record.refused_until = now + settings.window;
    ++impl_->refused;
  }
  spdlog::warn("source {} is refused for {} s: its logins failed {} times", name_of(source),
               std::chrono::duration_cast<std::chrono::seconds>(settings.window).count(),
               settings.refuse);
}

void SourceGuard::forgive(const net::IpAddress& source) {
  const std::lock_guard lock(impl_->mutex);
  if (Record* const record = impl_->find(source)) record->count = std::max(0.0, record->count - 1);
}

std::chrono::milliseconds SourceGuard::delay(const net::IpAddress& source) {
  const std::lock_guard lock(impl_->mutex);
  const Record* const record = impl_->find(source);
  const bool slow = record != nullptr && reaches(record->count, impl_->settings.slow);
  return slow ? impl_->settings.delay : std::chrono::milliseconds(0);
}

std::size_t SourceGuard::refused() {
  const std::lock_guard lock(impl_->mutex);
  const SteadyTime now = impl_->clock.steady();
  if (impl_->refused > 0) {
    for (auto& [source, record] : impl_->records) {
      if (record.refused_until) impl_->age(record, now);
    }
  }
  return impl_->refused;
}

std::size_t SourceGuard::size() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->records.size();
}

}  // namespace sallyport::sftp
