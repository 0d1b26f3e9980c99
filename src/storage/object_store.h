// Storage speaks objects (Amazon S3's model). Implementations: embedded buckets on disk, S3
// over HTTP (src/s3). Thread-safe; calls resume on the caller's loop.
//
// Every call wants the permit for exactly what it does and answers kInternal to one that does not
// cover the call. A store that is asked over the network may put its answer's ids into
// Error::remote. Errors: kNotFound with reason "NoSuchBucket" or "NoSuchKey"; kInvalidArgument (a
// key that is empty, over 1,024 bytes, not UTF-8 or holds NUL; a malformed bucket name);
// kAlreadyExists; kConflict ("BucketNotEmpty"); kPermissionDenied; kUnavailable (no space, store
// down); kCorrupt; kIo.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "iam/permit.h"

namespace sallyport::storage {

// The arguments below are no aggregates: g++ 12 copies the bytes of a brace-initialised aggregate
// in a co_await expression, and so frees its strings twice.
struct ObjectRef {
  ObjectRef() = default;
  ObjectRef(std::string b, std::string k) : bucket(std::move(b)), key(std::move(k)) {}
  std::string bucket;
  std::string key;
};

// User metadata: names without the "x-amz-meta-" prefix, lower case.
using Metadata = std::map<std::string, std::string>;
// What a store keeps and gives back with the content, beside its type: "cache-control",
// "content-disposition", "content-encoding", "content-language", "expires",
// "x-amz-website-redirect-location". Names in lower case.
using ContentHeaders = std::map<std::string, std::string>;
// Object tags; at most 10 an object.
using Tags = std::map<std::string, std::string>;
// "CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256" → base64; a composite one ends in "-<parts>".
using Checksums = std::map<std::string, std::string>;

struct ObjectInfo {
  std::string key;
  std::uint64_t size = 0;
  WallTime modified{};
  std::string etag;  // without quotes; ends in "-1" in embedded buckets, as it is no MD5
  std::string content_type;
  Metadata metadata;
  ContentHeaders headers;
  Checksums checksums;
  std::uint32_t tag_count = 0;
  std::uint32_t part_count = 0;  // of an object made in parts; else 0
  std::string version_id;        // empty in a bucket that was never versioned; "null"
};

struct BucketInfo {
  std::string name;
  std::string region;
  WallTime created{};
};

struct PutOptions {
  PutOptions() = default;
  std::string content_type = "binary/octet-stream";
  Metadata metadata;
  ContentHeaders headers;
  Tags tags;
  bool only_if_absent = false;  // If-None-Match: *  → kAlreadyExists at commit
  // If-Match: the ETag that the object must have at commit → else kConflict with reason
  // "PreconditionFailed", or kNotFound "NoSuchKey"; empty: any.
  std::string only_if_etag;
};
// Of a copy: type, metadata and content headers of what was seen.
PutOptions options_of(const ObjectInfo& info);

// What the giver of a body computed of it on the way.
struct ContentDigest {
  std::string etag;  // without quotes; empty: the store makes one
  Checksums checksums;
};

// One object opened for reading: what it was when it was opened stays readable to the end, even
// when it is replaced or removed meanwhile. Not thread-safe; one call at a time.
class ObjectReader {
 public:
  virtual ~ObjectReader() = default;
  virtual const ObjectInfo& info() const = 0;
  // Fills the buffers from `offset` on; returns fewer bytes only at the end of the object, 0 past
  // it.
  virtual Task<Result<std::size_t>> read_at(std::uint64_t offset, std::span<const iovec> into) = 0;
  // The same when it can be answered at once without blocking (data in memory); nullopt otherwise.
  virtual std::optional<Result<std::size_t>> try_read_at(std::uint64_t offset,
                                                         std::span<const iovec> into) = 0;
};

// One object being written, front to back. Nothing is visible before commit() has answered; then
// the whole object is, and it survives a crash (as far as the store's sync setting promises).
// Destroying a writer that was not committed aborts it. Not thread-safe; one call at a time.
class ObjectWriter {
 public:
  virtual ~ObjectWriter() = default;
  // Appends all bytes. The buffers are only borrowed until the task ends.
  virtual Task<Result<void>> write(std::span<const iovec> from) = 0;
  virtual std::uint64_t size() const = 0;
  // Whether what was written can be read again before its end, as ObjectReader::read_at does. Where
  // a store cannot: kUnsupported.
  virtual bool reads_back() const { return false; }
  virtual Task<Result<std::size_t>> read_back(std::uint64_t offset, std::span<const iovec> into);
  // Before commit(), by who knows; a store may ignore it.
  virtual void describe(ContentDigest) {}
  // Before commit(): in place of the metadata given at the creation.
  virtual void set_metadata(Metadata metadata) = 0;
  virtual Task<Result<ObjectInfo>> commit() = 0;
  virtual Task<void> abort() = 0;
};

struct ListRequest {
  ListRequest() = default;
  std::string bucket;
  std::string prefix;
  std::string delimiter;    // empty or "/"… any string
  std::string start_after;  // exclusive; a common prefix here skips all that begins with it
  std::uint32_t max_keys = 1000;
  bool metadata = false;  // of the objects too, where the store has it at hand
};

struct ListPage {
  std::vector<ObjectInfo> objects;           // without content type, and metadata unless asked for
  std::vector<std::string> common_prefixes;  // end in the delimiter
  bool truncated = false;
  std::string next_start_after;  // set when truncated
};

// One object of a move of many, with permits as ObjectStore::move() wants them.
struct KeyMove {
  iam::Permit read, write, erase;
  std::string from, to;  // keys
};

inline constexpr std::string_view kMovedInPart = "MovedInPart";

class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  // Whether what keeps this bucket (empty: all of them together) has an IAM of its own that
  // decides: then it wants delegated permits.
  virtual bool decides_itself(std::string_view bucket) const;

  // `region` empty: the store's own.
  virtual Task<Result<BucketInfo>> create_bucket(iam::Permit permit, std::string bucket,
                                                 std::string region = {}) = 0;
  virtual Task<Result<void>> delete_bucket(iam::Permit permit, std::string bucket) = 0;
  // Any action on this bucket as a whole (kListBucket with prefix "", kGetBucketLocation, …).
  virtual Task<Result<BucketInfo>> head_bucket(iam::Permit permit, std::string bucket) = 0;
  virtual Task<Result<std::vector<BucketInfo>>> list_buckets(iam::Permit permit) = 0;

  virtual Task<Result<ObjectInfo>> head(iam::Permit permit, ObjectRef object) = 0;  // kGetObject
  virtual Task<Result<std::unique_ptr<ObjectReader>>> open(iam::Permit permit,
                                                           ObjectRef object) = 0;
  virtual Task<Result<std::unique_ptr<ObjectWriter>>> create(iam::Permit permit, ObjectRef object,
                                                             PutOptions options) = 0;
  // Success also when there was no such object, as in S3. In a versioned bucket a delete marker
  // takes its place.
  virtual Task<Result<void>> remove(iam::Permit permit, ObjectRef object) = 0;
  // `read` is kGetObject of `from`, `write` is kPutObject of `to`. Metadata and type are kept.
  virtual Task<Result<ObjectInfo>> copy(iam::Permit read, iam::Permit write, ObjectRef from,
                                        ObjectRef to) = 0;
  // copy and remove as one step where the store can; `erase` is kDeleteObject of `from`.
  virtual Task<Result<void>> move(iam::Permit read, iam::Permit write, iam::Permit erase,
                                  ObjectRef from, ObjectRef to) = 0;
  // Moves objects between (or inside) two buckets; those that are gone are passed over. One step
  // where the store can; else one after the other, as move() does, and an error after the first has
  // the reason kMovedInPart. REQUIRES: no key is named twice.
  virtual Task<Result<void>> move_all(std::string from_bucket, std::string to_bucket,
                                      std::vector<KeyMove> moves);
  // Sets these names of the object's metadata; an empty value removes the name. `read` is
  // kGetObject, `write` kPutObject. In a versioned bucket it makes a version.
  virtual Task<Result<ObjectInfo>> set_metadata(iam::Permit read, iam::Permit write,
                                                ObjectRef object, Metadata changes) = 0;
  virtual Task<Result<ListPage>> list(iam::Permit permit,
                                      ListRequest request) = 0;  // kListBucket, its prefix
};

}  // namespace sallyport::storage
