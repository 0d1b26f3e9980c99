// Making the resources what a backup says. Inside api/moves only.
#pragma once

#include <cstddef>
#include <vector>

#include "api/moves/backup_text.h"
#include "api/transfer/context.h"
#include "base/task.h"

namespace sallyport::api {

struct RestoreCounts {
  std::size_t made = 0, changed = 0, removed = 0, same = 0;
};

// The steps from `now` to `then`, counted.
std::vector<state::ResourceChange> restore_steps(const std::vector<state::Resource>& now,
                                                 const std::vector<state::Resource>& then,
                                                 RestoreCounts& counts);

// All of it in one transaction, which nobody sees half of; what is written meanwhile is seen, and
// undone as well. Sessions of users that are removed end. `dry_run` only counts. Errors: of the
// store.
Task<Result<RestoreCounts>> restore(const TransferContext& context,
                                    std::vector<state::Resource> then, bool dry_run);

}  // namespace sallyport::api
