// What the parts of the embedded store share. Inside src/storage only.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "net/blocking_pool.h"
#include "state/database.h"
#include "storage/block_pool.h"
#include "storage/embedded_files.h"
#include "storage/embedded_index.h"
#include "storage/embedded_object_store.h"
#include "storage/embedded_order.h"
#include "storage/embedded_settler.h"
#include "storage/embedded_turns.h"

namespace sallyport::storage {

// Random numbers drawn in batches. Thread-safe.
class IdSource {
 public:
  explicit IdSource(Random& random) : random_(random) {}
  // Positive, so that it fits SQL's integers.
  std::uint64_t next();
  std::string etag();
  // 32 characters of [A-Za-z0-9._].
  std::string version_id();
  // 64 of the same.
  std::string upload_id();

 private:
  void take(MutableBytes out);
  std::string text(std::size_t characters);
  Random& random_;
  std::mutex mutex_;
  Bytes pool_;
};

struct Bucket {
  Bucket(std::int64_t i, BucketInfo about, BucketFiles f, Versioning v)
      : id(i),
        info(std::move(about)),
        files(std::move(f)),
        in_turns(v != Versioning::kUnversioned),
        versioned(v != Versioning::kUnversioned) {}

  const std::int64_t id = 0;
  const BucketInfo info;
  const BucketFiles files;
  // Once true they stay so. A change of a key needs its turn from before the bucket is versioned;
  // whether it is, is told by its row.
  mutable std::atomic<bool> in_turns;
  mutable std::atomic<bool> versioned;
};
using BucketPtr = std::shared_ptr<const Bucket>;

// The buckets there are. Thread-safe.
class BucketTable {
 public:
  // Error: kNotFound "NoSuchBucket".
  Result<BucketPtr> find(const std::string& name) const;
  std::vector<BucketPtr> all() const;  // in name order
  void add(BucketPtr bucket);
  void remove(const std::string& name);

  // For as long as a bucket is made or deleted, no other may make or delete one of that name.
  // Error: kConflict "OperationAborted".
  Result<void> reserve(const std::string& name);
  void release(const std::string& name);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, BucketPtr> buckets_;
  std::set<std::string> reserved_;
};

struct EmbeddedCore {
  EmbeddedCore(EmbeddedOptions o, state::Database& db, net::BlockingPool& d, const Clock& c,
               Random& r, UniqueFd folder)
      : options(std::move(o)),
        database(db),
        disk(d),
        clock(c),
        ids(r),
        buckets_folder(std::move(folder)),
        blocks(options.upload_memory),
        settler(db, options.sync_on_close) {}

  std::int64_t now_ms() const { return to_unix_ms(clock.wall()); }

  const EmbeddedOptions options;
  state::Database& database;
  net::BlockingPool& disk;
  const Clock& clock;
  IdSource ids;
  const UniqueFd buckets_folder;
  BlockPool blocks;
  BucketTable buckets;
  PublicationOrder order;
  KeyTurns turns;
  Settler settler;
};
using CorePtr = std::shared_ptr<EmbeddedCore>;

// --- looking objects up (embedded_lookup.cc)

struct Found {
  index::ObjectRow row;
  UniqueFd fd;  // of the content; none for the key of a folder, nor when only asked to look
};
enum class Want : std::uint8_t { kLook, kRead };
// The object as it is now, what other programs did to its file taken into account.
// Errors: kNotFound "NoSuchKey", and those of the database and of open(2).
Task<Result<Found>> look_up(CorePtr core, BucketPtr bucket, std::string key, Want want);
// The same of a version ("" the current one). Errors: kNotFound "NoSuchVersion" too, kUnsupported
// "MethodNotAllowed" for a delete marker.
Task<Result<Found>> look_up_version(CorePtr core, BucketPtr bucket, VersionRef object, Want want);

// How the content of a row lies on disk.
struct Probe {
  enum class State : std::uint8_t { kSame, kChanged, kMissing } state = State::kMissing;
  int error = 0;    // negative errno where the file cannot be opened for other reasons
  FileStamp stamp;  // of what was found
  UniqueFd fd;
};
Probe probe(const BucketFiles& files, const std::string& key, const index::ObjectRow& row,
            Want want);
// The body of an older version. Errors: kCorrupt if it is nowhere, and those of open(2).
Result<UniqueFd> open_version_body(const BucketFiles& files, const std::string& key,
                                   const index::ObjectRow& row);

// --- start-up and comparison with the disk

// Carries out the intents that a crash left. Blocking.
Result<void> recover(EmbeddedCore& core);
Task<Result<ScanReport>> scan_bucket(CorePtr core, BucketPtr bucket);

}  // namespace sallyport::storage
