// The resources of the control plane: versioned JSON documents under (kind, parent, id), in SQL.
// Thread-safe; calls resume on the caller's loop.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"

namespace sallyport::state {

class Database;
struct MigrationSet;

// The tables of the resources, for Database::open_sqlite.
MigrationSet resource_schema();

// Kinds in use; a kind's parent is empty or the id named.
namespace kind {
inline constexpr std::string_view kServer = "server";
inline constexpr std::string_view kHostKey = "host-key";      // parent: server id
inline constexpr std::string_view kUser = "user";             // parent: server id; id: user name
inline constexpr std::string_view kRole = "role";             // id: role name
inline constexpr std::string_view kIamUser = "iam-user";      // id: user name
inline constexpr std::string_view kAccessKey = "access-key";  // id: the key's
inline constexpr std::string_view kManagedPolicy = "managed-policy";    // id: policy name
inline constexpr std::string_view kBucketSettings = "bucket-settings";  // id: bucket name
inline constexpr std::string_view kEndpoint = "endpoint";  // parent: server id; id: protocol
}  // namespace kind

struct ResourceKey {
  ResourceKey() = default;
  // A constructor, as g++ 12 destroys an aggregate temporary inside a co_await expression twice.
  ResourceKey(std::string k, std::string p, std::string i)
      : kind(std::move(k)), parent(std::move(p)), id(std::move(i)) {}

  std::string kind;
  std::string parent;
  std::string id;
};

struct Resource {
  ResourceKey key;
  std::int64_t version = 0;  // 1 at creation, one more at each update
  std::string document;
};

struct ResourcePage {
  std::vector<Resource> resources;  // in id order (bytes)
  bool more = false;
};

// How many resources of a kind there may be under a parent.
struct ResourceBound {
  std::uint32_t most = 0;
  std::string refusal;  // what the error says when there are more
  // Whether a resource with this document counts; called on a thread of the database. Empty: all
  // count.
  std::function<bool(const std::string& document)> counts{};
};

// One step of an atomic change. Nobody writes between its steps.
struct ResourceChange {
  enum class Op : std::uint8_t {
    kInsert,          // kAlreadyExists if it is there
    kUpdate,          // kConflict unless the stored version is `version`; kNotFound if it is gone
    kRemove,          // kNotFound if it is not there
    kRemoveChildren,  // all of key.kind under key.parent; key.id is ignored; none is fine
    // These change nothing and look at what the steps before them have left.
    kRequire,  // kNotFound if it is not there
    kAtMost,   // kLimitExceeded if there are more of key.kind under key.parent than `bound` has it;
               // key.id is ignored
  };
  Op op;
  ResourceKey key;
  std::int64_t version = 0;
  std::string document;
  ResourceBound bound{};
};

// What subscribers are told, after the commit.
struct ResourceEvent {
  ResourceKey key;
  std::int64_t version = 0;
  bool removed = false;
};

class ResourceStore {
 public:
  explicit ResourceStore(Database& database);
  ~ResourceStore();

  // Errors: kNotFound, kUnavailable (the database cannot answer), kCorrupt.
  Task<Result<Resource>> get(ResourceKey key);
  // At most `limit` resources with an id above `after`.
  Task<Result<ResourcePage>> list(std::string kind, std::string parent, std::string after,
                                  std::uint32_t limit);
  Task<Result<std::uint64_t>> count(std::string kind, std::string parent);
  // Everything there is, as it was at one moment, in the order of kind, parent and id (bytes).
  Task<Result<std::vector<Resource>>> all();
  // All or nothing, durable when it answers. Returns the new versions, one a step (0 for
  // removals, kRequire and kAtMost, which make none).
  Task<Result<std::vector<std::int64_t>>> apply(std::vector<ResourceChange> changes);

  // Calls back after each committed change, from whichever thread; the callback must be quick and
  // must not call back into the store. Lasts until the returned handle is destroyed.
  using Listener = std::function<void(const ResourceEvent&)>;
  [[nodiscard]] std::shared_ptr<void> subscribe(Listener listener);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::state
