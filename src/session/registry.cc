#include "session/registry.h"

#include <atomic>
#include <map>
#include <mutex>
#include <utility>

namespace sallyport::session {

namespace {

struct Record {
  // Held while `end` is called, and by the entry's destructor: so it cannot be called afterwards.
  // Recursive, as `end` may destroy the entry itself.
  std::recursive_mutex ending;
  std::function<void()> end;  // empty once called or gone
  std::atomic<std::uint64_t> bytes_in{0}, bytes_out{0};
};

bool ask_to_end(Record& record) {
  const std::lock_guard lock(record.ending);
  const auto end = std::exchange(record.end, {});
  if (!end) return false;
  end();
  return true;
}

}  // namespace

struct Registry::Impl {
  struct Item {
    LiveSession session;
    std::shared_ptr<Record> record;
    std::chrono::steady_clock::time_point idle_since = std::chrono::steady_clock::now();
  };
  mutable std::mutex mutex;
  std::map<std::uint64_t, Item> items;
  std::uint64_t next = 0;

  // The ends are called outside the registry's lock: they may come back to it.
  template <class Match>
  std::size_t end_items(const Match& match) {
    std::vector<std::shared_ptr<Record>> chosen;
    {
      const std::lock_guard lock(mutex);
      for (const auto& [id, item] : items)
        if (match(item)) chosen.push_back(item.record);
    }
    std::size_t asked = 0;
    for (const auto& record : chosen) asked += ask_to_end(*record) ? 1 : 0;
    return asked;
  }
  LiveSession seen(const Item& item) const {
    LiveSession out = item.session;
    out.bytes_in = item.record->bytes_in.load(std::memory_order_relaxed);
    out.bytes_out = item.record->bytes_out.load(std::memory_order_relaxed);
    return out;
  }
  template <class Match>
  std::size_t end_where(const Match& match) {
    return end_items([&](const Item& item) { return match(item.session); });
  }
};

namespace {

template <class Impl>
class EntryImpl final : public Registry::Entry {
 public:
  EntryImpl(std::shared_ptr<Impl> registry, std::uint64_t id, std::shared_ptr<Record> record)
      : registry_(std::move(registry)), id_(id), record_(std::move(record)) {}

  ~EntryImpl() override {
    {
      const std::lock_guard lock(registry_->mutex);
      registry_->items.erase(id_);
    }
    const std::lock_guard lock(record_->ending);
    record_->end = {};
  }

  void authenticated(std::string user_name, model::SshPublicKeyId key_id,
                     std::string session_id) override {
    const std::lock_guard lock(registry_->mutex);
    const auto found = registry_->items.find(id_);
    if (found == registry_->items.end()) return;
    found->second.session.user_name = std::move(user_name);
    found->second.session.key_id = std::move(key_id);
    found->second.session.session_id = std::move(session_id);
  }

  void open_files(std::size_t count) override {
    const std::lock_guard lock(registry_->mutex);
    const auto found = registry_->items.find(id_);
    if (found == registry_->items.end()) return;
    found->second.session.open_files = count;
    found->second.idle_since = std::chrono::steady_clock::now();
  }

  void moved(std::uint64_t in, std::uint64_t out) override {
    record_->bytes_in.fetch_add(in, std::memory_order_relaxed);
    record_->bytes_out.fetch_add(out, std::memory_order_relaxed);
  }

 private:
  std::shared_ptr<Impl> registry_;
  std::uint64_t id_;
  std::shared_ptr<Record> record_;
};

}  // namespace

bool SessionFilter::matches(const LiveSession& session) const {
  return !session.user_name.empty() &&
         (server_id.str().empty() || server_id == session.server_id) &&
         (user_name.empty() || user_name == session.user_name) &&
         (session_id.empty() || session_id == session.session_id);
}

Registry::Registry() : impl_(std::make_shared<Impl>()) {}
Registry::~Registry() = default;

std::unique_ptr<Registry::Entry> Registry::enter(model::ServerId server, std::string source_ip,
                                                 WallTime since, std::function<void()> end) {
  auto record = std::make_shared<Record>();
  record->end = std::move(end);
  LiveSession session;
  session.server_id = std::move(server);
  session.source_ip = std::move(source_ip);
  session.since = since;
  std::uint64_t id = 0;
  {
    const std::lock_guard lock(impl_->mutex);
    id = impl_->next++;
    impl_->items.emplace(id, Impl::Item{std::move(session), record});
  }
  return std::make_unique<EntryImpl<Impl>>(impl_, id, std::move(record));
}

std::vector<LiveSession> Registry::list() const {
  const std::lock_guard lock(impl_->mutex);
  std::vector<LiveSession> out;
  out.reserve(impl_->items.size());
  for (const auto& [id, item] : impl_->items) out.push_back(impl_->seen(item));
  return out;
}

std::vector<LiveSession> Registry::list(const SessionFilter& filter) const {
  const std::lock_guard lock(impl_->mutex);
  std::vector<LiveSession> out;
  for (const auto& [id, item] : impl_->items)
    if (filter.matches(item.session)) out.push_back(impl_->seen(item));
  return out;
}

std::size_t Registry::count(const model::ServerId& server) const {
  const std::lock_guard lock(impl_->mutex);
  std::size_t out = 0;
  for (const auto& [id, item] : impl_->items) out += item.session.server_id == server ? 1 : 0;
  return out;
}

std::size_t Registry::end(const SessionFilter& filter) {
  return impl_->end_where([&](const LiveSession& s) { return filter.matches(s); });
}

std::size_t Registry::end_server(const model::ServerId& server) {
  return impl_->end_where([&](const LiveSession& s) { return s.server_id == server; });
}

std::size_t Registry::end_user(const model::ServerId& server, const std::string& user_name) {
  return impl_->end_where(
      [&](const LiveSession& s) { return s.server_id == server && s.user_name == user_name; });
}

std::size_t Registry::end_key(const model::ServerId& server, const std::string& user_name,
                              const model::SshPublicKeyId& key) {
  return impl_->end_where([&](const LiveSession& s) {
    return s.server_id == server && s.user_name == user_name && s.key_id == key;
  });
}

std::size_t Registry::end_all() {
  return impl_->end_where([](const LiveSession&) { return true; });
}

std::size_t Registry::end_idle(std::chrono::milliseconds idle_for) {
  const auto idle_before = std::chrono::steady_clock::now() - idle_for;
  return impl_->end_items([&](const Impl::Item& item) {
    return item.session.open_files == 0 && item.idle_since <= idle_before;
  });
}

}  // namespace sallyport::session
