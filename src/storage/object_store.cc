#include "storage/object_store.h"

namespace sallyport::storage {

Task<Result<std::size_t>> ObjectWriter::read_back(std::uint64_t, std::span<const iovec>) {
  co_return Error(Errc::kUnsupported, "What was written cannot be read again before its end");
}

Task<Result<void>> ObjectStore::move_all(std::string from_bucket, std::string to_bucket,
                                         std::vector<KeyMove> moves) {
  for (KeyMove& one : moves) {
    ObjectRef from{from_bucket, std::move(one.from)}, to{to_bucket, std::move(one.to)};
    auto moved = co_await move(std::move(one.read), std::move(one.write), std::move(one.erase),
                               std::move(from), std::move(to));
    if (!moved.ok() && moved.error().reason != "NoSuchKey") co_return std::move(moved).error();
  }
  co_return ok();
}

}  // namespace sallyport::storage
