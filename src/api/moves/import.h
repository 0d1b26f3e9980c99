// Resources into an installation: what is not there is made, under the id it had; what differs is
// changed; nothing is removed. Each resource by itself: one that is refused does not stop the
// others.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>

#include "api/moves/elements.h"

namespace sallyport::api {

// Answers {"Results": [{"Resource", "Outcome", "Differences", "Text"}, …]}, in the order of work.
// Outcome: "same", "made", "changed", "refused" or "skipped". A dry run does it all to a copy, and
// says "would be made" and "would be changed" instead. `text` is JSON lines. kInvalidArgument when
// a line is not to be read: then nothing is done.
Task<Outcome<nlohmann::json>> import_lines(TransferContext context, std::string text, bool dry_run);

// One resource; inside api/moves only.
struct ImportResult {
  std::string outcome;
  nlohmann::json differences;
  std::string text;
};
// Of Transfer Family, by its operations.
Task<Outcome<ImportResult>> import_resource(const TransferContext& context, MovedElement element);
// Beside it, by its document.
Task<Outcome<ImportResult>> import_document(const TransferContext& context, MovedElement element);

}  // namespace sallyport::api
