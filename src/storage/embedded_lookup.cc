#include <fcntl.h>

#include "storage/embedded_history.h"

namespace sallyport::storage {

namespace {

using index::Location;
using index::ObjectRow;

// Each retry means that another call changed the key in between.
constexpr int kLookUpTries = 100;
constexpr int kMissingTries = 3;

bool is_absence(int rc) {
  return rc == -ENOENT || rc == -ENOTDIR || rc == -ELOOP;
}

// The numbered names are ours alone: what bears one is the body. At home others may have been at
// work.
enum class Trust : bool { kStamp, kName };

// One glance at one place; true when what the row describes lies there. Changed or unreadable
// files are noted in `seen`.
bool glance(int rc, const FileStamp& stamp, const ObjectRow& row, Trust trust, Probe& seen) {
  if (rc < 0) {
    if (!is_absence(rc)) seen.error = rc;
    return false;
  }
  UniqueFd fd(rc);
  const bool same = trust == Trust::kName || stamp == row.stamp;
  seen.state = same ? Probe::State::kSame : Probe::State::kChanged;
  seen.stamp = stamp;
  seen.fd = std::move(fd);
  return same;
}

struct Sighting {
  ObjectRow row;
  Probe probe;
};

}  // namespace

Probe probe(const BucketFiles& files, const std::string& key, const ObjectRow& row, Want want) {
  const int flags = want == Want::kRead ? O_RDONLY : O_PATH;
  Probe seen;
  if (row.location == Location::kNone) {
    seen.state = Probe::State::kSame;
    return seen;
  }
  const auto at_home = [&] {
    FileStamp stamp;
    const int rc = row.location == Location::kPlain
                       ? files.open_plain(key, flags, &stamp)
                       : files.open_on(Shelf::kContent, row.content, flags, &stamp);
    return glance(rc, stamp, row, Trust::kStamp, seen);
  };
  const auto on_the_way = [&] {
    FileStamp stamp;
    const int rc = files.open_on(Shelf::kStaging, row.content, flags, &stamp);
    return glance(rc, stamp, row, Trust::kName, seen);
  };
  const auto turned_aside = [&] {
    FileStamp stamp;
    const int rc = files.open_on(Shelf::kContent, row.content, flags, &stamp);
    return glance(rc, stamp, row, Trust::kName, seen);
  };
  // A body goes from staging to its home or is turned aside; whoever looks in this order, and at
  // home once more, cannot miss it.
  if (at_home() || on_the_way() || (row.location == Location::kPlain && turned_aside()))
    return seen;
  seen = Probe{};
  at_home();
  return seen;
}

Result<UniqueFd> open_version_body(const BucketFiles& files, const std::string& key,
                                   const ObjectRow& row) {
  // It goes from staging to the key's path, and from either to its place for good; at worst it is
  // one step ahead twice.
  constexpr int kRounds = 3;
  for (int i = 0; i < kRounds; ++i) {
    FileStamp stamp;
    UniqueFd fd(files.open_on(Shelf::kContent, row.content, O_RDONLY, nullptr));
    if (fd.valid()) return fd;
    fd = UniqueFd(files.open_plain(key, O_RDONLY, &stamp));
    if (fd.valid() && stamp == row.stamp) return fd;
    fd = UniqueFd(files.open_on(Shelf::kStaging, row.content, O_RDONLY, nullptr));
    if (fd.valid()) return fd;
  }
  return Error(Errc::kCorrupt, "The content of a version is missing");
}

Task<Result<Found>> look_up(CorePtr core, BucketPtr bucket, std::string key, Want want) {
  for (int i = 0; i < kLookUpTries; ++i) {
    // The file is opened where the row is read: one hop instead of two for what is short.
    auto sight = [&](state::Connection& db) -> Result<Sighting> {
      TRY_ASSIGN(auto row, index::find(db, bucket->id, key));
      if (!row) return index::no_such_key(key);
      Sighting out{std::move(*row), {}};
      out.probe = probe(bucket->files, key, out.row, want);
      return out;
    };
    CO_TRY_ASSIGN(auto sighting, co_await core->database.read(std::move(sight)));
    if (sighting.probe.error != 0 && sighting.probe.state != Probe::State::kSame) {
      co_return errno_error("opening the content of an object", -sighting.probe.error);
    }
    if (sighting.probe.state == Probe::State::kSame) {
      co_return Found{std::move(sighting.row), std::move(sighting.probe.fd)};
    }
    Debt debt;
    auto act = [&](state::Connection& db) {
      return renew(db, *core, *bucket, key, sighting.row, debt);
    };
    CO_TRY(co_await core->database.write(std::move(act)));
    if (!debt.intents.empty()) {
      co_await core->disk.run([&] { discard(*core, bucket, key, debt); });
    }
  }
  co_return Error(Errc::kConflict, "The object changes faster than it can be looked at");
}

Task<Result<Found>> look_up_version(CorePtr core, BucketPtr bucket, VersionRef object, Want want) {
  if (object.version.empty()) {
    co_return co_await look_up(std::move(core), std::move(bucket), std::move(object.key), want);
  }
  const std::string id = index::stored_id(object.version);
  for (int i = 0; i < kLookUpTries; ++i) {
    bool missing = false;
    auto sight = [&](state::Connection& db) -> Result<std::optional<Found>> {
      TRY_ASSIGN(const auto current, index::find(db, bucket->id, object.key));
      if (current && current->version_id == id) return std::optional<Found>();
      TRY_ASSIGN(auto found, index::find_version(db, bucket->id, object.key, id));
      if (!found) return index::no_such_version(object.version);
      if (found->marker) return index::is_marker_error();
      Found out{std::move(found->row), {}};
      if (want == Want::kRead && out.row.location != Location::kNone) {
        auto body = open_version_body(bucket->files, object.key, out.row);
        missing = !body.ok();
        if (missing) return std::move(body).error();
        out.fd = std::move(*body);
      }
      return std::optional<Found>(std::move(out));
    };
    auto older = co_await core->database.read(std::move(sight));
    // The version may have gone since this view of the index was taken.
    if (missing && i < kMissingTries) continue;
    if (!older.ok()) co_return std::move(older).error();
    if (*older) co_return std::move(**older);
    auto current = co_await look_up(core, bucket, object.key, want);
    if (current.ok() && current->row.version_id == id) co_return current;
    if (!current.ok() && current.error().reason != "NoSuchKey") co_return current;
    // It became an older version in between.
  }
  co_return Error(Errc::kConflict, "The object changes faster than it can be looked at");
}

}  // namespace sallyport::storage
