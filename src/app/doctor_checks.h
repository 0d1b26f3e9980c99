// What `sallyport doctor` finds out from where it is run: is the API there, do the clocks agree, do
// the servers' ports answer? The rest the API tells.
#pragma once

#include <string>
#include <vector>

#include "app/cli_client.h"

namespace sallyport::app {

// As the API's findings.
struct DoctorLine {
  std::string area, kind, level, subject, text, next;
};

struct DoctorReport {
  std::vector<DoctorLine> lines;
  std::string json;  // the API's own findings; empty: it gave none
};

// Never fails: what it cannot do is a finding. Blocks.
DoctorReport examine_from_here(const std::string& api_url);

}  // namespace sallyport::app
