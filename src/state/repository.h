// The typed side of the resource store: model structs in, model structs out.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "model/access_key.h"
#include "model/bucket_settings.h"
#include "model/iam_user.h"
#include "model/managed_policy.h"
#include "model/role.h"
#include "model/server.h"
#include "model/user.h"
#include "state/resource_store.h"

namespace sallyport::state {

// Where a resource is kept.
ResourceKey key_of(const model::Server& server);
ResourceKey key_of(const model::HostKeyRecord& key);
ResourceKey key_of(const model::User& user);
ResourceKey key_of(const model::Role& role);
ResourceKey key_of(const model::BucketSettings& settings);
ResourceKey key_of(const model::ManagedPolicy& policy);
ResourceKey key_of(const model::AccessKey& key);
ResourceKey key_of(const model::IamUser& user);

template <class T>
struct Versioned {
  T value;
  std::int64_t version = 0;
};

template <class T>
struct Page {
  std::vector<Versioned<T>> items;  // in id order (bytes)
  bool more = false;
};

// T: one of the types above. A view on the store, cheap to make; thread-safe.
// Errors as of ResourceStore; a stored document that does not read back is kCorrupt.
template <class T>
class Repository {
 public:
  explicit Repository(ResourceStore& store) : store_(&store) {}

  // `parent` is the server's id for users and host keys, and empty for all others.
  Task<Result<Versioned<T>>> get(std::string parent, std::string id);
  Task<Result<Page<T>>> list(std::string parent, std::string after, std::uint32_t limit);
  // How many there are under `parent`.
  Task<Result<std::uint64_t>> count(std::string parent);
  // kAlreadyExists if it is there. Returns the version, 1.
  Task<Result<std::int64_t>> insert(T value);
  // kConflict unless the stored version is `version`, kNotFound if it is gone. Returns the new
  // version.
  Task<Result<std::int64_t>> update(T value, std::int64_t version);
  // kNotFound if it is not there.
  Task<Result<void>> remove(std::string parent, std::string id);

  // Steps of a larger change, for ResourceStore::apply.
  static ResourceChange insertion(const T& value);
  static ResourceChange updating(const T& value, std::int64_t version);
  static ResourceChange removal(std::string parent, std::string id);
  static ResourceChange removal_of_all(std::string parent);
  static ResourceChange required(std::string parent, std::string id);
  // `refusal` is the error's text. With `counts` only those count of which it says so, and those
  // that do not read back.
  static ResourceChange at_most(std::uint32_t most, std::string parent, std::string refusal,
                                std::function<bool(const T&)> counts = {});

 private:
  ResourceStore* store_;
};

extern template class Repository<model::Server>;
extern template class Repository<model::HostKeyRecord>;
extern template class Repository<model::User>;
extern template class Repository<model::Role>;
extern template class Repository<model::BucketSettings>;
extern template class Repository<model::ManagedPolicy>;
extern template class Repository<model::AccessKey>;
extern template class Repository<model::IamUser>;

}  // namespace sallyport::state
