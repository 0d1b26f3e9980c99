#include <utility>

#include "storage/embedded_access.h"
#include "storage/embedded_copy.h"
#include "storage/embedded_io.h"

namespace sallyport::storage {

namespace {

using iam::Action;

// How often a call starts again because its object changed under it.
constexpr int kMoveTries = 100;

// Drops what was staged and will not be published.
Task<void> drop_all(CorePtr core, BucketPtr bucket, std::vector<Arrival> arrivals) {
  auto drop = [&] {
    for (const Arrival& one : arrivals) {
      if (one.staged.has_file) bucket->files.drop(Shelf::kStaging, one.staged.row.content);
    }
  };
  co_await core->disk.run(std::move(drop));
}

// The objects of `moves` that are there, each in staging. On error nothing is left there.
Task<Result<std::vector<Arrival>>> stage_all(CorePtr core, BucketPtr from, BucketPtr to,
                                             const std::vector<KeyMove>& moves) {
  std::vector<Arrival> arrivals;
  for (const KeyMove& one : moves) {
    auto found = co_await look_up(core, from, one.from, Want::kRead);
    if (!found.ok()) {
      if (found.error().reason == "NoSuchKey") continue;
      co_await drop_all(core, to, std::move(arrivals));
      co_return std::move(found).error();
    }
    auto source = std::make_unique<Source>(Source{one.from, found->row, from});
    auto staged = co_await stage_move(core, to, from, one.to, std::move(*found));
    if (!staged.ok()) {
      co_await drop_all(core, to, std::move(arrivals));
      co_return std::move(staged).error();
    }
    staged->row.modified_ms = core->now_ms();
    arrivals.push_back(Arrival{one.to, std::move(*staged), std::move(source)});
  }
  co_return arrivals;
}

}  // namespace

Task<Result<void>> EmbeddedObjectStore::move_all(std::string from_bucket, std::string to_bucket,
                                                 std::vector<KeyMove> moves) {
  CO_TRY_ASSIGN(auto from, core_->buckets.find(from_bucket));
  CO_TRY_ASSIGN(auto to, core_->buckets.find(to_bucket));
  for (const KeyMove& one : moves) {
    CO_TRY(check(one.read, Action::kGetObject, from_bucket, one.from));
    CO_TRY(check(one.write, Action::kPutObject, to_bucket, one.to));
    CO_TRY(check(one.erase, Action::kDeleteObject, from_bucket, one.from));
    CO_TRY(check_key(one.from));
    CO_TRY(check_key(one.to));
  }
  if (!from->in_turns && !to->in_turns) {
    auto arrivals = co_await stage_all(core_, from, to, moves);
    if (arrivals.ok()) {
      auto moved = co_await publish_all(core_, to, std::move(*arrivals));
      if (moved.ok() || moved.error().code != Errc::kConflict) co_return moved;
    } else if (arrivals.error().code != Errc::kConflict) {
      co_return std::move(arrivals).error();
    }
  }
  co_return co_await ObjectStore::move_all(std::move(from_bucket), std::move(to_bucket),
                                           std::move(moves));
}

Task<Result<ObjectInfo>> EmbeddedObjectStore::set_metadata(iam::Permit read, iam::Permit write,
                                                           ObjectRef object, Metadata changes) {
  CO_TRY(check(read, Action::kGetObject, object.bucket, object.key));
  CO_TRY(check(write, Action::kPutObject, object.bucket, object.key));
  CO_TRY_ASSIGN(auto bucket, bucket_of(*core_, object.bucket, object.key));
  for (int i = 0; i < kMoveTries; ++i) {
    CO_TRY_ASSIGN(const auto found, co_await look_up(core_, bucket, object.key, Want::kLook));
    CopyOptions options;
    options.source_if_match = found.row.etag;
    options.replace_metadata = true;
    options.put.content_type = found.row.content_type;
    options.put.headers = index::decode(found.row.headers);
    options.put.metadata = index::decode(found.row.metadata);
    for (const auto& [name, value] : changes) {
      if (value.empty()) {
        options.put.metadata.erase(name);
      } else {
        options.put.metadata[name] = value;
      }
    }
    VersionRef source(object.bucket, object.key);
    auto set = co_await copy_version(read, write, std::move(source), object, std::move(options));
    if (set.ok() || set.error().code != Errc::kConflict) co_return set;
  }
  co_return Error(Errc::kConflict, "The object changes faster than it can be described");
}

}  // namespace sallyport::storage
