// Any store that speaks Amazon S3's API, as an ObjectStore. Ceph's gateway, MinIO and Amazon S3
// differ in what they say to conditions, completions and listings; where they do, what is done here
// works with each (docs/ceph-rgw-facts.md).
//
// As whom a call is made: a delegated permit's role session, whose keys come from the store's STS,
// so that the store decides; else the installation's own keys, and iam has decided.
//
// What an ObjectStore promises and a remote store cannot keep: an object that is replaced while it
// is read ends the reading with kConflict; conditions on objects of more than one part are looked
// at just before the completion; move() is a copy and a removal.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "s3/block_memory.h"
#include "s3/copies.h"
#include "s3/credentials.h"
#include "s3/object_fields.h"
#include "s3/requester.h"
#include "s3/spawn.h"
#include "s3/upload_ledger.h"
#include "s3/writer.h"
#include "storage/object_store.h"

namespace sallyport::s3 {

// What a store works with; all outlive it and what it leaves behind.
struct StoreServices {
  http::ClientPool& pool;  // of one attempt a request
  const Clock& clock;
  Random& random;
  KeySource& own;
  RoleKeys* roles = nullptr;  // null: the store has no STS, or it is not to be used
  BlockMemory& upload_memory;
  BlockMemory& download_memory;
  UploadLedger& ledger;
  Spawn spawn;
  Requester::Trouble trouble;  // may be null
  // Where parts go that are too large for the memory; null: nowhere, and they are no larger.
  const PartFiles* part_files = nullptr;
  const PartPlan& plan = PartPlan::standard();
  Requester::Recovery recovery = {};
  CopyLimits copies = {};
};

// What came of a sweep.
struct Swept {
  std::size_t aborted = 0;
  std::vector<LeftUpload> given_up;  // the store has refused for a week
  std::size_t left = 0;              // for the next sweep
  std::optional<Error> error;        // of the first of these
};

// Thread-safe.
class RemoteObjectStore final : public storage::ObjectStore {
 public:
  RemoteObjectStore(Place place, WriteDefaults defaults, StoreServices services);
  ~RemoteObjectStore() override;

  const Place& place() const;
  bool decides_itself(std::string_view bucket) const override;

  Task<Result<storage::BucketInfo>> create_bucket(iam::Permit permit, std::string bucket,
                                                  std::string region = {}) override;
  Task<Result<void>> delete_bucket(iam::Permit permit, std::string bucket) override;
  Task<Result<storage::BucketInfo>> head_bucket(iam::Permit permit, std::string bucket) override;
  Task<Result<std::vector<storage::BucketInfo>>> list_buckets(iam::Permit permit) override;

  Task<Result<storage::ObjectInfo>> head(iam::Permit permit, storage::ObjectRef object) override;
  Task<Result<std::unique_ptr<storage::ObjectReader>>> open(iam::Permit permit,
                                                            storage::ObjectRef object) override;
  Task<Result<std::unique_ptr<storage::ObjectWriter>>> create(iam::Permit permit,
                                                              storage::ObjectRef object,
                                                              storage::PutOptions options) override;
  Task<Result<void>> remove(iam::Permit permit, storage::ObjectRef object) override;
  Task<Result<storage::ObjectInfo>> copy(iam::Permit read, iam::Permit write,
                                         storage::ObjectRef from, storage::ObjectRef to) override;
  Task<Result<void>> move(iam::Permit read, iam::Permit write, iam::Permit erase,
                          storage::ObjectRef from, storage::ObjectRef to) override;
  Task<Result<storage::ObjectInfo>> set_metadata(iam::Permit read, iam::Permit write,
                                                 storage::ObjectRef object,
                                                 storage::Metadata changes) override;
  Task<Result<storage::ListPage>> list(iam::Permit permit, storage::ListRequest request) override;

  // Asked before each abort, on the caller's loop: false ends the sweep.
  using GoOn = std::function<bool()>;
  // Aborts what the ledger knows of this store and no upload owns; ends early when no answer comes.
  // What is refused does not keep the rest from its abort.
  Task<Swept> sweep(GoOn go_on = [] { return true; });

 private:
  bool may(const iam::Permit& permit, iam::Action action, std::string_view bucket,
           std::string_view key) const;
  bool may_copy(const iam::Permit& read, const iam::Permit& write, const storage::ObjectRef& from,
                const storage::ObjectRef& to) const;
  Caller caller(const iam::Permit& permit) const;
  Task<Result<void>> put_bucket(const Caller& who, std::string bucket, std::string region);
  CopyServices copy_services();
  Task<Result<void>> abort_one(const LeftUpload& left);

  Requester requester_;
  const WriteDefaults defaults_;
  const StoreServices services_;
};

}  // namespace sallyport::s3
