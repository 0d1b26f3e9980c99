#include "session/rename.h"

#include <utility>
#include <vector>

namespace sallyport::session {

namespace {

// Objects moved as one step, and thereby what is held of a directory in memory.
constexpr std::uint32_t kBatch = 250;

Task<Result<storage::KeyMove>> permitted_move(Core& core, const Location& from, const Location& to,
                                              std::string old_key, std::string new_key) {
  CO_TRY_ASSIGN(auto read, co_await core.permit(iam::Action::kGetObject, from.bucket, old_key));
  CO_TRY_ASSIGN(auto write, co_await core.permit(iam::Action::kPutObject, to.bucket, new_key));
  CO_TRY_ASSIGN(auto erase, co_await core.permit(iam::Action::kDeleteObject, from.bucket, old_key));
  co_return storage::KeyMove{std::move(read), std::move(write), std::move(erase),
                             std::move(old_key), std::move(new_key)};
}

Task<Result<void>> move_file(Core& core, const Location& from, const Location& to) {
  CO_TRY_ASSIGN(auto move, co_await permitted_move(core, from, to, from.key, to.key));
  storage::ObjectRef old_name{from.bucket, from.key}, new_name{to.bucket, to.key};
  co_return co_await core.services.objects.move(std::move(move.read), std::move(move.write),
                                                std::move(move.erase), std::move(old_name),
                                                std::move(new_name));
}

Task<Result<storage::ListPage>> keys_below(Core& core, const Location& directory,
                                           std::string start_after, std::uint32_t limit) {
  // Without a delimiter: policies see the listing of a whole tree.
  CO_TRY_ASSIGN(auto permit, co_await core.permit(iam::Action::kListBucket, directory.bucket,
                                                  directory.prefix()));
  storage::ListRequest request;
  request.bucket = directory.bucket;
  request.prefix = directory.prefix();
  request.start_after = std::move(start_after);
  request.max_keys = limit;
  co_return co_await core.services.objects.list(std::move(permit), std::move(request));
}

Task<Result<void>> move_batch(Core& core, const Location& from, const Location& to,
                              std::vector<storage::ObjectInfo> objects) {
  std::vector<storage::KeyMove> moves;
  moves.reserve(objects.size());
  for (storage::ObjectInfo& object : objects) {
    std::string new_key = to.prefix() + object.key.substr(from.prefix().size());
    CO_TRY_ASSIGN(auto move, co_await permitted_move(core, from, to, std::move(object.key),
                                                     std::move(new_key)));
    moves.push_back(std::move(move));
  }
  co_return co_await core.services.objects.move_all(from.bucket, to.bucket, std::move(moves));
}

// The code, and the ids that a store elsewhere gave, stay what they were.
Error in_part(Error error) {
  error.message = error.code == Errc::kPermissionDenied ? "Permission denied" : "Failure";
  error.message += "; some of the directory was renamed, the rest has its old name";
  error.reason = kRenamedInPart;
  return error;
}

Task<Result<void>> move_directory(Core& core, const Location& from, const Location& to) {
  std::string start_after;
  for (bool first = true;; first = false) {
    auto page = co_await keys_below(core, from, start_after, kBatch);
    if (!page.ok()) co_return first ? page.error() : in_part(page.error());
    start_after = page->next_start_after;
    auto moved = co_await move_batch(core, from, to, std::move(page->objects));
    if (!moved.ok()) {
      const bool none = first && moved.error().reason != storage::kMovedInPart;
      co_return none ? moved.error() : in_part(moved.error());
    }
    if (!page->truncated) co_return ok();
  }
}

Task<Result<void>> check_empty(Core& core, const Location& directory) {
  // A page may hold fewer keys than there are.
  std::string start_after;
  while (true) {
    CO_TRY_ASSIGN(const auto page, co_await keys_below(core, directory, std::move(start_after), 2));
    for (const storage::ObjectInfo& object : page.objects) {
      if (object.key != directory.prefix())
        co_return Error(Errc::kConflict, "Directory is not empty");
    }
    if (!page.truncated) co_return ok();
    start_after = page.next_start_after;
  }
}

// The user's home, or something above it: he would find nothing afterwards.
bool holds_home(const Core& core, const Location& directory) {
  return (core.view.home() + "/").starts_with(directory.path + "/");
}

}  // namespace

Task<Result<void>> rename_extended(std::shared_ptr<Core> core, Location from, Location to,
                                   bool overwrite) {
  if (from.is_certain_directory() || from.key.empty() || from.is_root || holds_home(*core, from))
    co_return Error(Errc::kPermissionDenied, "Permission denied", "AccessDenied");
  if (to.is_certain_directory() || to.key.empty())
    co_return Error(Errc::kAlreadyExists, "File already exists");
  CO_TRY_ASSIGN(const Found source, co_await find(*core, from.bucket, from.key));
  if (source.kind == Found::Kind::kMissing)
    co_return Error(Errc::kNotFound, "No such file or directory");
  const bool same = from.bucket == to.bucket && from.key == to.key;
  if (same) co_return ok();
  CO_TRY_ASSIGN(const Found target, co_await find_if_visible(*core, to.bucket, to.key));
  const bool directory = source.kind == Found::Kind::kDirectory;
  if (target.kind != Found::Kind::kMissing) {
    if (!overwrite) co_return Error(Errc::kAlreadyExists, "File already exists");
    if (directory && target.kind == Found::Kind::kFile)
      co_return Error(Errc::kConflict, "Not a directory");
    if (!directory && target.kind == Found::Kind::kDirectory)
      co_return Error(Errc::kConflict, "Is a directory");
    if (directory) CO_TRY(co_await check_empty(*core, to));
  }
  if (!directory) co_return co_await move_file(*core, from, to);
  if (from.bucket == to.bucket && to.prefix().starts_with(from.prefix()))
    co_return Error(Errc::kInvalidArgument, "A directory cannot be moved into itself");
  co_return co_await move_directory(*core, from, to);
}

}  // namespace sallyport::session
