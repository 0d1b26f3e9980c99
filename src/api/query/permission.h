// May the caller do this? Asked before an action runs (Service Authorization Reference, "Actions,
// resources, and condition keys for AWS Identity and Access Management").
#pragma once

#include <string>

#include "api/query/service.h"

namespace sallyport::api {

// By the row's target. AccessDenied with the usual sentence.
Task<Outcome<Done>> ask_permission(const QueryCall& call);
// For what an action touches beside its target. `resource` is an ARN.
Task<Outcome<Done>> ask_permission(const QueryCall& call, std::string resource);

}  // namespace sallyport::api
