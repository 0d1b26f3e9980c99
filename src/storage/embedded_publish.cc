#include "storage/embedded_publish.h"

#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "storage/embedded_key_change.h"
#include "storage/embedded_keys.h"

namespace sallyport::storage {

namespace {

using index::Location;
using index::ObjectRow;

// A move: the object that goes when the other one comes.
struct Leaving {
  Leaving(const CorePtr& core, Source source)
      : change(core, std::move(source.bucket), std::move(source.key)), row(std::move(source.row)) {}
  KeyChange change;
  ObjectRow row;
};

struct Publication {
  Publication(CorePtr core, BucketPtr bucket, std::string key, const Staged& staged,
              const Conditions& when, std::unique_ptr<Source> source, Also more)
      : change(std::move(core), std::move(bucket), std::move(key)),
        row(staged.row),
        linked(staged.linked),
        conditions(when),
        also(std::move(more)) {
    if (source) leaving.emplace(change.core, std::move(*source));
    row.location = !staged.has_file             ? Location::kNone
                   : has_plain_path(change.key) ? Location::kPlain
                                                : Location::kReserved;
  }

  KeyChange change;
  ObjectRow row;
  const bool linked;
  const Conditions conditions;
  const Also also;
  std::optional<Leaving> leaving;
};

Result<void> take_away(state::Connection& db, Leaving& leaving, bool linked) {
  KeyChange& change = leaving.change;
  TRY_ASSIGN(const auto versioning, begin(db, change));
  KeyHistory history(db, *change.core, *change.bucket, change.key, versioning, change.debt);
  TRY(history.load());
  const bool same = history.current() && history.current()->same_version(leaving.row);
  // Two versions that live on must not be two names of one file.
  if (!same || (linked && history.keeps_current())) {
    return Error(Errc::kConflict, "The source of the move changed meanwhile");
  }
  TRY(history.remove());
  return ok();
}

Result<void> check_conditions(const Conditions& conditions, const std::string& key,
                              const std::optional<ObjectRow>& current) {
  if (conditions.only_if_absent && current) {
    return Error(Errc::kAlreadyExists, "The object exists already: " + key, "PreconditionFailed");
  }
  if (conditions.only_if_etag.empty()) return ok();
  if (!current) return index::no_such_key(key);
  if (current->etag == conditions.only_if_etag) return ok();
  return Error(Errc::kConflict, "The object has another ETag: " + key, "PreconditionFailed");
}

// The current row, brought up to what lies on the disk where that matters.
Result<void> load(KeyHistory& history, const std::string& key, const Conditions& conditions) {
  TRY(history.load());
  if (history.versioned() || !conditions.only_if_etag.empty()) TRY(history.compare_with_disk());
  return check_conditions(conditions, key, history.current());
}

// The transaction: the one moment in which the object changes.
Result<void> commit_row(state::Connection& db, Publication& p) {
  TRY_ASSIGN(const auto versioning, begin(db, p.change));
  if (p.also) TRY(p.also(db));
  if (p.leaving) TRY(take_away(db, *p.leaving, p.linked));
  KeyHistory history(db, *p.change.core, *p.change.bucket, p.change.key, versioning, p.change.debt);
  TRY(load(history, p.change.key, p.conditions));
  return history.put(p.row);
}

ObjectInfo info_of(const Publication& p) {
  return index::info_of(p.change.key, p.row, p.change.bucket->versioned);
}

void drop_staged(const Publication& p) {
  if (p.row.location == Location::kNone) return;
  p.change.bucket->files.drop(Shelf::kStaging, p.row.content);
}

// All that comes after the commit. Blocking.
Result<ObjectInfo> conclude(Publication& p) {
  // The source goes first: it may stand in the way ("a" moved to "a/b"); the body is in staging.
  if (p.leaving) TRY(settle(p.leaving->change));
  TRY(settle(p.change, p.linked));
  return info_of(p);
}

}  // namespace

int finish_file(const EmbeddedCore& core, const Bucket& bucket, Shelf shelf, int fd,
                FileStamp& stamp) {
  if (core.options.sync_on_close) {
    if (::fsync(fd) != 0) return -errno;
    if (!bucket.files.names_last_with_files()) {
      if (const int rc = bucket.files.sync_shelf(shelf); rc != 0) return rc;
    }
  }
  struct stat st;
  if (::fstat(fd, &st) != 0) return -errno;
  stamp = stamp_of(st);
  return 0;
}

Task<Result<ObjectInfo>> publish(CorePtr core, BucketPtr bucket, std::string key, Staged staged,
                                 Conditions conditions, std::unique_ptr<Source> source, Also also) {
  Publication p(std::move(core), std::move(bucket), std::move(key), staged, conditions,
                std::move(source), std::move(also));
  KeyChange* const other = p.leaving ? &p.leaving->change : nullptr;
  auto act = [&p](state::Connection& db) { return commit_row(db, p); };
  auto committed = co_await commit_changes(p.change, other, std::move(act));
  if (!committed.ok()) {
    co_await p.change.core->disk.run([&p] { drop_staged(p); });
    co_return std::move(committed).error();
  }
  if (!other && p.change.debt.intents.empty()) co_return info_of(p);
  co_return co_await p.change.core->disk.run([&p] { return conclude(p); });
}

std::optional<Result<ObjectInfo>> publish_blocking(CorePtr core, BucketPtr bucket, std::string key,
                                                   Staged& staged, const Conditions& conditions) {
  Publication p(std::move(core), std::move(bucket), std::move(key), staged, conditions, nullptr,
                {});
  if (goes_in_turns(p.change)) return std::nullopt;
  auto committed = p.change.core->database.write_blocking(
      [&p](state::Connection& db) { return commit_row(db, p); });
  if (p.change.out_of_turn) return std::nullopt;
  if (!committed.ok()) {
    drop_staged(p);
    return std::move(committed).error();
  }
  return conclude(p);
}

Task<Result<Removal>> erase_object(CorePtr core, BucketPtr bucket, std::string key,
                                   std::optional<std::string> version) {
  KeyChange change(std::move(core), std::move(bucket), std::move(key));
  Removal removal;
  auto act = [&](state::Connection& db) -> Result<void> {
    TRY_ASSIGN(const auto versioning, begin(db, change));
    KeyHistory history(db, *change.core, *change.bucket, change.key, versioning, change.debt);
    TRY(history.load());
    if (history.versioned()) TRY(history.compare_with_disk());
    TRY_ASSIGN(removal, version ? history.remove_version(*version) : history.remove());
    return ok();
  };
  CO_TRY(co_await commit_changes(change, nullptr, std::move(act)));
  if (change.debt.intents.empty()) co_return removal;
  CO_TRY(co_await change.core->disk.run([&] { return settle(change); }));
  co_return removal;
}

Task<Result<std::optional<ObjectInfo>>> redescribe(CorePtr core, BucketPtr bucket, std::string key,
                                                   ObjectRow seen, ObjectRow wanted,
                                                   Conditions conditions) {
  KeyChange change(std::move(core), std::move(bucket), std::move(key));
  std::optional<ObjectInfo> info;
  auto act = [&](state::Connection& db) -> Result<void> {
    TRY_ASSIGN(const auto versioning, begin(db, change));
    KeyHistory history(db, *change.core, *change.bucket, change.key, versioning, change.debt);
    TRY(load(history, change.key, conditions));
    const auto& current = history.current();
    if (!current || !current->same_version(seen) || history.keeps_current()) return ok();
    ObjectRow row = *current;
    index::describe_as(row, wanted);
    row.tags = wanted.tags;
    row.modified_ms = wanted.modified_ms;
    row.version += 1;
    TRY(index::upsert(db, change.bucket->id, change.key, row));
    info = index::info_of(change.key, row, history.versioned());
    return ok();
  };
  CO_TRY(co_await commit_changes(change, nullptr, std::move(act)));
  if (!change.debt.intents.empty()) {
    CO_TRY(co_await change.core->disk.run([&] { return settle(change); }));
  }
  co_return info;
}

}  // namespace sallyport::storage
