// Result<T>: a value or an Error. The base system's compilers lack std::expected.
#pragma once

#include <cassert>
#include <optional>
#include <utility>
#include <variant>

#include "base/error.h"

namespace sallyport {

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

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
  const Error& error() const& { return *std::get_if<1>(&state_); }
  Error&& error() && { return std::move(*std::get_if<1>(&state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_; }
  explicit operator bool() const { return ok(); }

  // REQUIRES: !ok().
  const Error& error() const& { return *error_; }
  Error&& error() && { return std::move(*error_); }

 private:
  std::optional<Error> error_;
};

// Success without a value: `return ok();`
inline Result<void> ok() { return {}; }

}  // namespace sallyport

#define SP_CONCAT_INNER(a, b) a##b
#define SP_CONCAT(a, b) SP_CONCAT_INNER(a, b)

// TRY(expr): leaves the function with the error of a Result<void> (or discards the value).
#define TRY(expr)                                                 \
  do {                                                            \
    if (auto sp_try_r_ = (expr); !sp_try_r_.ok())                 \
      return ::std::move(sp_try_r_).error();                      \
  } while (0)
// TRY_ASSIGN(auto x, expr): binds the value or leaves the function with the error.
#define TRY_ASSIGN(decl, expr) TRY_ASSIGN_INNER(SP_CONCAT(sp_try_, __LINE__), decl, expr)
#define TRY_ASSIGN_INNER(tmp, decl, expr)          \
  auto tmp = (expr);                               \
  if (!tmp.ok()) return ::std::move(tmp).error();  \
  decl = ::std::move(tmp).value()
// The same inside a coroutine.
#define CO_TRY(expr)                                              \
  do {                                                            \
    if (auto sp_try_r_ = (expr); !sp_try_r_.ok())                 \
      co_return ::std::move(sp_try_r_).error();                   \
  } while (0)
#define CO_TRY_ASSIGN(decl, expr) CO_TRY_ASSIGN_INNER(SP_CONCAT(sp_try_, __LINE__), decl, expr)
#define CO_TRY_ASSIGN_INNER(tmp, decl, expr)          \
  auto tmp = (expr);                                  \
  if (!tmp.ok()) co_return ::std::move(tmp).error();  \
  decl = ::std::move(tmp).value()
