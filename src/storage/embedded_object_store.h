// Buckets on the local disk: the key is the truth and the path a courtesy (docs/architecture.md).
//
// An index in the state database answers look-ups and listings. The content of an object is a plain
// file at <data>/buckets/<bucket>/<key>, so that other programs can pick it up, wherever every
// component of the key has 1 to 200 bytes and is not "." or "..", the first is not the reserved
// folder ".sallyport", and no other object stands in the way ("a" beside "a/b"); else it is a file
// under <data>/buckets/<bucket>/.sallyport/content/. A key that ends in "/" is an index row only,
// unless it was given a body.
//
// Publishing: the content is written aside in .sallyport/staging and synced; one transaction,
// shared with those of other closes, commits the index row together with an intent; the file is
// renamed into place; later the directory is synced and the intent removed. Readers find the
// content under either name meanwhile, and start-up carries out the intents left: every key holds
// one whole version.
//
// In a versioned bucket the plain file is that of the current version; those of older ones are
// renamed into .sallyport/content, and one that comes up again returns to its path. Changes of one
// key go one after the other there, each until its files are in place.
//
// Parts of uploads are files in .sallyport/parts; those that no row of the index names are removed
// at start-up. A completion puts them together in staging and publishes that, so that a crash
// leaves either the upload or the object.
//
// Files changed or removed by other programs are noticed by inode, size and modification time when
// the object is looked at, and by scan(), which also takes in new ones. A changed file is renewed
// in its version; one removed from a versioned bucket leaves a delete marker.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "net/blocking_pool.h"
#include "state/database.h"
#include "storage/bucket_store.h"

namespace sallyport::storage {

struct EmbeddedOptions {
  std::string data_dir;  // exists; buckets lie in its folder "buckets"
  std::string region = "us-east-1";
  // true: what commit() answered survives loss of power (with a database of Sync::kFull).
  // false: no fsync is issued; the end of the process still leaves old or new content only.
  bool sync_on_close = true;
  // From so many bytes on, new content goes past the page cache; 0: never. The memory that all
  // uploads together may take for it; those that get none go through the page cache.
  std::uint64_t direct_from = 8 << 20;
  std::uint64_t upload_memory = 64 << 20;
};

struct ScanReport {
  std::uint64_t taken_in = 0;  // new files that became objects
  std::uint64_t renewed = 0;   // objects whose file was changed
  std::uint64_t dropped = 0;   // objects whose file is gone
  std::uint64_t ignored = 0;   // links, devices, and files whose path can be no plain key
};

struct EmbeddedCore;

// Thread-safe. The only user of its folder and of its tables. The database, the pool, the clock and
// the randomness must outlive the store and every reader and writer it gave out.
class EmbeddedObjectStore final : public BucketStore {
 public:
  // The schema, for Database::open_sqlite.
  static state::MigrationSet migrations();

  // Makes the folders, carries out what a crash left undone. Blocking; run scan() afterwards to
  // take in what other programs did meanwhile. `disk` runs everything that touches files.
  static Result<std::unique_ptr<EmbeddedObjectStore>> open(EmbeddedOptions options,
                                                           state::Database& database,
                                                           net::BlockingPool& disk,
                                                           const Clock& clock, Random& random);
  // Blocks until what was published is settled. REQUIRES: no call is under way.
  ~EmbeddedObjectStore() override;

  // Compares all buckets with the files on disk. May run beside everything else.
  Task<Result<ScanReport>> scan();

  // Errors: kAlreadyExists "BucketAlreadyOwnedByYou", kInvalidArgument "InvalidBucketName".
  Task<Result<BucketInfo>> create_bucket(iam::Permit permit, std::string bucket,
                                         std::string region = {}) override;
  Task<Result<void>> delete_bucket(iam::Permit permit, std::string bucket) override;
  Task<Result<BucketInfo>> head_bucket(iam::Permit permit, std::string bucket) override;
  Task<Result<std::vector<BucketInfo>>> list_buckets(iam::Permit permit) override;

  Task<Result<ObjectInfo>> head(iam::Permit permit, ObjectRef object) override;
  Task<Result<std::unique_ptr<ObjectReader>>> open(iam::Permit permit, ObjectRef object) override;
  Task<Result<std::unique_ptr<ObjectWriter>>> create(iam::Permit permit, ObjectRef object,
                                                     PutOptions options) override;
  Task<Result<void>> remove(iam::Permit permit, ObjectRef object) override;
  // The copy is new: its time and, unless it is an MD5, its ETag are its own.
  Task<Result<ObjectInfo>> copy(iam::Permit read, iam::Permit write, ObjectRef from,
                                ObjectRef to) override;
  // One transaction; no content is copied where the file system knows hard links and the source's
  // bucket was never versioned. Onto itself: success.
  Task<Result<void>> move(iam::Permit read, iam::Permit write, iam::Permit erase, ObjectRef from,
                          ObjectRef to) override;
  // One transaction for all, unless a bucket was ever versioned or a source changes meanwhile.
  Task<Result<void>> move_all(std::string from_bucket, std::string to_bucket,
                              std::vector<KeyMove> moves) override;
  Task<Result<ObjectInfo>> set_metadata(iam::Permit read, iam::Permit write, ObjectRef object,
                                        Metadata changes) override;
  Task<Result<ListPage>> list(iam::Permit permit, ListRequest request) override;

  Task<Result<Versioning>> versioning(iam::Permit permit, std::string bucket) override;
  Task<Result<void>> set_versioning(iam::Permit permit, std::string bucket,
                                    Versioning versioning) override;
  Task<Result<ObjectInfo>> head_version(iam::Permit permit, VersionRef object) override;
  Task<Result<std::unique_ptr<ObjectReader>>> open_version(iam::Permit permit,
                                                           VersionRef object) override;
  Task<Result<std::string>> current_marker(iam::Permit permit, ObjectRef object) override;
  Task<Result<Removal>> remove_version(iam::Permit permit, VersionRef object) override;
  Task<Result<VersionListPage>> list_versions(iam::Permit permit,
                                              VersionListRequest request) override;
  Task<Result<std::pair<Tags, std::string>>> tags(iam::Permit permit, VersionRef object) override;
  Task<Result<std::string>> set_tags(iam::Permit permit, VersionRef object, Tags tags) override;
  Task<Result<ObjectInfo>> copy_version(iam::Permit read, iam::Permit write, VersionRef from,
                                        ObjectRef to, CopyOptions options) override;

  Task<Result<std::string>> create_upload(iam::Permit permit, ObjectRef object,
                                          PutOptions options) override;
  Task<Result<std::unique_ptr<ObjectWriter>>> create_part(iam::Permit permit, UploadRef upload,
                                                          std::uint32_t number) override;
  Task<Result<PartInfo>> copy_part(iam::Permit read, iam::Permit write, VersionRef from,
                                   Range range, UploadRef upload, std::uint32_t number,
                                   CopyOptions options) override;
  Task<Result<ObjectInfo>> complete_upload(iam::Permit permit, UploadRef upload,
                                           std::vector<CompletedPart> parts, PutOptions conditions,
                                           ContentDigest digest) override;
  Task<Result<void>> abort_upload(iam::Permit permit, UploadRef upload) override;
  Task<Result<PutOptions>> upload_options(iam::Permit permit, UploadRef upload) override;
  Task<Result<PartPage>> list_parts(iam::Permit permit, UploadRef upload, std::uint32_t after,
                                    std::uint32_t max_parts) override;
  Task<Result<UploadListPage>> list_uploads(iam::Permit permit, UploadListRequest request) override;

 private:
  explicit EmbeddedObjectStore(std::shared_ptr<EmbeddedCore> core);
  std::shared_ptr<EmbeddedCore> core_;
};

}  // namespace sallyport::storage
