#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cstring>
#include <memory>
#include <utility>

#include "storage/embedded_core.h"
#include "storage/embedded_keys.h"

namespace sallyport::storage {

namespace {

using index::KeyedRow;
using index::Location;
using index::ObjectRow;

constexpr std::uint32_t kBatch = 512;

struct FoundFile {
  std::string key;
  FileStamp stamp;
};

struct CloseFolder {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

// Goes through the plain files of a bucket with one folder open at a time. next() blocks.
class Walker {
 public:
  explicit Walker(const BucketFiles& files) : files_(files) { folders_.emplace_back(); }

  // Some files more; empty at the end.
  std::vector<FoundFile> next() {
    std::vector<FoundFile> batch;
    while (batch.size() < kBatch && (dir_ || open_next())) {
      if (const dirent* entry = ::readdir(dir_.get())) {
        take(entry->d_name, batch);
      } else {
        dir_.reset();
      }
    }
    return batch;
  }
  std::uint64_t ignored() const { return ignored_; }

 private:
  bool open_next() {
    while (!dir_ && !folders_.empty()) {
      prefix_ = std::move(folders_.back());
      folders_.pop_back();
      const int fd = prefix_.empty()
                         ? ::openat(files_.root(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                         : open_beneath(files_.root(), prefix_.substr(0, prefix_.size() - 1),
                                        O_RDONLY | O_DIRECTORY);
      if (fd < 0) continue;
      dir_.reset(::fdopendir(fd));
      if (!dir_) ::close(fd);
    }
    return dir_ != nullptr;
  }

  void take(const char* name, std::vector<FoundFile>& batch) {
    if (std::strcmp(name, ".") == 0 || std::strcmp(name, "..") == 0) return;
    std::string key = prefix_ + name;
    if (key == kReservedFolder) return;
    struct stat st;
    if (::fstatat(::dirfd(dir_.get()), name, &st, AT_SYMLINK_NOFOLLOW) != 0) return;
    const bool usable = check_key(key).ok() && has_plain_path(key);
    if (usable && S_ISDIR(st.st_mode)) {
      folders_.push_back(std::move(key) + '/');
    } else if (usable && S_ISREG(st.st_mode)) {
      batch.push_back({std::move(key), stamp_of(st)});
    } else {
      ++ignored_;
    }
  }

  const BucketFiles& files_;
  std::vector<std::string> folders_;
  std::string prefix_;
  std::unique_ptr<DIR, CloseFolder> dir_;
  std::uint64_t ignored_ = 0;
};

// A file where the index has nothing, or has a body that lies elsewhere and is older.
bool is_news(const FoundFile& file, const std::optional<ObjectRow>& row) {
  if (!row) return true;
  return row->location == Location::kReserved && file.stamp.mtime_ns / 1'000'000 > row->modified_ms;
}

// Bodies under reserved names that new files took the place of.
struct Replaced {
  std::vector<std::int64_t> intents;
  std::vector<std::uint64_t> contents;
};

// Inside a write: makes the file an object if it still is there and nothing of ours is under way.
Result<bool> take_in(state::Connection& db, EmbeddedCore& core, const Bucket& bucket,
                     const FoundFile& file, Replaced& replaced) {
  TRY_ASSIGN(const auto old, index::find(db, bucket.id, file.key));
  if (!is_news(file, old)) return false;
  TRY_ASSIGN(const bool busy, index::has_intent(db, bucket.id, file.key));
  if (busy) return false;
  FileStamp stamp;
  const UniqueFd fd(bucket.files.open_plain(file.key, O_PATH, &stamp));
  if (!fd.valid()) return false;
  ObjectRow row;
  row.location = Location::kPlain;
  row.content = core.ids.next();
  row.stamp = stamp;
  row.modified_ms = stamp.mtime_ns / 1'000'000;
  row.etag = core.ids.etag();
  row.content_type = old ? old->content_type : PutOptions{}.content_type;
  row.metadata = old ? old->metadata : "{}";
  row.version = old ? old->version + 1 : 1;
  TRY(index::upsert(db, bucket.id, file.key, row));
  if (old) {
    const auto id = static_cast<std::int64_t>(core.ids.next());
    TRY(index::insert_intent(
        db, {id, bucket.id, file.key, index::Intent::Kind::kDiscard, old->content, 0}));
    replaced.intents.push_back(id);
    replaced.contents.push_back(old->content);
  }
  return true;
}

Task<Result<void>> take_in_news(CorePtr core, BucketPtr bucket, std::vector<FoundFile> files,
                                ScanReport& report) {
  auto look = [&](state::Connection& db) -> Result<std::vector<FoundFile>> {
    std::vector<FoundFile> news;
    for (FoundFile& file : files) {
      TRY_ASSIGN(const auto row, index::find(db, bucket->id, file.key));
      if (is_news(file, row)) news.push_back(std::move(file));
    }
    return news;
  };
  CO_TRY_ASSIGN(const auto news, co_await core->database.read(std::move(look)));
  if (news.empty()) co_return ok();
  Replaced replaced;
  auto act = [&](state::Connection& db) -> Result<std::uint64_t> {
    TRY(index::require_bucket(db, bucket->id));
    std::uint64_t count = 0;
    for (const FoundFile& file : news) {
      TRY_ASSIGN(const bool taken, take_in(db, *core, *bucket, file, replaced));
      count += taken ? 1 : 0;
    }
    return count;
  };
  CO_TRY_ASSIGN(const auto count, co_await core->database.write(std::move(act)));
  report.taken_in += count;
  if (replaced.intents.empty()) co_return ok();
  co_await core->disk.run([&] {
    for (const std::uint64_t content : replaced.contents) bucket->files.drop_reserved(content);
  });
  core->settler.add({std::move(replaced.intents), bucket, {}, true});
  co_return ok();
}

// Compares the rows of one page with their files.
Task<Result<void>> check_rows(CorePtr core, BucketPtr bucket, std::vector<KeyedRow> rows,
                              ScanReport& report) {
  std::vector<const KeyedRow*> differing;
  co_await core->disk.run([&] {
    for (const KeyedRow& r : rows) {
      const Probe seen = probe(bucket->files, r.key, r.row, Want::kLook);
      if (seen.state != Probe::State::kSame && seen.error == 0) differing.push_back(&r);
    }
  });
  if (differing.empty()) co_return ok();
  auto act = [&](state::Connection& db) -> Result<ScanReport> {
    ScanReport done;
    for (const KeyedRow* r : differing) {
      TRY_ASSIGN(const Renewal renewal, renew(db, *core, *bucket, r->key, r->row));
      if (renewal == Renewal::kRenewed) ++done.renewed;
      if (renewal == Renewal::kDropped) ++done.dropped;
    }
    return done;
  };
  CO_TRY_ASSIGN(const auto done, co_await core->database.write(std::move(act)));
  report.renewed += done.renewed;
  report.dropped += done.dropped;
  co_return ok();
}

}  // namespace

Task<Result<ScanReport>> scan_bucket(CorePtr core, BucketPtr bucket) {
  ScanReport report;
  std::string after;
  for (;;) {
    auto look = [&](state::Connection& db) {
      return index::rows_after(db, bucket->id, after, kBatch);
    };
    CO_TRY_ASSIGN(auto rows, co_await core->database.read(std::move(look)));
    if (rows.empty()) break;
    after = rows.back().key;
    CO_TRY(co_await check_rows(core, bucket, std::move(rows), report));
  }
  Walker walker(bucket->files);
  for (;;) {
    auto files = co_await core->disk.run([&] { return walker.next(); });
    if (files.empty()) break;
    CO_TRY(co_await take_in_news(core, bucket, std::move(files), report));
  }
  report.ignored = walker.ignored();
  co_return report;
}

}  // namespace sallyport::storage
