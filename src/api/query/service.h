// IAM and STS over the AWS Query protocol: form in, XML out. Every action that exists is a row.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "api/caller.h"
#include "api/fault.h"
#include "api/page_token.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/task.h"
#include "codec/form.h"
#include "codec/xml.h"
#include "http/message.h"
#include "model/ids.h"

namespace sallyport::state {
class ResourceStore;
}
namespace sallyport::iam {
class Authorizer;
class CredentialStore;
}  // namespace sallyport::iam

namespace sallyport::api {

// Outlives every call. Thread-safe.
struct QueryContext {
  state::ResourceStore& resources;
  iam::Authorizer& authorizer;
  iam::CredentialStore& credentials;
  const Clock& clock;
  Random& random;
  model::Place place;
  PageTokens tokens;
};

enum class QueryApi : std::uint8_t { kIam, kSts };

// What the caller must be allowed to act on (Service Authorization Reference, "Resource types").
enum class QueryTarget : std::uint8_t {
  kNone,       // asks no permission, or the action asks for its own
  kAll,        // "*"
  kRole,       // RoleName
  kNewRole,    // RoleName with Path
  kRoles,      // PathPrefix
  kUser,       // UserName, or the caller without it
  kNewUser,    // UserName with Path
  kUsers,      // PathPrefix
  kPolicy,     // PolicyArn
  kNewPolicy,  // PolicyName with Path
  kPolicies,   // PathPrefix
};

struct QueryCall;
// Writes what stands inside <ActionResult>.
using QueryHandler = Task<Outcome<Done>> (*)(const QueryCall& call, codec::XmlWriter& xml);

struct QueryRow {
  QueryApi api;
  std::string_view action;
  QueryTarget target;
  bool has_result;
  QueryHandler handler;
};
std::span<const QueryRow> query_rows();

// One request; everything referenced outlives its task.
struct QueryCall {
  const QueryContext& context;
  const Caller& caller;
  const codec::Form& form;
  const QueryRow& row;
};

// The namespace of an API's answers; it ends in the API's version.
std::string_view query_xmlns(QueryApi api);

// Thread-safe.
class QueryService {
 public:
  explicit QueryService(QueryContext context) : context_(std::move(context)) {}
  // `form_text` is the body, or the query of a GET; `caller` outlives the task. Fills
  // `caller.audit`, if there is one.
  Task<http::HttpResponse> handle(QueryApi api, std::string form_text, const Caller& caller);

 private:
  QueryContext context_;
};

}  // namespace sallyport::api
