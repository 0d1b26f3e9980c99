// One change of one key from before its transaction until its files are in place. Inside
// src/storage only.
#pragma once

#include <string>
#include <utility>

#include "storage/embedded_history.h"

namespace sallyport::storage {

struct KeyChange {
  KeyChange(CorePtr c, BucketPtr b, std::string k)
      : core(std::move(c)),
        bucket(std::move(b)),
        key(std::move(k)),
        ticket(core->order.enter(bucket->id, key)) {}

  const CorePtr core;
  const BucketPtr bucket;
  const std::string key;
  // The ticket ends before the turn: who is next finds the files in place.
  KeyTurns::Turn turn;
  PublicationOrder::Ticket ticket;
  Debt debt;
  bool out_of_turn = false;
};

// First in the transaction; forgets what an earlier try owed. Errors: kNotFound "NoSuchBucket";
// kConflict and change.out_of_turn if the bucket is versioned and the turn is not held.
Result<Versioning> begin(state::Connection& db, KeyChange& change);

inline bool goes_in_turns(const KeyChange& change) {
  return change.bucket->in_turns.load(std::memory_order_acquire);
}
Task<void> take_turns(KeyChange& change, KeyChange* other);

// Runs `act(db)`, which begins the changes, as a transaction; once more if a bucket became
// versioned just then.
template <class F>
Task<Result<void>> commit_changes(KeyChange& change, KeyChange* other, F act) {
  for (;;) {
    co_await take_turns(change, other);
    change.out_of_turn = false;
    if (other != nullptr) other->out_of_turn = false;
    auto once = [&act](state::Connection& db) { return act(db); };
    auto done = co_await change.core->database.write(std::move(once));
    if (!change.out_of_turn && (other == nullptr || !other->out_of_turn)) co_return done;
  }
}

// Carries out what the change owes. Blocking.
inline Result<void> settle(KeyChange& change, bool linked = false) {
  return settle(*change.core, change.bucket, change.key, change.debt, change.ticket, linked);
}

}  // namespace sallyport::storage
