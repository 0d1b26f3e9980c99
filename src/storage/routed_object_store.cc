#include "storage/routed_object_store.h"

#include <array>
#include <utility>

#include "storage/unchanged.h"

namespace sallyport::storage {
namespace {

constexpr std::size_t kCarried = std::size_t{1} << 20;

Task<Result<void>> carry(ObjectReader& from, ObjectWriter& to) {
  std::string buffer(kCarried, '\0');
  std::uint64_t at = 0;
  while (at < from.info().size) {
    const std::array<iovec, 1> room{iovec{buffer.data(), buffer.size()}};
    CO_TRY_ASSIGN(const std::size_t n, co_await from.read_at(at, room));
    if (n == 0) co_return Error(Errc::kCorrupt, "The object is shorter than it said");
    const std::array<iovec, 1> got{iovec{buffer.data(), n}};
    CO_TRY(co_await to.write(got));
    at += n;
  }
  co_return ok();
}

Task<Result<ObjectInfo>> copy_across(ObjectStore& source, ObjectStore& target, iam::Permit read,
                                     iam::Permit write, ObjectRef from, ObjectRef to) {
  CO_TRY_ASSIGN(const auto reader, co_await source.open(std::move(read), std::move(from)));
  PutOptions options = options_of(reader->info());
  CO_TRY_ASSIGN(const auto writer,
                co_await target.create(std::move(write), std::move(to), std::move(options)));
  const auto carried = co_await carry(*reader, *writer);
  if (!carried.ok()) {
    co_await writer->abort();
    co_return carried.error();
  }
  co_return co_await writer->commit();
}

}  // namespace

bool RoutedObjectStore::decides_itself(std::string_view bucket) const {
  return choice_(bucket).decides_itself(bucket);
}

Task<Result<BucketInfo>> RoutedObjectStore::create_bucket(iam::Permit permit, std::string bucket,
                                                          std::string region) {
  ObjectStore& store = choice_(bucket);
  return store.create_bucket(std::move(permit), std::move(bucket), std::move(region));
}

Task<Result<void>> RoutedObjectStore::delete_bucket(iam::Permit permit, std::string bucket) {
  ObjectStore& store = choice_(bucket);
  return store.delete_bucket(std::move(permit), std::move(bucket));
}

Task<Result<BucketInfo>> RoutedObjectStore::head_bucket(iam::Permit permit, std::string bucket) {
  ObjectStore& store = choice_(bucket);
  return store.head_bucket(std::move(permit), std::move(bucket));
}

Task<Result<std::vector<BucketInfo>>> RoutedObjectStore::list_buckets(iam::Permit permit) {
  return choice_("").list_buckets(std::move(permit));
}

Task<Result<ObjectInfo>> RoutedObjectStore::head(iam::Permit permit, ObjectRef object) {
  ObjectStore& store = choice_(object.bucket);
  return store.head(std::move(permit), std::move(object));
}

Task<Result<std::unique_ptr<ObjectReader>>> RoutedObjectStore::open(iam::Permit permit,
                                                                    ObjectRef object) {
  ObjectStore& store = choice_(object.bucket);
  return store.open(std::move(permit), std::move(object));
}

Task<Result<std::unique_ptr<ObjectWriter>>> RoutedObjectStore::create(iam::Permit permit,
                                                                      ObjectRef object,
                                                                      PutOptions options) {
  ObjectStore& store = choice_(object.bucket);
  return store.create(std::move(permit), std::move(object), std::move(options));
}

Task<Result<void>> RoutedObjectStore::remove(iam::Permit permit, ObjectRef object) {
  ObjectStore& store = choice_(object.bucket);
  return store.remove(std::move(permit), std::move(object));
}

Task<Result<ObjectInfo>> RoutedObjectStore::copy(iam::Permit read, iam::Permit write,
                                                 ObjectRef from, ObjectRef to) {
  ObjectStore& source = choice_(from.bucket);
  ObjectStore& target = choice_(to.bucket);
  if (&source == &target)
    return source.copy(std::move(read), std::move(write), std::move(from), std::move(to));
  return copy_across(source, target, std::move(read), std::move(write), std::move(from),
                     std::move(to));
}

Task<Result<void>> RoutedObjectStore::move(iam::Permit read, iam::Permit write, iam::Permit erase,
                                           ObjectRef from, ObjectRef to) {
  ObjectStore& source = choice_(from.bucket);
  if (&source == &choice_(to.bucket)) {
    co_return co_await source.move(std::move(read), std::move(write), std::move(erase),
                                   std::move(from), std::move(to));
  }
  ObjectRef looked_at = from, copied_from = from, looked_at_again = from;
  CO_TRY_ASSIGN(const auto before, co_await source.head(read, std::move(looked_at)));
  iam::Permit may_read = read;
  CO_TRY(
      co_await copy(std::move(may_read), std::move(write), std::move(copied_from), std::move(to)));
  CO_TRY(
      co_await check_unchanged(source, std::move(read), std::move(looked_at_again), before.etag));
  co_return co_await source.remove(std::move(erase), std::move(from));
}

Task<Result<void>> RoutedObjectStore::move_all(std::string from_bucket, std::string to_bucket,
                                               std::vector<KeyMove> moves) {
  ObjectStore& source = choice_(from_bucket);
  if (&source == &choice_(to_bucket))
    return source.move_all(std::move(from_bucket), std::move(to_bucket), std::move(moves));
  return ObjectStore::move_all(std::move(from_bucket), std::move(to_bucket), std::move(moves));
}

Task<Result<ObjectInfo>> RoutedObjectStore::set_metadata(iam::Permit read, iam::Permit write,
                                                         ObjectRef object, Metadata changes) {
  ObjectStore& store = choice_(object.bucket);
  return store.set_metadata(std::move(read), std::move(write), std::move(object),
                            std::move(changes));
}

Task<Result<ListPage>> RoutedObjectStore::list(iam::Permit permit, ListRequest request) {
  ObjectStore& store = choice_(request.bucket);
  return store.list(std::move(permit), std::move(request));
}

}  // namespace sallyport::storage
