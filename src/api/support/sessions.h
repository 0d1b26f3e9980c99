// Live sessions: listed, and ended. Inside api/support only.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "api/caller.h"
#include "api/support/service.h"
#include "base/result.h"
#include "base/task.h"

namespace sallyport::api {

inline constexpr std::string_view kSessionsPath = "/_sallyport/sessions";

// What service.h says of /_sallyport/sessions. Tells the caller's audit note. The first two outlive
// the task.
Task<Result<nlohmann::ordered_json>> sessions(const SupportContext& context, const Caller& caller,
                                              bool end, std::string query);

// Of service.cc.
Error not_found(std::string message);

}  // namespace sallyport::api
