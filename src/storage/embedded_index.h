// The index of the embedded buckets: what the state database holds about buckets, objects and
// unfinished business with files. Functions to be called inside Database::read and Database::write.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/database.h"
#include "storage/embedded_files.h"
#include "storage/object_store.h"

namespace sallyport::storage::index {

state::MigrationSet migrations();

enum class Location : std::uint8_t {
  kNone = 0,      // no content: the key of a folder
  kPlain = 1,     // the key's path
  kReserved = 2,  // content/<content>
};

struct BucketRow {
  std::int64_t id = 0;
  std::string name;
  std::int64_t created_ms = 0;
};

struct ObjectRow {
  Location location = Location::kNone;
  std::uint64_t content = 0;  // new with each body
  FileStamp stamp;            // of the content's file; only size counts without one
  std::int64_t modified_ms = 0;
  std::string etag;
  std::string content_type;
  std::string metadata;      // a JSON object of strings
  std::int64_t version = 1;  // one more at each change

  bool same_version(const ObjectRow& other) const {
    return content == other.content && version == other.version;
  }
};

// Business with files that a committed transaction owes, settled when it is removed.
struct Intent {
  enum class Kind : std::uint8_t {
    kPlace = 1,    // the body `content` goes from staging to its place, if it is current
    kErase = 2,    // the file `inode` at the key's path goes, unless it became current again
    kDiscard = 3,  // the file content/<content> goes
  };
  std::int64_t id = 0;
  std::int64_t bucket = 0;
  std::string key;
  Kind kind = Kind::kPlace;
  std::uint64_t content = 0;
  std::uint64_t inode = 0;
};

Result<std::vector<BucketRow>> all_buckets(state::Connection& db);
// Error: kAlreadyExists "BucketAlreadyOwnedByYou".
Result<void> insert_bucket(state::Connection& db, const BucketRow& row);
Result<void> delete_bucket(state::Connection& db, std::int64_t bucket);
// Error: kNotFound "NoSuchBucket".
Result<void> require_bucket(state::Connection& db, std::int64_t bucket);
Result<bool> has_objects(state::Connection& db, std::int64_t bucket);

Result<std::optional<ObjectRow>> find(state::Connection& db, std::int64_t bucket,
                                      std::string_view key);
Result<void> upsert(state::Connection& db, std::int64_t bucket, std::string_view key,
                    const ObjectRow& row);
Result<void> erase(state::Connection& db, std::int64_t bucket, std::string_view key);
// Moves the row of `content` to the reserved place; false if that body is not current any more.
Result<bool> set_reserved(state::Connection& db, std::int64_t bucket, std::string_view key,
                          std::uint64_t content);

struct KeyedRow {
  std::string key;
  ObjectRow row;
};
// At most `limit` rows with a key above `after`, in key order.
Result<std::vector<KeyedRow>> rows_after(state::Connection& db, std::int64_t bucket,
                                         std::string_view after, std::uint32_t limit);

Result<void> insert_intent(state::Connection& db, const Intent& intent);
Result<void> delete_intent(state::Connection& db, std::int64_t id);
Result<std::vector<Intent>> all_intents(state::Connection& db);
Result<bool> has_intent(state::Connection& db, std::int64_t bucket, std::string_view key);

Result<ListPage> list(state::Connection& db, std::int64_t bucket, const ListRequest& request);

ObjectInfo info_of(std::string key, const ObjectRow& row);
std::string encode_metadata(const Metadata& metadata);

// Errors in the words of S3.
Error no_such_bucket(std::string_view bucket);
Error no_such_key(std::string_view key);

}  // namespace sallyport::storage::index
