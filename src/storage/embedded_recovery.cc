#include <fcntl.h>

#include <algorithm>
#include <set>
#include <utility>

#include "storage/embedded_history.h"
#include "storage/embedded_keys.h"
#include "storage/embedded_upload_index.h"

namespace sallyport::storage {

namespace {

using index::Intent;
using index::Location;
using index::ObjectRow;

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

Error unplaceable(int rc) {
  return errno_error("bringing the content of an object to its place", -rc);
}

bool is_at_path(const std::optional<ObjectRow>& row, std::uint64_t inode) {
  return row && row->location == Location::kPlain && row->stamp.inode == inode;
}

// A body whose row was committed: brings it to its place. Any step may have been done before.
Result<void> finish_placing(state::Connection& db, const Bucket& bucket, const Intent& intent,
                            Changed& changed) {
  TRY_ASSIGN(const auto row, index::find(db, bucket.id, intent.key));
  const BucketFiles& files = bucket.files;
  if (!row || row->content != intent.content) {
    // Older versions' bodies have been kept before.
    TRY_ASSIGN(const bool lives, index::is_version(db, bucket.id, intent.key, intent.content));
    if (lives) return ok();
    files.drop(Shelf::kStaging, intent.content);
    files.drop(Shelf::kContent, intent.content);
    return ok();
  }
  changed.add_folders_of(bucket, intent.key);
  const Shelf from = intent.kind == Intent::Kind::kPlace ? Shelf::kStaging : Shelf::kContent;
  if (const UniqueFd body(files.open_on(from, intent.content, O_PATH, nullptr)); body.valid()) {
    changed.reserved.insert(&bucket);
    bool made_folders = false;
    if (row->location == Location::kPlain &&
        files.place_plain(from, intent.content, intent.key, made_folders) == 0) {
      files.drop(from, intent.content);
      return ok();
    }
    if (from == Shelf::kStaging) {
      if (const int rc = files.place_reserved(intent.content); rc != 0) return unplaceable(rc);
    }
  }
  if (const UniqueFd aside(files.open_on(Shelf::kContent, intent.content, O_PATH, nullptr));
      aside.valid()) {
    changed.reserved.insert(&bucket);
    TRY(index::set_reserved(db, bucket.id, intent.key, intent.content));
  }
  return ok();
}

// A file whose row was replaced or removed.
Result<void> finish_erasing(state::Connection& db, const Bucket& bucket, const Intent& intent,
                            Changed& changed) {
  TRY_ASSIGN(const auto row, index::find(db, bucket.id, intent.key));
  if (!is_at_path(row, intent.inode)) bucket.files.erase_plain(intent.key, intent.inode);
  changed.add_folders_of(bucket, intent.key);
  return ok();
}

// A file whose row became an older version; that may have gone, or come up again.
Result<void> finish_keeping(state::Connection& db, const Bucket& bucket, const Intent& intent,
                            Changed& changed) {
  const BucketFiles& files = bucket.files;
  changed.add_folders_of(bucket, intent.key);
  changed.reserved.insert(&bucket);
  TRY_ASSIGN(const bool lives, index::is_version(db, bucket.id, intent.key, intent.content));
  if (lives) {
    const int rc = keep(files, intent.key, intent.inode, intent.content);
    if (rc != 0) return unplaceable(rc);
    files.prune(intent.key);
    return ok();
  }
  TRY_ASSIGN(const auto row, index::find(db, bucket.id, intent.key));
  if (row && row->content == intent.content) return ok();
  if (!is_at_path(row, intent.inode)) files.erase_plain(intent.key, intent.inode);
  files.drop(Shelf::kStaging, intent.content);
  files.drop(Shelf::kContent, intent.content);
  return ok();
}

// What makes room goes before what needs it.
int turn_of(const Intent& intent) {
  switch (intent.kind) {
    case Intent::Kind::kKeep: return 0;
    case Intent::Kind::kErase: return 1;
    case Intent::Kind::kDiscard: return 2;
    case Intent::Kind::kReturn: return 3;
    case Intent::Kind::kPlace: return 4;
  }
  return 5;
}

Result<void> finish(state::Connection& db, const Bucket& bucket, const Intent& intent,
                    Changed& changed) {
  switch (intent.kind) {
    case Intent::Kind::kPlace:
    case Intent::Kind::kReturn: return finish_placing(db, bucket, intent, changed);
    case Intent::Kind::kErase: return finish_erasing(db, bucket, intent, changed);
    case Intent::Kind::kKeep: return finish_keeping(db, bucket, intent, changed);
    case Intent::Kind::kDiscard:
      bucket.files.drop(Shelf::kContent, intent.content);
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
    if (const int rc = bucket->files.sync_shelf(Shelf::kContent); rc != 0) {
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
    std::stable_sort(intents.begin(), intents.end(),
                     [](const Intent& a, const Intent& b) { return turn_of(a) < turn_of(b); });
    Changed changed;
    for (const Intent& intent : intents) {
      if (const BucketPtr bucket = bucket_of(intent.bucket)) {
        TRY(finish(db, *bucket, intent, changed));
      }
      TRY(index::delete_intent(db, intent.id));
    }
    return core.options.sync_on_close ? sync(changed) : ok();
  }));
  for (const BucketPtr& bucket : buckets) {
    bucket->files.clear(Shelf::kStaging, [](std::uint64_t) { return false; });
    TRY_ASSIGN(const auto parts, core.database.read_blocking([&](state::Connection& db) {
      return index::part_contents(db, bucket->id);
    }));
    bucket->files.clear(Shelf::kParts, [&](std::uint64_t c) { return parts.contains(c); });
  }
  return ok();
}

}  // namespace sallyport::storage
