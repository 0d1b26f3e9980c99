// The index of the embedded buckets: what the state database holds about buckets, objects and
// unfinished business with files. Functions to be called inside Database::read and Database::write.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/database.h"
#include "storage/bucket_store.h"
#include "storage/embedded_files.h"

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
  std::string region;  // empty: the store's own
  Versioning versioning = Versioning::kUnversioned;
};

struct ObjectRow {
  Location location = Location::kNone;
  std::uint64_t content = 0;  // new with each body
  FileStamp stamp;            // of the content's file; only size counts without one
  std::int64_t modified_ms = 0;
  std::string etag;
  std::string content_type;
  // JSON objects of strings.
  std::string metadata = "{}", headers = "{}", tags = "{}", checksums = "{}";
  std::uint32_t part_count = 0;
  std::string version_id;    // empty: the null version
  std::int64_t rank = 0;     // among the versions of the key; the least is the newest
  std::int64_t version = 1;  // one more at each change of the row

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
    kKeep = 4,     // the file `inode` at the key's path goes to content/<content>, if a version
    kReturn = 5,   // the file content/<content> goes to the key's path, if it is current
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
// Error of both: kNotFound "NoSuchBucket".
Result<Versioning> versioning_of(state::Connection& db, std::int64_t bucket);
Result<void> set_versioning(state::Connection& db, std::int64_t bucket, Versioning versioning);
Result<bool> has_objects(state::Connection& db, std::int64_t bucket);

Result<std::optional<ObjectRow>> find(state::Connection& db, std::int64_t bucket,
                                      std::string_view key);
Result<void> upsert(state::Connection& db, std::int64_t bucket, std::string_view key,
                    const ObjectRow& row);
Result<void> erase(state::Connection& db, std::int64_t bucket, std::string_view key);
// Moves the row of `content` to the reserved place; false if no object or version has that body.
Result<bool> set_reserved(state::Connection& db, std::int64_t bucket, std::string_view key,
                          std::uint64_t content);

// --- what lies under the current objects (embedded_version_index.cc)

struct VersionRow {
  ObjectRow row;  // of a delete marker only id, rank and time
  bool marker = false;
};
// `version_id` as it is stored.
Result<std::optional<VersionRow>> find_version(state::Connection& db, std::int64_t bucket,
                                               std::string_view key, std::string_view version_id);
Result<std::optional<VersionRow>> newest_version(state::Connection& db, std::int64_t bucket,
                                                 std::string_view key);
Result<void> insert_version(state::Connection& db, std::int64_t bucket, std::string_view key,
                            const ObjectRow& row, bool marker);
Result<void> erase_version(state::Connection& db, std::int64_t bucket, std::string_view key,
                           std::int64_t rank);
// Delete markers count.
Result<bool> has_versions(state::Connection& db, std::int64_t bucket);
// Whether the body is one of an older version.
Result<bool> is_version(state::Connection& db, std::int64_t bucket, std::string_view key,
                        std::uint64_t content);
// Of the current object or an older version; false if there is no such content.
Result<bool> set_tags(state::Connection& db, std::int64_t bucket, std::string_view key,
                      std::string_view version_id, std::string_view tags);

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
// Goes through all intents.
Result<std::vector<Intent>> intents_of(state::Connection& db, std::int64_t bucket,
                                       std::string_view key);
Result<bool> has_intent(state::Connection& db, std::int64_t bucket, std::string_view key);

Result<ListPage> list(state::Connection& db, std::int64_t bucket, const ListRequest& request);
Result<VersionListPage> list_versions(state::Connection& db, std::int64_t bucket,
                                      const VersionListRequest& request);

// --- what the rows hold (embedded_rows.cc)

// A null version has an id only in a bucket that is or was `versioned`.
ObjectInfo info_of(std::string key, const ObjectRow& row, bool versioned);
inline std::string public_id(const std::string& version_id) {
  return version_id.empty() ? "null" : version_id;
}
// As it is stored: of "null" the empty one.
inline std::string stored_id(const std::string& version_id) {
  return version_id == "null" ? "" : version_id;
}
using Strings = std::map<std::string, std::string>;
std::string encode(const Strings& strings);
Strings decode(std::string_view text);
// Sets type, metadata and headers.
void describe(ObjectRow& row, const PutOptions& options);
void describe_as(ObjectRow& row, const ObjectRow& other);

// Errors in the words of S3.
Error no_such_bucket(std::string_view bucket);
Error no_such_key(std::string_view key);
Error no_such_version(std::string_view version_id);
Error is_marker_error();

}  // namespace sallyport::storage::index
