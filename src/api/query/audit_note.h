// What IAM and STS tell the audit log: parameters in lower camel case, answers of what changed
// something, nothing secret. Each does nothing when nobody listens (Caller::audit is null).
#pragma once

#include <string_view>

#include "api/query/service.h"
#include "api/wire_error.h"

namespace sallyport::api {

void note_request(const QueryCall& call);
// Which of its parameters would be secret is not known: none is told.
void note_unknown_action(const Caller& caller, QueryApi api, std::string_view action);
// `xml` is the whole answer.
void note_answer(const QueryCall& call, std::string_view xml);
void note_error(const Caller& caller, const WireError& error);

}  // namespace sallyport::api
