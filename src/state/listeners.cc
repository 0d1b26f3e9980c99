#include "state/listeners.h"

#include <algorithm>

namespace sallyport::state {

struct Listeners::Entry {
  std::string channel;
  Database::Listener listener;
  // Recursive: a listener may end its own handle.
  std::recursive_mutex mutex;
  bool alive = true;
};

struct Listeners::Registry {
  std::mutex mutex;
  std::vector<std::shared_ptr<Entry>> entries;
};

Listeners::Listeners() : registry_(std::make_shared<Registry>()) {}

std::shared_ptr<void> Listeners::add(std::string channel, Database::Listener listener) {
  auto entry = std::make_shared<Entry>();
  entry->channel = std::move(channel);
  entry->listener = std::move(listener);
  {
    const std::lock_guard lock(registry_->mutex);
    registry_->entries.push_back(entry);
  }
  auto end = [registry = registry_, entry](void*) {
    {
      const std::lock_guard lock(registry->mutex);
      std::erase(registry->entries, entry);
    }
    const std::lock_guard lock(entry->mutex);
    entry->alive = false;
  };
  return std::shared_ptr<void>(entry.get(), std::move(end));
}

void Listeners::tell(std::string_view channel, std::string_view payload) const {
  std::vector<std::shared_ptr<Entry>> matching;
  {
    const std::lock_guard lock(registry_->mutex);
    for (const auto& entry : registry_->entries) {
      if (entry->channel == channel) matching.push_back(entry);
    }
  }
  for (const auto& entry : matching) {
    const std::lock_guard lock(entry->mutex);
    if (entry->alive) entry->listener(payload);
  }
}

}  // namespace sallyport::state
