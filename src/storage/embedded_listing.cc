#include "storage/embedded_index.h"
#include "storage/embedded_walk.h"

namespace sallyport::storage::index {

namespace {

using state::Connection;
using state::Row;

class ObjectWalk final : public KeyWalk {
 public:
  ObjectWalk(std::int64_t bucket, const ListRequest& request)
      : KeyWalk(request.prefix, request.delimiter, request.max_keys), bucket_(bucket) {
    start_after(request.start_after);
  }
  std::vector<ObjectInfo> objects;

 private:
  Result<void> query(Connection& db, ByteView from, ByteView upper,
                     state::RowSink on_row) override {
    TRY(
        db.query("SELECT key, size, modified_ms, etag FROM storage_object "
                 "WHERE bucket = $1 AND key >= $2 AND key < $3 ORDER BY key",
                 {bucket_, from, upper}, on_row));
    return ok();
  }

  void take(std::string_view key, const Row& row) override {
    ObjectInfo info;
    info.key = key;
    info.size = static_cast<std::uint64_t>(row.integer(1));
    info.modified = from_unix_ms(row.integer(2));
    info.etag = row.string(3);
    objects.push_back(std::move(info));
  }

  const std::int64_t bucket_;
};

}  // namespace

Result<ListPage> list(Connection& db, std::int64_t bucket, const ListRequest& request) {
  ObjectWalk walk(bucket, request);
  TRY(walk.run(db));
  ListPage page;
  page.objects = std::move(walk.objects);
  page.common_prefixes = std::move(walk.common_prefixes);
  page.truncated = walk.truncated();
  if (page.truncated) page.next_start_after = walk.last();
  return page;
}

}  // namespace sallyport::storage::index
