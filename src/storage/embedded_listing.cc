#include <algorithm>

#include "storage/embedded_index.h"
#include "storage/embedded_keys.h"

namespace sallyport::storage::index {

namespace {

using state::Connection;
using state::Row;

// Goes through the keys of one prefix in byte order, with one seek in the index for each common
// prefix instead of one step for each key under it.
class Lister {
 public:
  Lister(std::int64_t bucket, const ListRequest& request) : bucket_(bucket), request_(request) {
    upper_ = successor(request.prefix);
    from_ = std::max(request.prefix, first_after(request.start_after));
  }

  Result<ListPage> run(Connection& db) {
    if (request_.max_keys == 0) return std::move(page_);
    do {
      seek_ = false;
      TRY(step(db));
      if (seek_) from_ = std::move(next_);
    } while (seek_ && (upper_.empty() || from_ < upper_));
    if (page_.truncated) page_.next_start_after = std::move(last_);
    return std::move(page_);
  }

 private:
  std::optional<std::string> common_prefix_of(std::string_view key) const {
    if (request_.delimiter.empty()) return std::nullopt;
    const std::size_t at = key.find(request_.delimiter, request_.prefix.size());
    if (at == std::string_view::npos) return std::nullopt;
    return std::string(key.substr(0, at + request_.delimiter.size()));
  }

  // The least key that may follow `start_after`.
  std::string first_after(const std::string& start_after) const {
    if (start_after.empty()) return {};
    if (start_after.starts_with(request_.prefix) && common_prefix_of(start_after) == start_after) {
      return beyond(start_after);
    }
    return start_after + '\0';
  }

  std::string beyond(std::string_view common_prefix) const {
    std::string next = successor(common_prefix);
    // Nothing sorts above: a bound that no key of at most 1,024 bytes reaches.
    if (next.empty()) next.assign(kMaxKeyBytes + 1, '\xff');
    return next;
  }

  Result<void> step(Connection& db) {
    const auto on_row = [this](const Row& row) { return take(row); };
    if (upper_.empty()) {
      TRY(
          db.query("SELECT key, size, modified_ms, etag FROM storage_object "
                   "WHERE bucket = $1 AND key >= $2 ORDER BY key",
                   {bucket_, as_bytes(from_)}, on_row));
    } else {
      TRY(
          db.query("SELECT key, size, modified_ms, etag FROM storage_object "
                   "WHERE bucket = $1 AND key >= $2 AND key < $3 ORDER BY key",
                   {bucket_, as_bytes(from_), as_bytes(upper_)}, on_row));
    }
    return ok();
  }

  // False ends the query.
  bool take(const Row& row) {
    if (page_.objects.size() + page_.common_prefixes.size() >= request_.max_keys) {
      page_.truncated = true;
      return false;
    }
    const std::string_view key = as_text(row.blob(0));
    if (auto common = common_prefix_of(key)) {
      next_ = beyond(*common);  // from_ is bound to the running query
      seek_ = true;
      last_ = *common;
      page_.common_prefixes.push_back(std::move(*common));
      return false;
    }
    ObjectInfo info;
    info.key = key;
    info.size = static_cast<std::uint64_t>(row.integer(1));
    info.modified = from_unix_ms(row.integer(2));
    info.etag = row.string(3);
    last_ = info.key;
    page_.objects.push_back(std::move(info));
    return true;
  }

  const std::int64_t bucket_;
  const ListRequest& request_;
  std::string from_, upper_, next_, last_;
  bool seek_ = false;
  ListPage page_;
};

}  // namespace

Result<ListPage> list(Connection& db, std::int64_t bucket, const ListRequest& request) {
  return Lister(bucket, request).run(db);
}

}  // namespace sallyport::storage::index
