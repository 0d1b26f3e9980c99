// Resources as exports write and imports compare them. Inside api/moves only.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "api/moves/kinds.h"
#include "api/shape.h"
#include "api/transfer/service.h"

namespace sallyport::api {

// An operation of Transfer Family with its model; `handler` is null while there is none.
struct MovedOperation {
  const OperationModel* model = nullptr;
  TransferHandler handler = nullptr;
};
MovedOperation operation_of(std::string_view name);

// Checks a request against the model, drops members it does not know, and calls. kUnsupported
// without a handler; else the operation's own faults.
Task<Outcome<nlohmann::json>> call_operation(TransferContext context, std::string name,
                                             nlohmann::json request);

// What a kind's requests name a resource by.
nlohmann::json names_of(const MovedKind& kind, const std::string& server, const std::string& id);

// A resource of Transfer Family, with what its Describe operation leaves out; null when it is not
// there.
Task<Outcome<nlohmann::json>> show(const TransferContext& context, const MovedKind& kind,
                                   std::string server, std::string id);
// The document of one beside Transfer Family, without what is secret or of this installation.
// kCorrupt.
Result<nlohmann::json> show_document(const MovedKind& kind, const std::string& document);

// What read_elements() reads. With `secrets` they are opened.
Task<Outcome<std::string>> export_lines(const TransferContext& context, bool secrets);

}  // namespace sallyport::api
