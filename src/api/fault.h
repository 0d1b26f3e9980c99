// What an operation answers: a value, or a Fault that the edge turns into the words of its
// protocol.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "base/error.h"
#include "base/result.h"

namespace sallyport::api {

// An Error on its way to a caller of the API. `reason`, when set, is the service's own name of the
// error
// ("ResourceNotFoundException", "NoSuchBucket"); otherwise the edge chooses one by the code.
// Copyable; never holds a secret.
struct [[nodiscard]] Fault : Error {
  Fault(Error error) : Error(std::move(error)) {}
  Fault(Errc code, std::string message, std::string reason = {})
      : Error(code, std::move(message), std::move(reason)) {}

  // The members Resource and ResourceType of ResourceNotFoundException and ResourceExistsException.
  Fault about(std::string type, std::string name) && {
    resource_type = std::move(type);
    resource = std::move(name);
    return std::move(*this);
  }

  std::string resource;
  std::string resource_type;
};

// Result<T> with a Fault; TRY and CO_TRY work on it, and a Result's Error converts.
template <class T>
class [[nodiscard]] Outcome {
 public:
  Outcome(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Outcome(Fault fault) : state_(std::in_place_index<1>, std::move(fault)) {}
  Outcome(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // REQUIRES: ok().
  T& value() & { return *std::get_if<0>(&state_); }
  const T& value() const& { return *std::get_if<0>(&state_); }
  T&& value() && { return std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }

  // REQUIRES: !ok().
  const Fault& error() const& { return *std::get_if<1>(&state_); }
  Fault&& error() && { return std::move(*std::get_if<1>(&state_)); }

 private:
  std::variant<T, Fault> state_;
};

// Success without a value: `return done();`
struct Done {};
inline Outcome<Done> done() {
  return Done{};
}

// The faults that every service of the AWS JSON family shares.
Fault validation_fault(std::string message);     // ValidationException
Fault serialization_fault(std::string message);  // SerializationException

}  // namespace sallyport::api
