#include <algorithm>

#include "session/core.h"
#include "session/listing.h"
#include "session/path.h"

namespace sallyport::session {

namespace {

// What a component of a path can be: keys may hold more than clients can say.
bool can_be_named(std::string_view name) {
  return !name.empty() && name != "." && name != "..";
}

FileAttributes directory_attributes(WallTime modified = {}) {
  return {true, 0, modified, std::nullopt};
}

// "/" of a PATH user. The managed service is not documented here; we show the buckets to whom the
// role lets list them (s3:ListAllMyBuckets), and refuse others.
class BucketsReader final : public ReaderBase {
 public:
  using ReaderBase::ReaderBase;

 private:
  Task<Result<std::vector<DirectoryEntry>>> read(std::uint32_t) override {
    end();
    CO_TRY_ASSIGN(auto permit, co_await core().permit(iam::Action::kListAllMyBuckets, std::string(),
                                                      std::string()));
    CO_TRY_ASSIGN(const auto buckets,
                  co_await core().services.objects.list_buckets(std::move(permit)));
    std::vector<DirectoryEntry> out;
    for (const storage::BucketInfo& bucket : buckets)
      out.push_back({bucket.name, directory_attributes(bucket.created)});
    co_return out;
  }
};

// A prefix of a bucket. Stores are asked for whole pages, however few entries a client takes at a
// time.
class PrefixReader final : public ReaderBase {
 public:
  PrefixReader(std::shared_ptr<Core> shared, Location directory)
      : ReaderBase(std::move(shared)), directory_(std::move(directory)) {}

 private:
  Task<Result<std::vector<DirectoryEntry>>> read(std::uint32_t limit) override {
    if (is_used_up()) CO_TRY(co_await next_page());
    const storage::ListPage some = take(limit);
    if (is_used_up() && !page_.truncated) end();
    co_return co_await entries_of(some);
  }

  bool is_used_up() const {
    return next_object_ == page_.objects.size() && next_prefix_ == page_.common_prefixes.size();
  }

  Task<Result<void>> next_page() {
    const std::string prefix = directory_.prefix();
    CO_TRY_ASSIGN(auto permit, co_await core().list_permit(directory_.bucket, prefix));
    storage::ListRequest request;
    request.bucket = directory_.bucket;
    request.prefix = prefix;
    request.delimiter = "/";
    request.start_after = page_.next_start_after;
    request.metadata = core().extended;
    CO_TRY_ASSIGN(page_,
                  co_await core().services.objects.list(std::move(permit), std::move(request)));
    next_object_ = next_prefix_ = 0;
    if (first_ && is_used_up() && !directory_.may_be_empty)
      co_return Error(Errc::kNotFound, "No such file or directory", "NoSuchKey");
    first_ = false;
    co_return ok();
  }

  // The next of the page, in the order of keys.
  storage::ListPage take(std::uint32_t limit) {
    storage::ListPage out;
    for (; limit > 0 && !is_used_up(); --limit) {
      const bool no_prefix = next_prefix_ == page_.common_prefixes.size();
      const bool object =
          next_object_ < page_.objects.size() &&
          (no_prefix || page_.objects[next_object_].key < page_.common_prefixes[next_prefix_]);
      if (object) {
        out.objects.push_back(std::move(page_.objects[next_object_++]));
      } else {
        out.common_prefixes.push_back(page_.common_prefixes[next_prefix_++]);
      }
    }
    return out;
  }

  Task<Result<std::vector<DirectoryEntry>>> entries_of(const storage::ListPage& page) {
    const std::size_t skip = directory_.prefix().size();
    std::vector<DirectoryEntry> out;
    for (const storage::ObjectInfo& object : page.objects) {
      if (object.key.ends_with('/')) {
        CO_TRY_ASSIGN(const auto seen, co_await look_at_marker(object.key, true));
        static_cast<void>(seen);
        continue;  // the directory itself
      }
      if (const std::string name = object.key.substr(skip); can_be_named(name))
        out.push_back({name, file_attributes(core(), object)});
    }
    for (const std::string& below : page.common_prefixes) {
      const std::string name = below.substr(skip, below.size() - skip - 1);
      CO_TRY_ASSIGN(const FileAttributes seen, co_await look_at_marker(below, false));
      if (can_be_named(name)) out.push_back({name, seen});
    }
    std::sort(out.begin(), out.end(),
              [](const DirectoryEntry& a, const DirectoryEntry& b) { return a.name < b.name; });
    co_return out;
  }

  // Without DirectoryListingOptimization the managed service makes a HEAD call for every marker,
  // which wants s3:GetObject: a role that may only write cannot list what holds markers. `known`:
  // the marker was listed; otherwise there may be none, and then nothing is asked for. Returns the
  // directory's attributes, of which only a marker tells any.
  Task<Result<FileAttributes>> look_at_marker(std::string key, bool known) {
    if (core().optimized) co_return directory_attributes();
    auto info = co_await core().head(directory_.bucket, key);
    if (info.ok()) {
      FileAttributes out = file_attributes(core(), *info);
      out.size = 0;
      co_return out;
    }
    if (info.error().code == Errc::kNotFound) co_return directory_attributes();
    if (known || info.error().reason != "AccessDenied") co_return std::move(info).error();
    const bool unmarked = co_await has_no_marker(key);
    if (unmarked) co_return directory_attributes();
    co_return std::move(info).error();
  }

  Task<bool> has_no_marker(std::string key) {
    auto permit = co_await core().list_permit(directory_.bucket, key);
    if (!permit.ok()) co_return false;
    storage::ListRequest request;
    request.bucket = directory_.bucket;
    request.prefix = key;
    request.delimiter = "/";
    request.max_keys = 1;
    const auto page =
        co_await core().services.objects.list(std::move(permit).value(), std::move(request));
    co_return page.ok() && (page->objects.empty() || page->objects.front().key != key);
  }

  Location directory_;
  storage::ListPage page_;
  std::size_t next_object_ = 0, next_prefix_ = 0;
  bool first_ = true;
};

}  // namespace

std::unique_ptr<DirectoryReader> make_directory_reader(std::shared_ptr<Core> core,
                                                       Location location) {
  switch (location.kind) {
    case Location::Kind::kBuckets: return std::make_unique<BucketsReader>(std::move(core));
    case Location::Kind::kVirtual: {
      Core* const shared = core.get();
      return make_virtual_reader(std::move(core), location, [shared](Location child) {
        return find(*shared, std::move(child.bucket), std::move(child.key));
      });
    }
    case Location::Kind::kObject: break;
  }
  return std::make_unique<PrefixReader>(std::move(core), std::move(location));
}

}  // namespace sallyport::session
