// The operations behind which nothing acts yet: everything that they are asked is checked, then
// they say what is not there.
#pragma once

#include <span>
#include <string_view>

#include "api/fault.h"

namespace sallyport::api {

struct NotThereRow {
  std::string_view operation;
  // A clause: what does not happen in this version. The documents' text comes from it.
  std::string_view what;
  // Set: it answers, as what it asks after could only have come from what is not there.
  std::string_view instead = {};
};

// The one list; docs/api.md and the README are written from it.
std::span<const NotThereRow> not_there_rows();

// ServiceUnavailableException with the operation's clause. REQUIRES: the operation has a row.
Fault not_there(std::string_view operation);

}  // namespace sallyport::api
