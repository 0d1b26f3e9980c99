#include "api/transfer/service_audit.h"

#include <nlohmann/json.hpp>

#include "codec/json.h"

namespace sallyport::api {

namespace {

using nlohmann::json;

bool reads_only(std::string_view operation) {
  return operation.starts_with("Describe") || operation.starts_with("List") ||
         operation == "TestIdentityProvider";
}

std::string lower_first(std::string name) {
  if (!name.empty() && name[0] >= 'A' && name[0] <= 'Z')
    name[0] = static_cast<char>(name[0] - 'A' + 'a');
  return name;
}

}  // namespace

json audit_view(const json& value, const Shape& shape) {
  if (shape.sensitive) return kHiddenInAudit;
  if (shape.type == ShapeType::kStructure && value.is_object()) {
    json out = json::object();
    for (const Shape::Member& member : shape.members)
      if (const auto found = value.find(member.name); found != value.end())
        out[lower_first(member.name)] = audit_view(*found, *member.shape);
    return out;
  }
  if (shape.type == ShapeType::kList && value.is_array()) {
    json out = json::array();
    for (const json& item : value) out.push_back(audit_view(item, *shape.element));
    return out;
  }
  return value;
}

void note_operation(AuditNote* note, const OperationModel& operation) {
  if (note == nullptr) return;
  note->event_source = "transfer.amazonaws.com";
  note->event_name = operation.name;
  note->read_only = reads_only(operation.name);
}

void note_request(AuditNote* note, const OperationModel& operation, const json& request) {
  if (note == nullptr || operation.input == nullptr || request.empty()) return;
  note->request_parameters = codec::write_json(audit_view(request, *operation.input));
}

void note_answer(AuditNote* note, const OperationModel& operation, const json& answer) {
  if (note == nullptr || note->read_only || operation.output == nullptr || !answer.is_object())
    return;
  note->response_elements = codec::write_json(audit_view(answer, *operation.output));
}

void note_error(AuditNote* note, const WireError& error) {
  if (note == nullptr) return;
  note->error_code = error.code;
  note->error_message = error.message;
}

}  // namespace sallyport::api
