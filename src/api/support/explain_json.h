// An explanation of a user's access as JSON; docs of the members at SupportService.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "session/explain.h"

namespace sallyport::api {

nlohmann::ordered_json explanation_json(const session::ExplainRequest& request,
                                        const session::Explanation& explanation);

}  // namespace sallyport::api
