#include "storage/embedded_core.h"

#include <algorithm>
#include <cstring>

namespace sallyport::storage {

namespace {

constexpr std::size_t kPoolBytes = 4096;

}  // namespace

void IdSource::take(MutableBytes out) {
  const std::lock_guard lock(mutex_);
  if (pool_.size() < out.size()) {
    pool_.resize(kPoolBytes);
    random_.fill(pool_);
  }
  std::memcpy(out.data(), pool_.data() + pool_.size() - out.size(), out.size());
  pool_.resize(pool_.size() - out.size());
}

std::uint64_t IdSource::next() {
  std::uint64_t id = 0;
  while (id == 0) {
    take({reinterpret_cast<std::uint8_t*>(&id), sizeof id});
    id &= 0x7fff'ffff'ffff'ffff;
  }
  return id;
}

std::string IdSource::etag() {
  std::uint8_t bytes[16];
  take(bytes);
  return to_hex(bytes) + "-1";
}

std::string IdSource::text(std::size_t characters) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";
  static_assert(kAlphabet.size() == 64);
  std::string out(characters, '\0');
  take({reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
  for (char& c : out) c = kAlphabet[static_cast<std::uint8_t>(c) & 63];
  return out;
}

std::string IdSource::version_id() {
  return text(32);
}

std::string IdSource::upload_id() {
  return text(64);
}

Result<BucketPtr> BucketTable::find(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto at = buckets_.find(name);
  if (at == buckets_.end()) return index::no_such_bucket(name);
  return at->second;
}

std::vector<BucketPtr> BucketTable::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<BucketPtr> out;
  out.reserve(buckets_.size());
  for (const auto& [name, bucket] : buckets_) out.push_back(bucket);
  return out;
}

void BucketTable::add(BucketPtr bucket) {
  const std::lock_guard lock(mutex_);
  std::string name = bucket->info.name;
  buckets_.insert_or_assign(std::move(name), std::move(bucket));
}

void BucketTable::remove(const std::string& name) {
  const std::lock_guard lock(mutex_);
  buckets_.erase(name);
}

Result<void> BucketTable::reserve(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (reserved_.insert(name).second) return ok();
  return Error(Errc::kConflict, "Another operation on the bucket " + name + " is under way",
               "OperationAborted");
}

void BucketTable::release(const std::string& name) {
  const std::lock_guard lock(mutex_);
  reserved_.erase(name);
}

}  // namespace sallyport::storage
