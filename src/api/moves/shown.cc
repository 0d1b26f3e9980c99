#include "api/moves/shown.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/decode.h"
#include "codec/json.h"
#include "crypto/seal.h"

namespace sallyport::api {

namespace {

using nlohmann::json;

Result<json> parse_stored(const std::string& document) {
  json parsed = json::parse(document, nullptr, false);
  if (!parsed.is_object()) return Error(Errc::kCorrupt, "a stored document is not a JSON object");
  return parsed;
}

}  // namespace

MovedOperation operation_of(std::string_view name) {
  MovedOperation out;
  out.model = transfer_model().operation(name);
  for (const TransferRow& row : transfer_rows())
    if (row.operation == name) out.handler = row.handler;
  return out;
}

Task<Outcome<json>> call_operation(TransferContext context, std::string name, json request) {
  const MovedOperation operation = operation_of(name);
  if (operation.model == nullptr || operation.handler == nullptr)
    co_return Fault(Errc::kUnsupported, name + " is not available in this version of Sallyport.");
  std::vector<std::string> unknown;
  CO_TRY(check_types(request, *operation.model->input, unknown));
  CO_TRY(check_request(request, *operation.model->input));
  co_return co_await operation.handler(context, std::move(request));
}

json names_of(const MovedKind& kind, const std::string& server, const std::string& id) {
  json out{{std::string(kind.id), id}};
  if (kind.of_server) out["ServerId"] = server;
  return out;
}

Task<Outcome<json>> show(const TransferContext& context, const MovedKind& kind, std::string server,
                         std::string id) {
  json request = names_of(kind, server, id);
  auto answer = co_await call_operation(context, std::string(kind.describe), std::move(request));
  if (!answer.ok()) {
    if (answer.error().code == Errc::kNotFound) co_return json();
    co_return std::move(answer).error();
  }
  json shown = (*answer)[std::string(kind.member)];
  shown[std::string(kind.id)] = id;
  if (kind.of_server) shown["ServerId"] = server;
  if (kind.extras != nullptr && kind.extras->complete != nullptr) {
    state::ResourceKey key(std::string(kind.kind), server, id);
    auto stored = co_await context.resources.get(std::move(key));
    if (stored.ok()) {
      CO_TRY_ASSIGN(const json document, parse_stored(stored->document));
      kind.extras->complete(document, shown);
    }
  }
  co_return shown;
}

Result<json> show_document(const MovedKind& kind, const std::string& document) {
  TRY_ASSIGN(json shown, parse_stored(document));
  if (!kind.sealed.empty()) shown.erase(std::string(kind.sealed));
  // Access keys say themselves whose they are.
  shown.erase("AccessKeyIds");
  return shown;
}

namespace {

Outcome<std::string> line_of(const TransferContext& context, const MovedKind& kind,
                             const state::Resource& stored, json shown, bool secrets) {
  if (secrets && !kind.sealed.empty()) {
    TRY_ASSIGN(const json document, parse_stored(stored.document));
    const std::string sealed = document.value(std::string(kind.sealed), "");
    if (!sealed.empty()) {
      TRY_ASSIGN(const SecretString secret,
                 context.secrets.open(sealed, kind.seal_context(stored.key.parent, stored.key.id)));
      shown[std::string(kind.secret)] = std::string(secret.reveal());
    }
  }
  json line{{std::string(kind.member), std::move(shown)}};
  if (kind.of_server) line["ServerId"] = stored.key.parent;
  return codec::write_json(line) + '\n';
}

}  // namespace

Task<Outcome<std::string>> export_lines(const TransferContext& context, bool secrets) {
  CO_TRY_ASSIGN(const auto all, co_await context.resources.all());
  std::string out = codec::write_json(json{{"Format", "sallyport-export"},
                                           {"Version", 1},
                                           {"Account", context.place.account},
                                           {"Region", context.place.region},
                                           {"Time", to_iso8601_ms(context.clock.wall())}}) +
                    '\n';
  for (const MovedKind& kind : moved_kinds()) {
    if (kind.secret_needed && kind.create.empty() && !secrets) continue;
    for (const state::Resource& one : all) {
      if (one.key.kind != kind.kind) continue;
      json shown;
      if (kind.create.empty()) {
        CO_TRY_ASSIGN(shown, show_document(kind, one.document));
      } else {
        CO_TRY_ASSIGN(shown, co_await show(context, kind, one.key.parent, one.key.id));
      }
      if (shown.is_null()) continue;  // gone meanwhile
      CO_TRY_ASSIGN(std::string line, line_of(context, kind, one, std::move(shown), secrets));
      out += line;
    }
  }
  co_return out;
}

}  // namespace sallyport::api
