#include <fcntl.h>

#include "storage/embedded_core.h"

namespace sallyport::storage {

namespace {

using index::Location;
using index::ObjectRow;

// Each retry means that another call changed the key in between.
constexpr int kLookUpTries = 100;

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
                       : files.open_reserved(row.content, flags, &stamp);
    return glance(rc, stamp, row, Trust::kStamp, seen);
  };
  const auto on_the_way = [&] {
    FileStamp stamp;
    const int rc = files.open_staged(row.content, flags, &stamp);
    return glance(rc, stamp, row, Trust::kName, seen);
  };
  const auto turned_aside = [&] {
    FileStamp stamp;
    const int rc = files.open_reserved(row.content, flags, &stamp);
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

Result<Renewal> renew(state::Connection& db, EmbeddedCore& core, const Bucket& bucket,
                      const std::string& key, const ObjectRow& seen) {
  TRY_ASSIGN(auto current, index::find(db, bucket.id, key));
  if (!current || !current->same_version(seen)) return Renewal::kNothing;
  const Probe now = probe(bucket.files, key, *current, Want::kLook);
  if (now.state == Probe::State::kSame || now.error != 0) return Renewal::kNothing;
  if (now.state == Probe::State::kMissing) {
    TRY(index::erase(db, bucket.id, key));
    return Renewal::kDropped;
  }
  current->stamp = now.stamp;
  current->modified_ms = now.stamp.mtime_ns / 1'000'000;
  current->etag = core.ids.etag();
  ++current->version;
  TRY(index::upsert(db, bucket.id, key, *current));
  return Renewal::kRenewed;
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
    auto act = [&](state::Connection& db) { return renew(db, *core, *bucket, key, sighting.row); };
    CO_TRY(co_await core->database.write(std::move(act)));
  }
  co_return Error(Errc::kConflict, "The object changes faster than it can be looked at");
}

}  // namespace sallyport::storage
