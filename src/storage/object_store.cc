#include "storage/object_store.h"

namespace sallyport::storage {

PutOptions options_of(const ObjectInfo& info) {
  PutOptions out;
  out.content_type = info.content_type;
  out.metadata = info.metadata;
  out.headers = info.headers;
  return out;
}

bool ObjectStore::decides_itself(std::string_view) const {
  return false;
}

Task<Result<std::size_t>> ObjectWriter::read_back(std::uint64_t, std::span<const iovec>) {
  co_return Error(Errc::kUnsupported, "What was written cannot be read again before its end");
}

Task<Result<void>> ObjectStore::move_all(std::string from_bucket, std::string to_bucket,
                                         std::vector<KeyMove> moves) {
  bool some = false;
  for (KeyMove& one : moves) {
    ObjectRef from{from_bucket, std::move(one.from)}, to{to_bucket, std::move(one.to)};
    auto moved = co_await move(std::move(one.read), std::move(one.write), std::move(one.erase),
                               std::move(from), std::move(to));
    const bool gone = !moved.ok() && moved.error().reason == "NoSuchKey";
    if (!moved.ok() && !gone) {
      Error error = std::move(moved).error();
      if (some) error.reason = kMovedInPart;
      co_return error;
    }
    some = some || !gone;
  }
  co_return ok();
}

}  // namespace sallyport::storage
