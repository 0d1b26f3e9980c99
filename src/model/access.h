// What a group of the directory behind a server is given, as CreateAccess makes it and
// DescribeAccess shows it (DescribedAccess). Plain data. An access has no ARN and no tags.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "model/grant.h"
#include "model/ids.h"

namespace sallyport::model {

struct Access : Grant {
  ServerId server_id;
  std::string external_id;  // the group's security identifier, "S-1-…"
  WallTime created{};
};

std::string to_document(const Access& access);
Result<Access> access_from_document(std::string_view document);

}  // namespace sallyport::model
