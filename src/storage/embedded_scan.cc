#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cstring>
#include <memory>
#include <utility>

#include "storage/embedded_history.h"
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

// What a key owes after a row of it was written.
struct Owed {
  std::string key;
  Debt debt;
};

// Inside a write: makes the file an object if it still is there and nothing of ours is under way.
Result<bool> take_in(state::Connection& db, EmbeddedCore& core, const Bucket& bucket,
                     Versioning versioning, const FoundFile& file, std::vector<Owed>& owed) {
  Debt debt;
  KeyHistory history(db, core, bucket, file.key, versioning, debt);
  TRY(history.load());
  const auto& old = history.current();
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
  row.content_type = PutOptions{}.content_type;
  if (old) index::describe_as(row, *old);
  TRY(history.put_in_place(row));
  if (!debt.intents.empty()) owed.push_back({file.key, std::move(debt)});
  return true;
}

Task<void> discard_all(CorePtr core, BucketPtr bucket, std::vector<Owed> owed) {
  if (owed.empty()) co_return;
  co_await core->disk.run([&] {
    for (const Owed& o : owed) discard(*core, bucket, o.key, o.debt);
  });
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
  std::vector<Owed> owed;
  auto act = [&](state::Connection& db) -> Result<std::uint64_t> {
    TRY_ASSIGN(const auto versioning, index::versioning_of(db, bucket->id));
    std::uint64_t count = 0;
    for (const FoundFile& file : news) {
      TRY_ASSIGN(const bool taken, take_in(db, *core, *bucket, versioning, file, owed));
      count += taken ? 1 : 0;
    }
    return count;
  };
  CO_TRY_ASSIGN(const auto count, co_await core->database.write(std::move(act)));
  report.taken_in += count;
  co_await discard_all(core, bucket, std::move(owed));
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
  std::vector<Owed> owed;
  auto act = [&](state::Connection& db) -> Result<ScanReport> {
    ScanReport done;
    for (const KeyedRow* r : differing) {
      Debt debt;
      TRY_ASSIGN(const Renewal renewal, renew(db, *core, *bucket, r->key, r->row, debt));
      if (!debt.intents.empty()) owed.push_back({r->key, std::move(debt)});
      if (renewal == Renewal::kRenewed) ++done.renewed;
      if (renewal == Renewal::kDropped) ++done.dropped;
    }
    return done;
  };
  CO_TRY_ASSIGN(const auto done, co_await core->database.write(std::move(act)));
  report.renewed += done.renewed;
  report.dropped += done.dropped;
  co_await discard_all(core, bucket, std::move(owed));
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
