#include "api/support/sessions.h"

#include <algorithm>

#include "api/audit.h"
#include "api/fault.h"
#include "api/wire_error.h"
#include "codec/form.h"
#include "codec/json.h"
#include "session/registry.h"
#include "state/repository.h"

namespace sallyport::api {

namespace {

using Json = nlohmann::ordered_json;

Json session_json(const session::LiveSession& session) {
  return {{"ServerId", session.server_id.str()},   {"UserName", session.user_name},
          {"SessionId", session.session_id},       {"SourceIp", session.source_ip},
          {"Since", to_iso8601_ms(session.since)}, {"OpenFiles", session.open_files},
          {"BytesIn", session.bytes_in},           {"BytesOut", session.bytes_out}};
}

bool names_any(const session::SessionFilter& filter) {
  return !filter.server_id.empty() || !filter.user_name.empty() || !filter.session_id.empty();
}

void note_call(const Caller& caller, bool end, const session::SessionFilter& filter) {
  if (caller.audit == nullptr) return;
  Json asked = Json::object();
  if (!filter.server_id.empty()) asked["server"] = filter.server_id.str();
  if (!filter.user_name.empty()) asked["user"] = filter.user_name;
  if (!filter.session_id.empty()) asked["session"] = filter.session_id;
  AuditNote& note = *caller.audit;
  note.event_source = "sallyport";
  note.event_name = end ? "EndSessions" : "ListSessions";
  note.read_only = !end;
  note.request_parameters = codec::write_json(asked);
}

void note_sessions(const Caller& caller, bool end, const Result<Json>& answer) {
  if (caller.audit == nullptr) return;
  AuditNote& note = *caller.audit;
  if (!answer.ok()) {
    const Error& error = answer.error();
    note.error_code = transfer_error(error, nullptr).code;
    note.error_message = error.message;
  } else if (end) {
    note.response_elements = codec::write_json(Json{{"ended", (*answer)["Ended"]}});
  }
}

// A server's id with a typing error is no server without sessions.
Task<Result<void>> is_there(const SupportContext& context, model::ServerId server) {
  if (server.empty()) co_return ok();
  state::Repository<model::Server> servers(context.resources);
  const auto found = co_await servers.get("", server.str());
  if (!found.ok() && found.error().code == Errc::kNotFound)
    co_return not_found("there is no server '" + server.str().substr(0, 100) + "'");
  if (!found.ok()) co_return found.error();
  co_return ok();
}

Task<Result<Json>> list(const SupportContext& context, const Caller& caller,
                        session::SessionFilter filter, std::string resource) {
  CO_TRY(co_await may(context.authorizer, caller, "sallyport:ListSessions", std::move(resource)));
  CO_TRY(co_await is_there(context, filter.server_id));
  Json out = Json::array();
  for (const session::LiveSession& one : context.sessions.list(filter))
    out.push_back(session_json(one));
  co_return out;
}

Task<Result<Json>> end_all(const SupportContext& context, const Caller& caller,
                           session::SessionFilter filter, std::string resource) {
  CO_TRY(co_await may(context.authorizer, caller, "sallyport:EndSessions", std::move(resource)));
  if (!names_any(filter)) co_return validation_fault("session, user or server is needed");
  CO_TRY(co_await is_there(context, filter.server_id));
  const std::size_t ended = context.sessions.end(filter);
  if (ended == 0 && !filter.session_id.empty())
    co_return not_found("there is no live session '" + filter.session_id.substr(0, 100) + "'");
  co_return Json{{"Ended", ended}};
}

}  // namespace

Task<Result<Json>> sessions(const SupportContext& context, const Caller& caller, bool end,
                            std::string query) {
  CO_TRY_ASSIGN(const codec::Form form, codec::parse_form(query));
  session::SessionFilter filter;
  filter.server_id = model::ServerId(std::string(form.get("server")));
  filter.user_name = form.get("user");
  filter.session_id = form.get("session");
  std::string resource =
      filter.server_id.empty() ? std::string("*") : context.place.server_arn(filter.server_id);
  note_call(caller, end, filter);
  Task<Result<Json>> asked = end ? end_all(context, caller, std::move(filter), std::move(resource))
                                 : list(context, caller, std::move(filter), std::move(resource));
  Result<Json> answer = co_await std::move(asked);
  note_sessions(caller, end, answer);
  co_return answer;
}

}  // namespace sallyport::api
