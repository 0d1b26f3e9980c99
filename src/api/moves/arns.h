// ARNs that move from one installation to another. Pure. Inside api/moves only.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "model/ids.h"

namespace sallyport::api {

// Replaces, in every text of `resource` that is an ARN of IAM, Transfer Family or CloudWatch Logs,
// the account and region of the resource's own member Arn by those of `place`. Without an Arn
// nothing is changed.
void rehome_arns(nlohmann::json& resource, const model::Place& place);

}  // namespace sallyport::api
