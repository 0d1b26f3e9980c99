#include "api/moves/service.h"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "api/audit.h"
#include "api/moves/backup_text.h"
#include "api/moves/import.h"
#include "api/moves/restore.h"
#include "api/moves/shown.h"
#include "api/wire_error.h"
#include "codec/form.h"
#include "codec/json.h"
#include "iam/authorizer.h"

namespace sallyport::api {

namespace {

using nlohmann::json;

constexpr std::size_t kMaxBody = 512 * 1024 * 1024;

struct Move {
  std::string_view path, method, event, right;
};
constexpr Move kMoves[] = {
    {"/_sallyport/backup", "GET", "Backup", "sallyport:Backup"},
    {"/_sallyport/restore", "POST", "Restore", "sallyport:Restore"},
    {"/_sallyport/export", "GET", "Export", "sallyport:Export"},
    {"/_sallyport/import", "POST", "Import", "sallyport:Import"},
};

const Move* find_move(std::string_view path) {
  for (const Move& move : kMoves)
    if (move.path == path) return &move;
  return nullptr;
}

Task<Outcome<std::string>> restore_from(const MoveContext& context, std::string text,
                                        bool dry_run) {
  CO_TRY_ASSIGN(Backup backup, read_backup(text));
  if (backup.key_check != context.key_check)
    co_return Fault(Errc::kInvalidArgument,
                    "the secrets in the backup are sealed under another master key; restore it "
                    "where that key is");
  CO_TRY_ASSIGN(const RestoreCounts counts,
                co_await restore(context.transfer, std::move(backup.resources), dry_run));
  co_return codec::write_json(json{{"Made", counts.made},
                                   {"Changed", counts.changed},
                                   {"Removed", counts.removed},
                                   {"Same", counts.same}});
}

Task<Outcome<std::string>> import_from(const MoveContext& context, std::string text, bool dry_run) {
  CO_TRY_ASSIGN(const json results,
                co_await import_lines(context.transfer, std::move(text), dry_run));
  co_return codec::write_json(results);
}

Task<Outcome<std::string>> answer(const MoveContext& context, const Move& move,
                                  const http::HttpRequest& request, http::BodyReader& body,
                                  const Caller& caller) {
  CO_TRY_ASSIGN(const codec::Form form, codec::parse_form(std::string(request.query())));
  const bool secrets = form.get("secrets") == "true", dry_run = form.get("dry-run") == "true";
  CO_TRY(co_await may(context.authorizer, caller, std::string(move.right), "*"));
  if (move.event == "Backup") {
    CO_TRY_ASSIGN(const auto all, co_await context.transfer.resources.all());
    co_return write_backup(all, context.key_check, context.transfer.clock.wall());
  }
  if (move.event == "Export") {
    if (secrets) CO_TRY(co_await may(context.authorizer, caller, "sallyport:ExportSecrets", "*"));
    co_return co_await export_lines(context.transfer, secrets);
  }
  auto text = co_await http::read_all(body, kMaxBody);
  // Cut off, too long, or not what was signed: the sender's affair.
  if (!text.ok()) co_return Fault(Errc::kInvalidArgument, text.error().message);
  if (move.event == "Restore") co_return co_await restore_from(context, std::move(*text), dry_run);
  co_return co_await import_from(context, std::move(*text), dry_run);
}

void note(const Caller& caller, const Move& move, const http::HttpRequest& request) {
  if (caller.audit == nullptr) return;
  caller.audit->event_source = "sallyport";
  caller.audit->event_name = move.event;
  caller.audit->read_only = move.method == "GET";
  json asked = json::object();
  const auto form = codec::parse_form(std::string(request.query()));
  for (const char* name : {"secrets", "dry-run"})
    if (form.ok() && form->get(name) == "true") asked[name] = true;
  caller.audit->request_parameters = codec::write_json(asked);
}

http::HttpResponse error_answer(const Fault& fault, const Caller& caller) {
  const WireError wire = support_error(fault);
  if (caller.audit != nullptr) {
    caller.audit->error_code = wire.code;
    caller.audit->error_message = fault.message;
  }
  if (wire.status >= 500) spdlog::error("{} (request {})", fault.message, caller.request_id);
  return json_error_response(wire, caller.request_id);
}

}  // namespace

bool MoveService::owns(std::string_view path) {
  return find_move(path) != nullptr;
}

Task<http::HttpResponse> MoveService::handle(const http::HttpRequest& request,
                                             http::BodyReader& body, const Caller& caller) const {
  const Move* move = find_move(request.path());
  if (move == nullptr || move->method != request.method) {
    const Fault fault(Errc::kNotFound,
                      "there is no " + request.method + " " + std::string(request.path()),
                      "ResourceNotFoundException");
    co_return error_answer(fault, caller);
  }
  note(caller, *move, request);
  auto answered = co_await answer(context_, *move, request, body, caller);
  if (!answered.ok()) co_return error_answer(answered.error(), caller);
  http::HttpResponse response;
  response.headers.add("Content-Type",
                       move->method == "GET" ? "application/jsonl" : "application/json");
  response.headers.add("x-amzn-RequestId", caller.request_id);
  response.body = std::move(*answered);
  co_return response;
}

}  // namespace sallyport::api
