#include <fcntl.h>

#include <algorithm>
#include <set>
#include <utility>

#include "storage/embedded_core.h"
#include "storage/embedded_keys.h"

namespace sallyport::storage {

namespace {

using index::Intent;
using index::Location;

// What has to be synced before the intents may go.
struct Changed {
  std::set<std::pair<const Bucket*, std::string>> folders;
  std::set<const Bucket*> reserved;

  void add_folders_of(const Bucket& bucket, std::string_view key) {
    std::string_view folder = key;
    do {
      folder = folder_of(folder);
      folders.emplace(&bucket, folder);
    } while (!folder.empty());
  }
};

// A body whose row was committed: brings it to its place. Any step may have been done before.
Result<void> finish_placing(state::Connection& db, const Bucket& bucket, const Intent& intent,
                            Changed& changed) {
  TRY_ASSIGN(const auto row, index::find(db, bucket.id, intent.key));
  const BucketFiles& files = bucket.files;
  if (!row || row->content != intent.content) {
    files.drop_staged(intent.content);
    files.drop_reserved(intent.content);
    return ok();
  }
  changed.add_folders_of(bucket, intent.key);
  if (const UniqueFd staged(files.open_staged(intent.content, O_PATH, nullptr)); staged.valid()) {
    bool made_folders = false;
    if (row->location == Location::kPlain &&
        files.place_plain(intent.content, intent.key, made_folders) == 0) {
      files.drop_staged(intent.content);
      return ok();
    }
    if (const int rc = files.place_reserved(intent.content); rc != 0) {
      return errno_error("bringing the content of an object to its place", -rc);
    }
  }
  if (const UniqueFd aside(files.open_reserved(intent.content, O_PATH, nullptr)); aside.valid()) {
    changed.reserved.insert(&bucket);
    TRY(index::set_reserved(db, bucket.id, intent.key, intent.content));
  }
  return ok();
}

// A file whose row was replaced or removed.
Result<void> finish_erasing(state::Connection& db, const Bucket& bucket, const Intent& intent,
                            Changed& changed) {
  TRY_ASSIGN(const auto row, index::find(db, bucket.id, intent.key));
  const bool current = row && row->location == Location::kPlain && row->stamp.inode == intent.inode;
  if (!current) bucket.files.erase_plain(intent.key, intent.inode);
  changed.add_folders_of(bucket, intent.key);
  return ok();
}

Result<void> finish(state::Connection& db, const Bucket& bucket, const Intent& intent,
                    Changed& changed) {
  switch (intent.kind) {
    case Intent::Kind::kPlace: return finish_placing(db, bucket, intent, changed);
    case Intent::Kind::kErase: return finish_erasing(db, bucket, intent, changed);
    case Intent::Kind::kDiscard:
      bucket.files.drop_reserved(intent.content);
      changed.reserved.insert(&bucket);
      return ok();
  }
  return Error(Errc::kCorrupt, "an intent of unknown kind");
}

Result<void> sync(const Changed& changed) {
  for (const auto& [bucket, folder] : changed.folders) {
    if (const int rc = bucket->files.sync_folder(folder); rc != 0) {
      return errno_error("syncing a folder", -rc);
    }
  }
  for (const Bucket* bucket : changed.reserved) {
    if (const int rc = bucket->files.sync_reserved_folder(); rc != 0) {
      return errno_error("syncing a folder", -rc);
    }
  }
  return ok();
}

}  // namespace

Result<void> recover(EmbeddedCore& core) {
  const auto buckets = core.buckets.all();
  const auto bucket_of = [&](std::int64_t id) {
    const auto at = std::find_if(buckets.begin(), buckets.end(),
                                 [id](const BucketPtr& b) { return b->id == id; });
    return at == buckets.end() ? nullptr : *at;
  };
  TRY(core.database.write_blocking([&](state::Connection& db) -> Result<void> {
    TRY_ASSIGN(auto intents, index::all_intents(db));
    // What was erased goes first: it may stand in the way of what is to be placed.
    std::stable_sort(intents.begin(), intents.end(), [](const Intent& a, const Intent& b) {
      return (a.kind == Intent::Kind::kErase) > (b.kind == Intent::Kind::kErase);
    });
    Changed changed;
    for (const Intent& intent : intents) {
      if (const BucketPtr bucket = bucket_of(intent.bucket)) {
        TRY(finish(db, *bucket, intent, changed));
      }
      TRY(index::delete_intent(db, intent.id));
    }
    return core.options.sync_on_close ? sync(changed) : ok();
  }));
  for (const BucketPtr& bucket : buckets) bucket->files.clear_staging();
  return ok();
}

}  // namespace sallyport::storage
