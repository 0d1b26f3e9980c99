// What AWS Transfer Family tells the audit log. Inside src/api/transfer only.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "api/audit.h"
#include "api/shape.h"
#include "api/wire_error.h"

namespace sallyport::api {

// `value` as events show it: members in lower camel case, what the model calls sensitive hidden,
// what it does not know left out. REQUIRES: its types were checked against the shape.
nlohmann::json audit_view(const nlohmann::json& value, const Shape& shape);

// Each does nothing for a null note.
void note_operation(AuditNote* note, const OperationModel& operation);
void note_request(AuditNote* note, const OperationModel& operation, const nlohmann::json& request);
void note_answer(AuditNote* note, const OperationModel& operation, const nlohmann::json& answer);
void note_error(AuditNote* note, const WireError& error);

}  // namespace sallyport::api
