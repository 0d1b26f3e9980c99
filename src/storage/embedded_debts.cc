#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "storage/embedded_history.h"
#include "storage/embedded_io.h"
#include "storage/embedded_keys.h"

namespace sallyport::storage {

namespace {

using index::Intent;
using Kind = index::Intent::Kind;

bool brings_a_body(const Intent& intent) {
  return intent.kind == Kind::kPlace || intent.kind == Kind::kReturn;
}

// Whether the key's path may be taken: in a versioned bucket what lies there may be an older
// version that could not be kept before, as the disk was full.
bool clear_path(EmbeddedCore& core, const Bucket& bucket, const std::string& key) {
  if (!bucket.versioned) return true;
  FileStamp there;
  const UniqueFd fd(bucket.files.open_plain(key, O_PATH, &there));
  if (!fd.valid()) return true;
  const auto owed = core.database.read_blocking(
      [&](state::Connection& db) { return index::intents_of(db, bucket.id, key); });
  if (!owed.ok()) return false;
  for (const Intent& intent : *owed) {
    if (intent.kind == Kind::kKeep && intent.inode == there.inode) {
      return keep(bucket.files, key, intent.inode, intent.content) == 0;
    }
  }
  return true;
}

void place(EmbeddedCore& core, const Bucket& bucket, const std::string& key, const Intent& intent,
           Carried& out) {
  const BucketFiles& files = bucket.files;
  const Shelf from = intent.kind == Kind::kPlace ? Shelf::kStaging : Shelf::kContent;
  if (has_plain_path(key)) {
    if (clear_path(core, bucket, key) &&
        files.place_plain(from, intent.content, key, out.made_folders) == 0) {
      return;
    }
    // Another object, or something planted, stands in the way.
    out.placed = Placed::kAside;
    if (from == Shelf::kContent) return;
  }
  if (files.place_reserved(intent.content) != 0) out.placed = Placed::kNowhere;
}

void carry_out_one(EmbeddedCore& core, const Bucket& bucket, const std::string& key,
                   const Intent& intent, Carried& out) {
  switch (intent.kind) {
    case Kind::kErase: bucket.files.erase_plain(key, intent.inode); return;
    case Kind::kKeep:
      if (keep(bucket.files, key, intent.inode, intent.content) != 0) out.unkept = true;
      return;
    case Kind::kDiscard: return;  // afterwards, when nobody can put the file there any more
    case Kind::kPlace:
    case Kind::kReturn: place(core, bucket, key, intent, out); return;
  }
}

Settlement settlement_of(const BucketPtr& bucket, const std::string& key, const Debt& debt,
                         const Carried& carried) {
  Settlement out;
  out.bucket = bucket;
  bool prunes = false;
  for (const Intent& intent : debt.intents) {
    out.intents.push_back(intent.id);
    prunes = prunes || intent.kind == Kind::kErase || intent.kind == Kind::kKeep;
    out.reserved_folder = out.reserved_folder || intent.kind == Kind::kDiscard ||
                          intent.kind == Kind::kKeep || intent.kind == Kind::kReturn;
  }
  out.reserved_folder =
      out.reserved_folder || carried.placed == Placed::kAside || !has_plain_path(key);
  std::string_view folder = folder_of(key);
  out.folders.emplace_back(folder);
  while ((carried.made_folders || prunes) && !folder.empty()) {
    folder = folder_of(folder);
    out.folders.emplace_back(folder);
  }
  return out;
}

}  // namespace

int keep(const BucketFiles& files, const std::string& key, std::uint64_t inode,
         std::uint64_t content) {
  const int rc = files.keep_plain(key, inode, content);
  if (rc != -EXDEV) return rc;
  // Another program's file on a file system of its own.
  FileStamp stamp;
  const UniqueFd from(files.open_plain(key, O_RDONLY, &stamp));
  if (!from.valid() || stamp.inode != inode) return 0;
  files.drop(Shelf::kContent, content);
  const int created = files.create_on(Shelf::kContent, content);
  if (created < 0) return created;
  const UniqueFd to(created);
  if (const int copied = copy_range(from.get(), 0, to.get(), 0, stamp.size); copied != 0) {
    return copied;
  }
  if (::fsync(to.get()) != 0) return -errno;
  return files.erase_plain(key, inode);
}

Carried carry_out(EmbeddedCore& core, const Bucket& bucket, const std::string& key,
                  const Debt& debt, const PublicationOrder::Ticket& ticket, bool linked) {
  const BucketFiles& files = bucket.files;
  Carried out;
  const bool latest = ticket.act(debt.sequence, [&] {
    for (const Intent& intent : debt.intents) carry_out_one(core, bucket, key, intent, out);
  });
  bool kept = false;
  bool placed = false;
  for (const Intent& intent : debt.intents) {
    if (intent.kind == Kind::kDiscard) files.drop(Shelf::kContent, intent.content);
    // rename(2) does nothing between two names of one file; then the one in staging is still there.
    if (intent.kind == Kind::kPlace && (!latest || (linked && out.placed != Placed::kNowhere))) {
      files.drop(Shelf::kStaging, intent.content);
    }
    kept = kept || intent.kind == Kind::kKeep;
    placed = placed || brings_a_body(intent);
  }
  if (latest && kept && !placed) files.prune(key);
  return out;
}

void discard(EmbeddedCore& core, const BucketPtr& bucket, const std::string& key,
             const Debt& debt) {
  for (const Intent& intent : debt.intents) bucket->files.drop(Shelf::kContent, intent.content);
  core.settler.add(settlement_of(bucket, key, debt, {}));
}

Result<void> settle(EmbeddedCore& core, const BucketPtr& bucket, const std::string& key,
                    const Debt& debt, const PublicationOrder::Ticket& ticket, bool linked) {
  if (debt.intents.empty()) {
    // Nothing of an earlier change may be done after this one.
    ticket.act(debt.sequence, [] {});
    return ok();
  }
  const Carried carried = carry_out(core, *bucket, key, debt, ticket, linked);
  if (carried.placed == Placed::kAside) {
    // The row says that the body lies at the key's path, and it does not.
    const auto at = std::find_if(debt.intents.begin(), debt.intents.end(), brings_a_body);
    TRY_ASSIGN(const bool wanted, core.database.write_blocking([&](state::Connection& db) {
      return index::set_reserved(db, bucket->id, key, at->content);
    }));
    // Replaced or removed meanwhile by one who took the file to be elsewhere.
    if (!wanted) bucket->files.drop(Shelf::kContent, at->content);
  }
  // What could not be done is left to the next start.
  if (carried.placed != Placed::kNowhere && !carried.unkept) {
    core.settler.add(settlement_of(bucket, key, debt, carried));
  }
  return ok();
}

}  // namespace sallyport::storage
