#include <list>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "http/sigv4.h"

namespace sallyport::http {

struct SigningKeyCache::Impl {
  struct Entry {
    std::string id;
    SecretString secret;
    SigningKey key;
    ~Entry() { wipe(key.data(), key.size()); }
  };

  explicit Impl(std::size_t n) : capacity(n) {}

  const std::size_t capacity;
  mutable std::mutex mutex;
  std::list<Entry> entries;  // most recently used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_id;  // views into entries

  void drop(std::list<Entry>::iterator entry) {
    by_id.erase(entry->id);
    entries.erase(entry);
  }
};

SigningKeyCache::SigningKeyCache(std::size_t capacity)
    : impl_(std::make_unique<Impl>(capacity == 0 ? 1 : capacity)) {}
SigningKeyCache::~SigningKeyCache() = default;

std::size_t SigningKeyCache::size() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->entries.size();
}

SigningKey SigningKeyCache::get(const SecretString& secret, const PresentedSignature& presented) {
  // A zero byte cannot be in any of the parts, as none comes through a header.
  std::string id = presented.access_key;
  for (const std::string* part : {&presented.date, &presented.region, &presented.service})
    id.append(1, '\0').append(*part);
  {
    const std::lock_guard lock(impl_->mutex);
    if (const auto found = impl_->by_id.find(id); found != impl_->by_id.end()) {
      const auto entry = found->second;
      if (entry->secret.equals(secret)) {
        impl_->entries.splice(impl_->entries.begin(), impl_->entries, entry);
        return entry->key;
      }
      impl_->drop(entry);
    }
  }
  const SigningKey key =
      derive_signing_key(secret, presented.date, presented.region, presented.service);
  const std::lock_guard lock(impl_->mutex);
  if (const auto other = impl_->by_id.find(id); other != impl_->by_id.end())
    impl_->drop(other->second);
  if (impl_->entries.size() == impl_->capacity) impl_->drop(std::prev(impl_->entries.end()));
  impl_->entries.push_front({std::move(id), secret, key});
  impl_->by_id.emplace(impl_->entries.front().id, impl_->entries.begin());
  return key;
}

}  // namespace sallyport::http
