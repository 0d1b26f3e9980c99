// What `sallyport doctor` is told of the S3 stores elsewhere, which only the program's start knows.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "api/support/findings.h"
#include "base/task.h"

namespace sallyport::api {

enum class BucketPlace : std::uint8_t {
  kHere,
  kElsewhere,  // in another store; users' roles are evaluated here
  kEnforced,   // in another store, which has the roles and enforces them
};

struct StoresElsewhere {
  std::function<BucketPlace(std::string_view bucket)> place_of;  // empty: all are here
  // Asks each store; may take as long as they let one wait. Empty: there are none.
  std::function<Task<std::vector<Finding>>()> examine;
};

}  // namespace sallyport::api
