#include <algorithm>

#include "session/core.h"
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

// The shape of every reader: errors are logged once and stay, an end stays the end.
class ReaderBase : public DirectoryReader {
 public:
  explicit ReaderBase(std::shared_ptr<Core> core) : core_(std::move(core)) {}

  Task<Result<std::vector<DirectoryEntry>>> next(std::uint32_t limit) final {
    if (failure_) co_return *failure_;
    std::vector<DirectoryEntry> entries;
    while (entries.empty() && !ended_) {
      auto page = co_await read(std::clamp<std::uint32_t>(limit, 1, 1000));
      if (!page.ok()) {
        failure_ = core_->log.failed_listing(page.error());
        co_return *failure_;
      }
      entries = std::move(page).value();
    }
    co_return entries;
  }

 protected:
  // The next page; may be empty before the end.
  virtual Task<Result<std::vector<DirectoryEntry>>> read(std::uint32_t limit) = 0;
  void end() { ended_ = true; }
  Core& core() { return *core_; }

 private:
  std::shared_ptr<Core> core_;
  std::optional<Error> failure_;
  bool ended_ = false;
};

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

// A level above LOGICAL mappings.
class VirtualReader final : public ReaderBase {
 public:
  VirtualReader(std::shared_ptr<Core> shared, const Location& directory)
      : ReaderBase(std::move(shared)), children_(core().view.children(directory)) {}

 private:
  // Mappings whose target is missing are hidden, and so are those the role may not see, unless
  // there is nothing else to show.
  Task<Result<std::vector<DirectoryEntry>>> read(std::uint32_t limit) override {
    std::vector<DirectoryEntry> out;
    while (next_ < children_.size() && out.size() < limit) {
      const Location& child = children_[next_++];
      DirectoryEntry entry{std::string(base_name(child.path)), directory_attributes()};
      if (!child.is_certain_directory()) {
        const auto found = co_await find(core(), child.bucket, child.key);
        if (!found.ok()) {
          if (found.error().reason != "AccessDenied") co_return found.error();
          denied_ = found.error();
          continue;
        }
        if (found->kind == Found::Kind::kMissing) continue;
        entry.attributes = found->attributes;
      }
      shown_ = true;
      out.push_back(std::move(entry));
    }
    if (next_ < children_.size()) co_return out;
    end();
    if (denied_ && !shown_) co_return *denied_;
    co_return out;
  }

  std::vector<Location> children_;
  std::size_t next_ = 0;
  bool shown_ = false;
  std::optional<Error> denied_;
};

// A prefix of a bucket.
class PrefixReader final : public ReaderBase {
 public:
  PrefixReader(std::shared_ptr<Core> shared, Location directory)
      : ReaderBase(std::move(shared)), directory_(std::move(directory)) {}

 private:
  Task<Result<std::vector<DirectoryEntry>>> read(std::uint32_t limit) override {
    const std::string prefix = directory_.prefix();
    CO_TRY_ASSIGN(auto permit, co_await core().list_permit(directory_.bucket, prefix));
    storage::ListRequest request;
    request.bucket = directory_.bucket;
    request.prefix = prefix;
    request.delimiter = "/";
    request.start_after = start_after_;
    request.max_keys = limit;
    request.metadata = core().extended;
    CO_TRY_ASSIGN(auto page,
                  co_await core().services.objects.list(std::move(permit), std::move(request)));

    const bool empty = page.objects.empty() && page.common_prefixes.empty();
    if (first_ && empty && !directory_.may_be_empty)
      co_return Error(Errc::kNotFound, "No such file or directory", "NoSuchKey");
    first_ = false;
    start_after_ = page.next_start_after;
    if (!page.truncated) end();
    co_return co_await entries_of(std::move(page));
  }

  Task<Result<std::vector<DirectoryEntry>>> entries_of(storage::ListPage page) {
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
    auto permit = co_await core().permit(iam::Action::kGetObject, directory_.bucket, key);
    if (!permit.ok()) {
      if (known || permit.error().reason != "AccessDenied") co_return std::move(permit).error();
      const bool unmarked = co_await has_no_marker(key);
      if (unmarked) co_return directory_attributes();
      co_return std::move(permit).error();
    }
    storage::ObjectRef object{directory_.bucket, key};
    auto info = co_await core().services.objects.head(std::move(permit).value(), std::move(object));
    if (info.ok()) {
      FileAttributes out = file_attributes(core(), *info);
      out.size = 0;
      co_return out;
    }
    if (info.error().code == Errc::kNotFound) co_return directory_attributes();
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
  std::string start_after_;
  bool first_ = true;
};

}  // namespace

std::unique_ptr<DirectoryReader> make_directory_reader(std::shared_ptr<Core> core,
                                                       Location location) {
  switch (location.kind) {
    case Location::Kind::kBuckets: return std::make_unique<BucketsReader>(std::move(core));
    case Location::Kind::kVirtual:
      return std::make_unique<VirtualReader>(std::move(core), location);
    case Location::Kind::kObject: break;
  }
  return std::make_unique<PrefixReader>(std::move(core), std::move(location));
}

}  // namespace sallyport::session
