#include "api/fault.h"

namespace sallyport::api {

Fault validation_fault(std::string message) {
  return {Errc::kInvalidArgument, std::move(message), "ValidationException"};
}

Fault serialization_fault(std::string message) {
  return {Errc::kInvalidArgument, std::move(message), "SerializationException"};
}

}  // namespace sallyport::api
