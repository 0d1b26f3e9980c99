#include "storage/embedded_key_change.h"

namespace sallyport::storage {

Result<Versioning> begin(state::Connection& db, KeyChange& change) {
  change.debt = {};
  TRY_ASSIGN(const auto versioning, index::versioning_of(db, change.bucket->id));
  if (versioning != Versioning::kUnversioned && !change.turn.held()) {
    change.out_of_turn = true;
    return Error(Errc::kConflict, "The bucket became versioned meanwhile");
  }
  return versioning;
}

Task<void> take_turns(KeyChange& change, KeyChange* other) {
  KeyChange* pair[] = {&change, other};
  // Those of one transaction in one order for all, or two would wait for each other.
  if (other != nullptr && KeyTurns::name_of(other->bucket->id, other->key) <
                              KeyTurns::name_of(change.bucket->id, change.key)) {
    std::swap(pair[0], pair[1]);
  }
  // Taken anew: a turn that is held already would come out of order.
  for (KeyChange* c : pair) {
    if (c != nullptr) c->turn = KeyTurns::Turn();
  }
  for (KeyChange* c : pair) {
    if (c == nullptr || !goes_in_turns(*c)) continue;
    c->turn = co_await change.core->turns.take(KeyTurns::name_of(c->bucket->id, c->key));
  }
}

}  // namespace sallyport::storage
