// Changes of objects: one transaction, then the files. Inside src/storage only.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "storage/embedded_core.h"

namespace sallyport::storage {

// A body in staging, synced if that is set; `row` lacks location and version still.
struct Staged {
  index::ObjectRow row;
  bool has_file = true;
  bool linked = false;  // the file in staging is a second name of another object's
};

struct Conditions {
  bool only_if_absent = false;
  std::string only_if_etag;
};

struct Source {  // of a move: the object that goes when the other one comes
  std::string key;
  index::ObjectRow row;
  BucketPtr bucket;
};

// More that belongs into the same transaction; an error undoes it all. May be called again.
using Also = std::function<Result<void>(state::Connection&)>;

// Makes the staged body the object of the key. On error the body is gone.
// Errors: kNotFound "NoSuchBucket"; kAlreadyExists (only_if_absent); kConflict "PreconditionFailed"
// or kNotFound "NoSuchKey" (only_if_etag); kConflict (the source changed); those of `also`.
Task<Result<ObjectInfo>> publish(CorePtr core, BucketPtr bucket, std::string key, Staged staged,
                                 Conditions conditions, std::unique_ptr<Source> source = nullptr,
                                 Also also = {});
// The same on a thread of the disk pool, which waits for the commit. nullopt: publish() has to do
// it, as changes of the key go in turns; `staged` is as it was.
std::optional<Result<ObjectInfo>> publish_blocking(CorePtr core, BucketPtr bucket, std::string key,
                                                   Staged& staged, const Conditions& conditions);

// Without `version` (as stored) as a DELETE that names none.
Task<Result<Removal>> erase_object(CorePtr core, BucketPtr bucket, std::string key,
                                   std::optional<std::string> version);

// Gives the current object a new type, metadata, headers and time, and tags if there are any,
// without a new body, if it is the one of `seen` still. nullopt: it is not, or it would have to
// live on as an older version.
Task<Result<std::optional<ObjectInfo>>> redescribe(CorePtr core, BucketPtr bucket, std::string key,
                                                   index::ObjectRow seen, index::ObjectRow wanted,
                                                   Conditions conditions);

// Syncs and measures a new file on a shelf. Blocking; 0 or a negative errno value.
int finish_file(const EmbeddedCore& core, const Bucket& bucket, Shelf shelf, int fd,
                FileStamp& stamp);

}  // namespace sallyport::storage
