// IAM and STS over the AWS Query protocol: form in, XML out. Every action that exists is a row.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "api/caller.h"
#include "api/fault.h"
#include "api/page_token.h"
#include "api/services.h"
#include "base/task.h"
#include "codec/form.h"
#include "codec/xml.h"
#include "http/message.h"
#include "iam/authorizer.h"

namespace sallyport::api {

// Outlives every call. Thread-safe.
struct QueryContext {
  state::ResourceStore& resources;
  const Clock& clock;
  Random& random;
  model::Place place;
  PageTokens tokens;
};

// One request; everything referenced outlives its task.
struct QueryCall {
  const QueryContext& context;
  const Caller& caller;
  const codec::Form& form;
};

// Writes what stands inside <ActionResult>.
using QueryHandler = Task<Outcome<Done>> (*)(const QueryCall& call, codec::XmlWriter& xml);

enum class QueryApi : std::uint8_t { kIam, kSts };

struct QueryRow {
  QueryApi api;
  std::string_view action;
  bool has_result;
  QueryHandler handler;
};
std::span<const QueryRow> query_rows();

// The namespace of an API's answers; it ends in the API's version.
std::string_view query_xmlns(QueryApi api);

// Thread-safe.
class QueryService {
 public:
  explicit QueryService(QueryContext context) : context_(std::move(context)) {}
  // `form_text` is the body, or the query of a GET; `caller` outlives the task.
  Task<http::HttpResponse> handle(QueryApi api, std::string form_text, const Caller& caller);

 private:
  QueryContext context_;
};

// --- The actions ---

#define SALLYPORT_QUERY_ACTION(name) \
  Task<Outcome<Done>> name(const QueryCall& call, codec::XmlWriter& xml)
SALLYPORT_QUERY_ACTION(create_role);
SALLYPORT_QUERY_ACTION(get_role);
SALLYPORT_QUERY_ACTION(list_roles);
SALLYPORT_QUERY_ACTION(delete_role);
SALLYPORT_QUERY_ACTION(update_assume_role_policy);
SALLYPORT_QUERY_ACTION(put_role_policy);
SALLYPORT_QUERY_ACTION(get_role_policy);
SALLYPORT_QUERY_ACTION(list_role_policies);
SALLYPORT_QUERY_ACTION(delete_role_policy);
SALLYPORT_QUERY_ACTION(attach_role_policy);
SALLYPORT_QUERY_ACTION(detach_role_policy);
SALLYPORT_QUERY_ACTION(list_attached_role_policies);
SALLYPORT_QUERY_ACTION(list_instance_profiles_for_role);
SALLYPORT_QUERY_ACTION(get_caller_identity);
#undef SALLYPORT_QUERY_ACTION

}  // namespace sallyport::api
