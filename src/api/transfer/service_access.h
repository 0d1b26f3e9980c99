// May the caller do this with AWS Transfer Family? Inside src/api/transfer only.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "api/shape.h"
#include "api/transfer/service.h"

namespace sallyport::api {

// Whether `request` names all that the row's action is about, in names short enough to be some.
// Otherwise the model's constraints come first, which refuse most of these.
bool can_ask_first(const TransferRow& row, const OperationModel& operation,
                   const nlohmann::json& request);

// transfer:<operation> on the row's target, with the request's tags (aws:RequestTag, aws:TagKeys),
// the target's (aws:ResourceTag) and transfer:Request… as condition keys; then iam:PassRole on
// every role in the request. AccessDeniedException with the usual sentence. REQUIRES: the request's
// types were checked. All references outlive the task.
Task<Outcome<Done>> check_access(iam::Authorizer& authorizer, const TransferContext& context,
                                 const TransferRow& row, const OperationModel& operation,
                                 const nlohmann::json& request, const Caller& caller);

}  // namespace sallyport::api
