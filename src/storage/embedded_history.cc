#include "storage/embedded_history.h"

#include <utility>

#include "storage/embedded_keys.h"

namespace sallyport::storage {

using index::Intent;
using index::Location;
using index::ObjectRow;

Result<void> KeyHistory::load() {
  TRY_ASSIGN(current_, index::find(db_, bucket_.id, key_));
  if (current_) version_ = current_->version;
  debt_.sequence = core_.order.next_sequence();
  return ok();
}

Result<void> KeyHistory::owe(Intent::Kind kind, const ObjectRow& row) {
  Intent intent{static_cast<std::int64_t>(core_.ids.next()),
                bucket_.id,
                key_,
                kind,
                row.content,
                row.stamp.inode};
  TRY(index::insert_intent(db_, intent));
  debt_.intents.push_back(std::move(intent));
  return ok();
}

Result<void> KeyHistory::owe_removal(const ObjectRow& row) {
  if (row.location == Location::kNone) return ok();
  return owe(row.location == Location::kReserved ? Intent::Kind::kDiscard : Intent::Kind::kErase,
             row);
}

Result<Renewal> KeyHistory::compare_with_disk() {
  if (!current_) return Renewal::kNothing;
  const Probe now = probe(bucket_.files, key_, *current_, Want::kLook);
  if (now.state == Probe::State::kSame || now.error != 0) return Renewal::kNothing;
  if (now.state == Probe::State::kMissing) {
    // Removed by another program, for good.
    TRY(index::erase(db_, bucket_.id, key_));
    if (versioned()) TRY(add_marker());
    current_.reset();
    return Renewal::kDropped;
  }
  ObjectRow& row = *current_;
  row.stamp = now.stamp;
  row.modified_ms = now.stamp.mtime_ns / 1'000'000;
  row.etag = core_.ids.etag();
  row.checksums = "{}";
  row.part_count = 0;
  version_ = ++row.version;
  TRY(index::upsert(db_, bucket_.id, key_, row));
  return Renewal::kRenewed;
}

Result<std::int64_t> KeyHistory::next_rank() {
  if (current_) return current_->rank - 1;
  TRY_ASSIGN(const auto newest, index::newest_version(db_, bucket_.id, key_));
  return newest ? newest->row.rank - 1 : 0;
}

// The current object makes way for a new version: it becomes an older one, or goes if it is the
// null version and the new one is to be that.
Result<void> KeyHistory::step_aside(bool path_is_taken_over) {
  if (keeps_current()) {
    ObjectRow older = *current_;
    if (older.location == Location::kPlain) older.location = Location::kReserved;
    TRY(index::insert_version(db_, bucket_.id, key_, older, false));
    if (current_->location == Location::kPlain) TRY(owe(Intent::Kind::kKeep, *current_));
  } else if (current_ && !(path_is_taken_over && current_->location == Location::kPlain)) {
    TRY(owe_removal(*current_));
  }
  const bool null_was_current = current_ && current_->version_id.empty();
  if (versioning_ != Versioning::kSuspended || null_was_current) return ok();
  TRY_ASSIGN(const auto null, index::find_version(db_, bucket_.id, key_, ""));
  if (!null) return ok();
  TRY(index::erase_version(db_, bucket_.id, key_, null->row.rank));
  return null->marker ? ok() : owe_removal(null->row);
}

Result<void> KeyHistory::put_in_place(ObjectRow& row) {
  row.rank = 0;
  if (versioned()) {
    TRY_ASSIGN(row.rank, next_rank());
  }
  // In a bucket without versions the new file replaces the old one in one step.
  TRY(step_aside(!versioned() && row.location == Location::kPlain));
  row.version_id = versioning_ == Versioning::kEnabled ? core_.ids.version_id() : "";
  row.version = version_ + 1;
  return index::upsert(db_, bucket_.id, key_, row);
}

Result<void> KeyHistory::put(ObjectRow& row) {
  TRY(put_in_place(row));
  return row.location == Location::kNone ? ok() : owe(Intent::Kind::kPlace, row);
}

Result<Removal> KeyHistory::add_marker() {
  ObjectRow marker;
  TRY_ASSIGN(marker.rank, next_rank());
  marker.modified_ms = core_.now_ms();
  if (versioning_ == Versioning::kEnabled) {
    marker.version_id = core_.ids.version_id();
  } else {
    TRY_ASSIGN(const auto null, index::find_version(db_, bucket_.id, key_, ""));
    if (null) {
      TRY(index::erase_version(db_, bucket_.id, key_, null->row.rank));
      if (!null->marker) TRY(owe_removal(null->row));
    }
  }
  TRY(index::insert_version(db_, bucket_.id, key_, marker, true));
  return Removal{index::public_id(marker.version_id), true};
}

Result<Removal> KeyHistory::remove() {
  if (!versioned()) {
    if (!current_) return Removal{};
    TRY(index::erase(db_, bucket_.id, key_));
    TRY(owe_removal(*current_));
    return Removal{};
  }
  if (current_) {
    TRY(step_aside(false));
    TRY(index::erase(db_, bucket_.id, key_));
  }
  return add_marker();
}

// When the key shows nothing and no delete marker hides it, its newest version comes up.
Result<void> KeyHistory::bring_up() {
  TRY_ASSIGN(auto newest, index::newest_version(db_, bucket_.id, key_));
  if (!newest || newest->marker) return ok();
  ObjectRow& row = newest->row;
  TRY(index::erase_version(db_, bucket_.id, key_, row.rank));
  const bool returns = row.location == Location::kReserved && has_plain_path(key_);
  if (returns) row.location = Location::kPlain;
  row.version += 1;
  TRY(index::upsert(db_, bucket_.id, key_, row));
  return returns ? owe(Intent::Kind::kReturn, row) : ok();
}

Result<Removal> KeyHistory::remove_version(const std::string& id) {
  Removal removal{index::public_id(id), false};
  if (current_ && current_->version_id == id) {
    TRY(index::erase(db_, bucket_.id, key_));
    TRY(owe_removal(*current_));
    TRY(bring_up());
    return removal;
  }
  TRY_ASSIGN(const auto found, index::find_version(db_, bucket_.id, key_, id));
  if (!found) return removal;
  removal.delete_marker = found->marker;
  TRY(index::erase_version(db_, bucket_.id, key_, found->row.rank));
  if (!found->marker) TRY(owe_removal(found->row));
  if (!current_) TRY(bring_up());
  return removal;
}

Result<Renewal> renew(state::Connection& db, EmbeddedCore& core, const Bucket& bucket,
                      const std::string& key, const ObjectRow& seen, Debt& debt) {
  TRY_ASSIGN(const auto versioning, index::versioning_of(db, bucket.id));
  KeyHistory history(db, core, bucket, key, versioning, debt);
  TRY(history.load());
  if (!history.current() || !history.current()->same_version(seen)) return Renewal::kNothing;
  return history.compare_with_disk();
}

}  // namespace sallyport::storage
