#include "storage/unchanged.h"

#include <utility>

namespace sallyport::storage {

Task<Result<void>> check_unchanged(ObjectStore& store, iam::Permit read, ObjectRef object,
                                   std::string etag) {
  const auto after = co_await store.head(std::move(read), std::move(object));
  if (!after.ok() && after.error().code == Errc::kNotFound)
    co_return Error(Errc::kConflict, "The file was removed while it was renamed",
                    "PreconditionFailed");
  if (!after.ok()) co_return after.error();
  if (after->etag == etag) co_return ok();
  co_return Error(Errc::kConflict, "The file was replaced while it was renamed",
                  "PreconditionFailed");
}

}  // namespace sallyport::storage
