#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "storage/embedded_core.h"
#include "storage/embedded_keys.h"

namespace sallyport::storage {

namespace {

using index::Intent;
using index::Location;
using index::ObjectRow;

// What a committed transaction left to be done with files.
struct Debt {
  std::uint64_t sequence = 0;
  std::vector<std::int64_t> intents;
  std::uint64_t discard = 0;  // content/<n> that nothing refers to any more; 0: none
};

Result<void> owe(state::Connection& db, EmbeddedCore& core, const Bucket& bucket,
                 const std::string& key, Intent::Kind kind, const ObjectRow& row, Debt& debt) {
  Intent intent{static_cast<std::int64_t>(core.ids.next()),
                bucket.id,
                key,
                kind,
                row.content,
                row.stamp.inode};
  TRY(index::insert_intent(db, intent));
  debt.intents.push_back(intent.id);
  return ok();
}

// The files of a row that has gone.
Result<void> owe_removal(state::Connection& db, EmbeddedCore& core, const Bucket& bucket,
                         const std::string& key, const ObjectRow& row, Debt& debt) {
  if (row.location == Location::kNone) return ok();
  if (row.location == Location::kReserved) {
    debt.discard = row.content;
    return owe(db, core, bucket, key, Intent::Kind::kDiscard, row, debt);
  }
  return owe(db, core, bucket, key, Intent::Kind::kErase, row, debt);
}

struct Publication {
  CorePtr core;
  BucketPtr bucket;
  std::string key;
  ObjectRow row;
  bool has_file = true;
  bool only_if_absent = false;
  std::unique_ptr<Source> source;

  PublicationOrder::Ticket ticket;
  PublicationOrder::Ticket source_ticket;
  Debt debt;
  Debt source_debt;
};

Publication prepare(CorePtr core, BucketPtr bucket, std::string key, Staged staged,
                    bool only_if_absent, std::unique_ptr<Source> source) {
  Publication p;
  p.ticket = core->order.enter(bucket->id, key);
  if (source) p.source_ticket = core->order.enter(source->bucket->id, source->key);
  p.core = std::move(core);
  p.bucket = std::move(bucket);
  p.key = std::move(key);
  p.row = std::move(staged.row);
  p.has_file = staged.has_file;
  p.row.location = !p.has_file             ? Location::kNone
                   : has_plain_path(p.key) ? Location::kPlain
                                           : Location::kReserved;
  p.only_if_absent = only_if_absent;
  p.source = std::move(source);
  return p;
}

Result<void> commit_source(state::Connection& db, Publication& p) {
  const Source& source = *p.source;
  TRY_ASSIGN(const auto current, index::find(db, source.bucket->id, source.key));
  if (!current || !current->same_version(source.row)) {
    return Error(Errc::kConflict, "The source of the move changed meanwhile");
  }
  TRY(index::erase(db, source.bucket->id, source.key));
  p.source_debt.sequence = p.core->order.next_sequence();
  return owe_removal(db, *p.core, *source.bucket, source.key, *current, p.source_debt);
}

// The transaction: the one moment in which the object changes.
Result<void> commit_row(state::Connection& db, Publication& p) {
  TRY(index::require_bucket(db, p.bucket->id));
  if (p.source) TRY(commit_source(db, p));
  TRY_ASSIGN(const auto old, index::find(db, p.bucket->id, p.key));
  if (old && p.only_if_absent) {
    return Error(Errc::kAlreadyExists, "The object exists already: " + p.key, "PreconditionFailed");
  }
  p.row.version = old ? old->version + 1 : 1;
  TRY(index::upsert(db, p.bucket->id, p.key, p.row));
  p.debt.sequence = p.core->order.next_sequence();
  if (p.has_file) TRY(owe(db, *p.core, *p.bucket, p.key, Intent::Kind::kPlace, p.row, p.debt));
  if (old && old->location == Location::kReserved) {
    TRY(owe_removal(db, *p.core, *p.bucket, p.key, *old, p.debt));
  }
  return ok();
}

enum class Placed : std::uint8_t { kHome, kAside, kNowhere };

struct Placing {
  Placed placed = Placed::kHome;
  bool made_folders = false;
};

Placing place(const BucketFiles& files, const std::string& key, const ObjectRow& row) {
  Placing out;
  if (row.location == Location::kPlain) {
    if (files.place_plain(row.content, key, out.made_folders) == 0) return out;
    // Another object, or something planted, stands in the way.
    out.placed = files.place_reserved(row.content) == 0 ? Placed::kAside : Placed::kNowhere;
  } else if (files.place_reserved(row.content) != 0) {
    out.placed = Placed::kNowhere;
  }
  return out;
}

void erase_file(const BucketFiles& files, const std::string& key, const ObjectRow& row,
                const PublicationOrder::Ticket& ticket, const Debt& debt) {
  if (debt.discard != 0) files.drop_reserved(debt.discard);
  if (row.location != Location::kPlain) return;
  ticket.act(debt.sequence, [&] { files.erase_plain(key, row.stamp.inode); });
}

Settlement settlement_of(const BucketPtr& bucket, const std::string& key, const Debt& debt,
                         bool all_folders) {
  Settlement out;
  out.intents = debt.intents;
  out.bucket = bucket;
  std::string_view folder = folder_of(key);
  out.folders.emplace_back(folder);
  while (all_folders && !folder.empty()) {
    folder = folder_of(folder);
    out.folders.emplace_back(folder);
  }
  return out;
}

// Brings the files to where the committed rows say they are.
Placing carry_out(Publication& p) {
  // The source goes first: it may stand in the way ("a" moved to "a/b"); the body is in staging.
  if (p.source) {
    erase_file(p.source->bucket->files, p.source->key, p.source->row, p.source_ticket,
               p.source_debt);
  }
  Placing placing;
  const BucketFiles& files = p.bucket->files;
  if (p.has_file) {
    const bool current =
        p.ticket.act(p.debt.sequence, [&] { placing = place(files, p.key, p.row); });
    // rename(2) does nothing between two names of one file; then the one in staging is still there.
    const bool linked = p.source && placing.placed != Placed::kNowhere;
    if (!current || linked) files.drop_staged(p.row.content);
  } else {
    p.ticket.act(p.debt.sequence, [] {});
  }
  if (p.debt.discard != 0) files.drop_reserved(p.debt.discard);
  return placing;
}

// The row said the body would lie at the key's path, and it does not.
Result<void> admit_aside(Publication& p) {
  TRY_ASSIGN(const bool current, p.core->database.write_blocking([&](state::Connection& db) {
    return index::set_reserved(db, p.bucket->id, p.key, p.row.content);
  }));
  // Replaced or removed meanwhile by one who took the file to be elsewhere.
  if (!current) p.bucket->files.drop_reserved(p.row.content);
  return ok();
}

// All that comes after the commit. Blocking.
Result<ObjectInfo> conclude(Publication& p) {
  const Placing placing = carry_out(p);
  if (placing.placed == Placed::kAside) TRY(admit_aside(p));
  if (placing.placed != Placed::kNowhere) {
    auto settlement = settlement_of(p.bucket, p.key, p.debt, placing.made_folders);
    settlement.reserved_folder = p.row.location == Location::kReserved ||
                                 placing.placed == Placed::kAside || p.debt.discard != 0;
    p.core->settler.add(std::move(settlement));
  }
  if (p.source) {
    auto settlement = settlement_of(p.source->bucket, p.source->key, p.source_debt, true);
    settlement.reserved_folder = p.source_debt.discard != 0;
    p.core->settler.add(std::move(settlement));
  }
  return index::info_of(p.key, p.row);
}

}  // namespace

int finish_staged(const EmbeddedCore& core, const Bucket& bucket, int fd, FileStamp& stamp) {
  if (core.options.sync_on_close) {
    if (::fsync(fd) != 0) return -errno;
    if (!bucket.files.names_last_with_files()) {
      if (const int rc = bucket.files.sync_staging_folder(); rc != 0) return rc;
    }
  }
  struct stat st;
  if (::fstat(fd, &st) != 0) return -errno;
  stamp = stamp_of(st);
  return 0;
}

Task<Result<ObjectInfo>> publish(CorePtr core, BucketPtr bucket, std::string key, Staged staged,
                                 bool only_if_absent, std::unique_ptr<Source> source) {
  Publication p = prepare(std::move(core), std::move(bucket), std::move(key), std::move(staged),
                          only_if_absent, std::move(source));
  auto act = [&p](state::Connection& db) { return commit_row(db, p); };
  auto committed = co_await p.core->database.write(std::move(act));
  if (!committed.ok()) {
    if (p.has_file) {
      co_await p.core->disk.run([&p] { p.bucket->files.drop_staged(p.row.content); });
    }
    co_return std::move(committed).error();
  }
  if (!p.has_file && !p.source && p.debt.intents.empty()) co_return index::info_of(p.key, p.row);
  co_return co_await p.core->disk.run([&p] { return conclude(p); });
}

Result<ObjectInfo> publish_blocking(CorePtr core, BucketPtr bucket, std::string key, Staged staged,
                                    bool only_if_absent) {
  Publication p = prepare(std::move(core), std::move(bucket), std::move(key), std::move(staged),
                          only_if_absent, nullptr);
  auto committed =
      p.core->database.write_blocking([&p](state::Connection& db) { return commit_row(db, p); });
  if (!committed.ok()) {
    if (p.has_file) p.bucket->files.drop_staged(p.row.content);
    return std::move(committed).error();
  }
  return conclude(p);
}

Task<Result<void>> erase_object(CorePtr core, BucketPtr bucket, std::string key) {
  const auto ticket = core->order.enter(bucket->id, key);
  Debt debt;
  ObjectRow row;
  bool found = false;
  auto act = [&](state::Connection& db) -> Result<void> {
    TRY(index::require_bucket(db, bucket->id));
    TRY_ASSIGN(auto current, index::find(db, bucket->id, key));
    if (!current) return ok();
    found = true;
    row = std::move(*current);
    TRY(index::erase(db, bucket->id, key));
    debt.sequence = core->order.next_sequence();
    return owe_removal(db, *core, *bucket, key, row, debt);
  };
  CO_TRY(co_await core->database.write(std::move(act)));
  if (!found || debt.intents.empty()) co_return ok();
  co_await core->disk.run([&] { erase_file(bucket->files, key, row, ticket, debt); });
  auto settlement = settlement_of(bucket, key, debt, true);
  settlement.reserved_folder = debt.discard != 0;
  core->settler.add(std::move(settlement));
  co_return ok();
}

}  // namespace sallyport::storage
