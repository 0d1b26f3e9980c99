#include "api/support/service.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/fault.h"
#include "api/support/doctor.h"
#include "api/support/explain_json.h"
#include "api/support/sessions.h"
#include "api/wire_error.h"
#include "codec/form.h"
#include "codec/json.h"
#include "state/repository.h"

namespace sallyport::api {

Error not_found(std::string message) {
  return {Errc::kNotFound, std::move(message), "ResourceNotFoundException"};
}

namespace {

using Json = nlohmann::ordered_json;

Json endpoints_json(const EndpointDirectory& directory) {
  Json out = Json::array();
  for (const auto& endpoint : directory.endpoints()) {
    out.push_back({{"ServerId", endpoint.server_id.str()},
                   {"Protocol", endpoint.protocol},
                   {"Address", endpoint.address},
                   {"Port", endpoint.port},
                   {"State", endpoint.state},
                   {"Reason", endpoint.reason},
                   {"CommunicationMode", endpoint.communication_mode},
                   {"ProxyMode", endpoint.proxy_mode}});
  }
  return out;
}

std::string all_verbs() {
  std::string out;
  for (const session::Verb verb : session::kVerbs)
    out.append(out.empty() ? "" : ", ").append(session::verb_name(verb));
  return out;
}

Result<void> read_action(std::string_view name, session::ExplainRequest& request) {
  if (name.empty()) {
    request.verbs.assign(session::kVerbs.begin(), session::kVerbs.end());
  } else if (const auto verb = session::find_verb(name)) {
    request.verbs.push_back(*verb);
  } else if (const auto action = iam::find_action(name)) {
    request.action = *action;
  } else {
    return validation_fault("there is no action '" + std::string(name.substr(0, 100)) +
                            "'; known are " + all_verbs() +
                            " and the actions of S3, like s3:GetObject");
  }
  return ok();
}

// The name that a server's users know it by, in either spelling of the tag (user guide, "Working
// with custom hostnames"); "" without one.
std::string custom_host_name(const model::Server& server) {
  for (const char* key : {"transfer:customHostname", "aws:transfer:customHostname"})
    if (const std::string* name = server.tag(key)) return *name;
  return {};
}

Task<Result<Json>> list_endpoints(const SupportContext& context, const Caller& caller) {
  CO_TRY(co_await may(context.authorizer, caller, "transfer:ListServers", "*"));
  Json out = endpoints_json(context.endpoints);
  state::Repository<model::Server> servers(context.resources);
  for (Json& endpoint : out) {
    const auto server = co_await servers.get("", endpoint["ServerId"].get<std::string>());
    if (!server.ok() && server.error().code != Errc::kNotFound) co_return server.error();
    endpoint["HostName"] = server.ok() ? custom_host_name(server->value) : "";
  }
  co_return out;
}

Task<Result<void>> may_explain(const SupportContext& context, const Caller& caller,
                               const model::User& user) {
  CO_TRY(co_await may(context.authorizer, caller, "transfer:DescribeUser", user.arn));
  co_return co_await may(context.authorizer, caller, "iam:SimulatePrincipalPolicy", user.role);
}

// The bucket where another store decides by its own roles, of which nothing is known here; "":
// none.
std::string enforced_bucket(const SupportContext& context, const session::Explanation& about) {
  const auto enforced = [&](std::string_view bucket) {
    return context.stores.place_of && context.stores.place_of(bucket) == BucketPlace::kEnforced;
  };
  if (!about.location) return {};
  if (about.location->is_object())
    return enforced(about.location->bucket) ? about.location->bucket : std::string();
  for (const auto& [entry, target] : about.mappings) {
    const std::string bucket = target.substr(1, target.find('/', 1) - 1);
    if (enforced(bucket)) return bucket;
  }
  return {};
}

Task<Result<Json>> explain_access(const SupportContext& context, const Caller& caller,
                                  std::string query) {
  CO_TRY_ASSIGN(const codec::Form form, codec::parse_form(query));
  const std::string server_id(form.get("server")), user_name(form.get("user"));
  session::ExplainRequest request;
  request.path = form.get("path");
  request.target_path = form.get("to");
  if (server_id.empty() || user_name.empty() || request.path.empty())
    co_return validation_fault("server, user and path are needed");
  CO_TRY(read_action(form.get("action"), request));

  // Who may not ask is told so before he learns what there is.
  model::User asked_about;
  asked_about.arn = context.place.user_arn(model::ServerId(server_id), user_name);
  asked_about.role = "*";
  state::Repository<model::Server> servers(context.resources);
  state::Repository<model::User> users(context.resources);
  auto user = co_await users.get(server_id, user_name);
  if (!user.ok()) {
    if (user.error().code != Errc::kNotFound) co_return std::move(user).error();
    CO_TRY(co_await may_explain(context, caller, asked_about));
    auto server = co_await servers.get("", server_id);
    co_return server.ok() ? not_found("server " + server_id + " has no user '" + user_name + "'")
                          : not_found("there is no server '" + server_id + "'");
  }
  CO_TRY(co_await may_explain(context, caller, user->value));
  CO_TRY_ASSIGN(auto server, co_await servers.get("", server_id));

  request.server = std::move(server.value);
  request.user = std::move(user->value);
  request.asker = caller.identity;
  request.asker_details = caller.details();
  session::ExplainServices with{context.objects, context.authorizer, context.resources};
  if (const auto place_of = context.stores.place_of)
    with.elsewhere = [place_of](std::string_view bucket) {
      return place_of(bucket) != BucketPlace::kHere;
    };
  auto explanation = co_await session::explain(std::move(with), request);
  if (!explanation.ok()) co_return std::move(explanation).error();
  if (const std::string bucket = enforced_bucket(context, *explanation); !bucket.empty())
    co_return Error(
        Errc::kInvalidArgument,
        "the bucket " + bucket +
            " is in another S3 store, which decides by its own roles and policies: look "
            "at them there, as docs/stores.md tells");
  co_return explanation_json(request, *explanation);
}

Task<Result<Json>> examine(const SupportContext& context, const Caller& caller) {
  CO_TRY(co_await may(context.authorizer, caller, "sallyport:Doctor", "*"));
  Doctor doctor(context, caller);
  CO_TRY(co_await doctor.examine());
  Json out = doctor.findings().json();
  out["Endpoints"] = endpoints_json(context.endpoints);
  out["Time"] = to_iso8601_ms(context.clock.wall());
  co_return out;
}

}  // namespace

Task<http::HttpResponse> SupportService::handle(const http::HttpRequest& request,
                                                const Caller& caller) const {
  const std::string path(request.path());
  Result<Json> answer = not_found("there is no " + request.method + " " + path);
  if (caller.identity.kind() == iam::Identity::Kind::kAnonymous) {
    answer = Error(Errc::kPermissionDenied, "The request must be signed.");
  } else if (path == kSessionsPath && (request.method == "GET" || request.method == "DELETE")) {
    const bool end = request.method == "DELETE";
    answer = co_await sessions(context_, caller, end, std::string(request.query()));
  } else if (request.method != "GET") {
    // As it is.
  } else if (path == "/_sallyport/endpoints") {
    answer = co_await list_endpoints(context_, caller);
  } else if (path == "/_sallyport/explain-access") {
    answer = co_await explain_access(context_, caller, std::string(request.query()));
  } else if (path == "/_sallyport/doctor") {
    answer = co_await examine(context_, caller);
  }
  if (!answer.ok()) co_return json_error_response(support_error(answer.error()), caller.request_id);
  http::HttpResponse response;
  response.headers.add("Content-Type", "application/json");
  response.headers.add("x-amzn-RequestId", caller.request_id);
  response.body = codec::write_json(*answer);
  co_return response;
}

}  // namespace sallyport::api
