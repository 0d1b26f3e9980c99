#include "api/wire_error.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "codec/base64.h"
#include "codec/json.h"
#include "codec/xml.h"
#include "crypto/digest.h"

namespace sallyport::api {

namespace {

constexpr std::string_view kInternalText = "We encountered an internal error. Please try again.";

std::string_view transfer_code(Errc code) {
  switch (code) {
    case Errc::kInvalidArgument: return "InvalidRequestException";
    case Errc::kNotFound: return "ResourceNotFoundException";
    case Errc::kAlreadyExists: return "ResourceExistsException";
    case Errc::kPermissionDenied: return "AccessDeniedException";
    case Errc::kConflict: return "ConflictException";
    case Errc::kUnsupported: return "ServiceUnavailableException";
    case Errc::kLimitExceeded: return "InvalidRequestException";
    case Errc::kUnavailable: return "ServiceUnavailableException";
    case Errc::kTimeout: return "ServiceUnavailableException";
    case Errc::kIo:
    case Errc::kCorrupt:
    case Errc::kCancelled:
    case Errc::kClosed:
    case Errc::kInternal: return "InternalServiceError";
  }
  return "InternalServiceError";
}

bool is_fault_code(std::string_view code) {
  return code == "InternalServiceError" || code == "ServiceUnavailableException" ||
         code == "InternalFailure";
}

struct CodeAndStatus {
  std::string_view code;
  int status;
};

CodeAndStatus logs_code(Errc code) {
  switch (code) {
    case Errc::kInvalidArgument:
    case Errc::kUnsupported: return {"InvalidParameterException", 400};
    case Errc::kNotFound: return {"ResourceNotFoundException", 400};
    case Errc::kAlreadyExists: return {"ResourceAlreadyExistsException", 400};
    case Errc::kPermissionDenied: return {"AccessDeniedException", 400};
    case Errc::kConflict: return {"OperationAbortedException", 400};
    case Errc::kLimitExceeded: return {"LimitExceededException", 400};
    case Errc::kUnavailable:
    case Errc::kTimeout: return {"ServiceUnavailableException", 500};
    case Errc::kIo:
    case Errc::kCorrupt:
    case Errc::kCancelled:
    case Errc::kClosed:
    case Errc::kInternal: return {"InternalFailure", 500};
  }
  return {"InternalFailure", 500};
}

CodeAndStatus query_code(Errc code) {
  switch (code) {
    case Errc::kInvalidArgument: return {"ValidationError", 400};
    case Errc::kNotFound: return {"NoSuchEntity", 404};
    case Errc::kAlreadyExists: return {"EntityAlreadyExists", 409};
    case Errc::kPermissionDenied: return {"AccessDenied", 403};
    case Errc::kConflict: return {"ConcurrentModification", 409};
    case Errc::kUnsupported: return {"InvalidAction", 400};
    case Errc::kLimitExceeded: return {"LimitExceeded", 409};
    case Errc::kUnavailable:
    case Errc::kTimeout: return {"ServiceUnavailable", 503};
    case Errc::kIo:
    case Errc::kCorrupt:
    case Errc::kCancelled:
    case Errc::kClosed:
    case Errc::kInternal: return {"ServiceFailure", 500};
  }
  return {"ServiceFailure", 500};
}

// Query errors that a handler names itself.
constexpr CodeAndStatus kQueryReasons[] = {
    {"ValidationError", 400},       {"MalformedPolicyDocument", 400}, {"MissingParameter", 400},
    {"InvalidParameterValue", 400}, {"InvalidAction", 400},           {"InvalidInput", 400},
    {"NoSuchEntity", 404},          {"EntityAlreadyExists", 409},     {"DeleteConflict", 409},
    {"LimitExceeded", 409},         {"ConcurrentModification", 409},  {"RequestTooLarge", 413},
};

template <std::size_t N>
CodeAndStatus choose(const CodeAndStatus (&reasons)[N], const Fault& fault,
                     CodeAndStatus fallback) {
  for (const auto& known : reasons)
    if (known.code == fault.reason) return known;
  return fallback;
}

// The conflict as an error that the operation models, one that clients retry where there is one.
std::string_view modelled_conflict(const OperationModel& operation) {
  for (const std::string_view code :
       {"ConflictException", "ThrottlingException", "ServiceUnavailableException"})
    if (operation.errors.contains(code)) return code;
  return "InternalServiceError";
}

}  // namespace

std::string public_message(const Fault& fault) {
  switch (fault.code) {
    case Errc::kIo:
    case Errc::kCorrupt:
    case Errc::kInternal:
    case Errc::kClosed:
    case Errc::kCancelled:
    case Errc::kTimeout: return std::string(kInternalText);
    default: return fault.message;
  }
}

WireError transfer_error(const Fault& fault, const OperationModel* operation) {
  WireError out;
  const bool named = fault.reason.ends_with("Exception") || fault.reason == "InternalServiceError";
  out.code = named ? fault.reason : std::string(transfer_code(fault.code));
  if (out.code == "ConflictException" && operation != nullptr)
    out.code = modelled_conflict(*operation);
  out.status = is_fault_code(out.code) ? 500 : 400;
  out.message = public_message(fault);
  if (out.code == "ResourceNotFoundException" || out.code == "ResourceExistsException")
    out.members = {{"Resource", fault.resource}, {"ResourceType", fault.resource_type}};
  if (out.code == "ThrottlingException") out.members = {{"RetryAfterSeconds", "1"}};
  return out;
}

WireError support_error(const Fault& fault) {
  WireError out = transfer_error(fault, nullptr);
  out.members.clear();
  if (fault.code == Errc::kPermissionDenied) out.status = 403;
  if (fault.code == Errc::kNotFound) out.status = 404;
  return out;
}

WireError logs_error(const Fault& fault) {
  const auto chosen = logs_code(fault.code);
  if (fault.reason.ends_with("Exception")) return {fault.reason, 400, public_message(fault), {}};
  return {std::string(chosen.code), chosen.status, public_message(fault), {}};
}

WireError query_error(const Fault& fault) {
  const auto chosen = choose(kQueryReasons, fault, query_code(fault.code));
  return {std::string(chosen.code), chosen.status, public_message(fault), {}};
}

WireError wire_error(const http::SigFailure& failure, http::SigDialect dialect) {
  const auto wire = http::sig_wire_error(failure.code, dialect);
  return {std::string(wire.code), wire.http_status, failure.message, {}};
}

http::HttpResponse json_error_response(const WireError& error, std::string_view request_id) {
  // Modelled errors carry "Message"; the errors that all services share carry "message".
  const bool modelled = transfer_model().shape(error.code) != nullptr;
  nlohmann::ordered_json body;
  body["__type"] = error.code;
  body[modelled ? "Message" : "message"] = error.message;
  for (const auto& [name, value] : error.members) body[name] = value;

  http::HttpResponse response;
  response.status = error.status;
  response.headers.add("Content-Type", "application/x-amz-json-1.1");
  response.headers.add("x-amzn-RequestId", request_id);
  response.headers.add("x-amzn-ErrorType", error.code);
  response.body = codec::write_json(body);
  return response;
}

http::HttpResponse query_error_response(const WireError& error, std::string_view xmlns,
                                        std::string_view request_id) {
  codec::XmlWriter xml;
  xml.open("ErrorResponse", xmlns).open("Error");
  xml.element("Type", error.status >= 500 ? "Receiver" : "Sender");
  xml.element("Code", error.code).element("Message", error.message);
  for (const auto& [name, value] : error.members) xml.element(name, value);
  xml.close().element("RequestId", request_id);

  http::HttpResponse response;
  response.status = error.status;
  response.headers.add("Content-Type", "text/xml");
  response.headers.add("x-amzn-RequestId", request_id);
  response.body = xml.take();
  return response;
}

http::HttpResponse s3_error_response(const WireError& error, std::string_view resource,
                                     std::string_view request_id) {
  const auto host_id = codec::base64_encode(crypto::sha256(request_id));
  codec::XmlWriter xml;
  xml.open("Error").element("Code", error.code).element("Message", error.message);
  for (const auto& [name, value] : error.members) xml.element(name, value);
  if (!resource.empty()) xml.element("Resource", resource);
  xml.element("RequestId", request_id).element("HostId", host_id);

  http::HttpResponse response;
  response.status = error.status;
  response.headers.add("Content-Type", "application/xml");
  response.headers.add("x-amz-request-id", request_id);
  response.headers.add("x-amz-id-2", host_id);
  response.body = xml.take();
  return response;
}

}  // namespace sallyport::api
