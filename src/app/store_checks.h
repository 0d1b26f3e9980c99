// What `sallyport doctor` finds out about the S3 stores elsewhere.
#pragma once

#include <vector>

#include "api/support/findings.h"
#include "base/task.h"
#include "s3/store_check.h"

namespace sallyport::app {

// All at the same time; in the order given. What is pointed to outlives the task.
Task<std::vector<api::Finding>> examine_stores(std::vector<const s3::StoreToCheck*> stores);

}  // namespace sallyport::app
