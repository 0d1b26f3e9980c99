#include "s3/write_conditions.h"

#include <utility>

#include "s3/copies.h"

namespace sallyport::s3 {
namespace {

bool has_conditions(const storage::PutOptions& options) {
  return options.only_if_absent || !options.only_if_etag.empty();
}

Error exists_already() {
  return Error(Errc::kAlreadyExists, "The object exists already", "PreconditionFailed");
}

}  // namespace

void add_conditions(const storage::PutOptions& options, Call& call) {
  if (options.only_if_absent) call.headers.add("If-None-Match", "*");
  if (!options.only_if_etag.empty()) call.headers.add("If-Match", options.only_if_etag);
  call.repeatable = !has_conditions(options);
}

void drop_conditions(Call& call) {
  call.headers.remove("If-None-Match");
  call.headers.remove("If-Match");
  call.repeatable = true;
}

bool knows_no_conditions(const storage::PutOptions& options, const Error& error) {
  return has_conditions(options) && error.code == Errc::kUnsupported;
}

Error refused_by_condition(const storage::PutOptions& options, Error error) {
  const bool exists = error.reason == "PreconditionFailed" && options.only_if_absent;
  return exists ? exists_already() : std::move(error);
}

Task<Result<void>> check_conditions(Requester& requester, const Caller& caller,
                                    storage::ObjectRef object, storage::PutOptions options) {
  if (!has_conditions(options)) co_return ok();
  const auto there = co_await head_object(requester, caller, std::move(object));
  if (options.only_if_absent && there.ok()) co_return exists_already();
  if (options.only_if_etag.empty()) {
    // Who may not read is not told whether it is there.
    const Errc why = there.error().code;
    if (why == Errc::kNotFound || why == Errc::kPermissionDenied) co_return ok();
  }
  if (!there.ok()) co_return there.error();
  if (there->etag != options.only_if_etag)
    co_return Error(Errc::kConflict, "The object has changed", "PreconditionFailed");
  co_return ok();
}

}  // namespace sallyport::s3
