// What the parts of a session share: who acts, where, and what is told of it. Inside src/session
// only.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "iam/authorizer.h"
#include "session/activity_log.h"
#include "session/session.h"
#include "session/view.h"

namespace sallyport::session {

class FileOperation;

// Lives as long as the Session and every handle it gave out. On the session's loop.
struct Core {
  Core(SessionServices services, model::Server server, identity::Principal principal,
       const ConnectionFacts& facts);
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  // The user's role, which is assumed at the first call and again when its credentials' life is
  // over. An attempt that failed is made again at the next. Errors: kPermissionDenied with reason
  // "AssumeRole"; kUnavailable.
  Task<Result<iam::Identity>> role();
  // A permit of it; where the store decides for itself, one that asks it, as the call will show.
  // Errors: those of role(); kPermissionDenied with reason "AccessDenied".
  Task<Result<iam::Permit>> permit(iam::Action action, std::string bucket, std::string key);
  // kListBucket as this session lists, with the delimiter "/".
  Task<Result<iam::Permit>> list_permit(std::string bucket, std::string prefix);
  // What is stored under the key. Errors: as of permit() and of the store.
  Task<Result<storage::ObjectInfo>> head(std::string bucket, std::string key);
  Task<Result<std::unique_ptr<storage::ObjectReader>>> open(std::string bucket, std::string key);

  // Where a path leads. Errors: those of clean_path() and View::resolve().
  Result<Location> locate(std::string_view path) const;

  // Who counts as one user where users share something: the name on the server.
  std::string user_key() const { return server.id.str() + "/" + principal.user_name; }
  storage::Metadata upload_metadata() const;
  // A transfer that ended, in the metrics.
  void count_transfer(bool in, std::uint64_t bytes, bool whole) const;

  SessionServices services;
  model::Server server;
  identity::Principal principal;
  std::string protocol, client_ip;
  std::string id;
  bool optimized;
  bool extended;
  View view;
  ActivityLog log;
  UserSeat seat;
  // Extended servers: the files that this session has open for writing, by storage path.
  std::map<std::string, Upload*> edited;

 private:
  std::optional<iam::Permit> delegated(iam::Action action, const std::string& bucket,
                                       const std::string& key);
  std::optional<iam::Identity> identity_;
  std::shared_ptr<const iam::AssumeRoleRequest> delegate_;
};

// How a session assumes its user's role. `session_id` as of Session::id().
iam::AssumeRoleRequest role_request(const model::Server& server,
                                    const identity::Principal& principal,
                                    std::string_view session_id);
// What a session says to the policies beside action and resource; of a listing, its delimiter "/".
iam::RequestDetails request_details(bool listing = false);

// What a session shows of an object; of a directory if it is a directory's marker.
FileAttributes file_attributes(const Core& core, const storage::ObjectInfo& info);

// What is at a location.
struct Found {
  enum class Kind : std::uint8_t { kMissing, kFile, kDirectory };
  Kind kind = Kind::kMissing;
  FileAttributes attributes;
};

// Looks for a file, then for a directory. A missing bucket counts as missing. Errors:
// kPermissionDenied when the role may see too little to tell, as S3 answers 403 for a missing key
// to who may not list; and storage's.
Task<Result<Found>> find(Core& core, std::string bucket, std::string key);
// The same for checks before a write: what the role may not see counts as missing.
Task<Result<Found>> find_if_visible(Core& core, std::string bucket, std::string key);
// For a file that was opened to be kept as it is, and closed without a write: makes an empty one
// unless there is one, which the role need not be able to see. The ETag of what was made, or none.
Task<Result<std::optional<std::string>>> make_if_absent(Core& core, storage::ObjectRef object,
                                                        storage::PutOptions options);

// The parts of Session, by file. `core` is kept alive by what they return.
std::unique_ptr<Download> make_download(std::shared_ptr<Core> core, Location location,
                                        FileOperation operation,
                                        std::unique_ptr<storage::ObjectReader> reader);
std::unique_ptr<Upload> make_upload(std::shared_ptr<Core> core, Location location, OpenMode mode,
                                    FileOperation operation,
                                    std::unique_ptr<storage::ObjectWriter> writer);
std::unique_ptr<DirectoryReader> make_directory_reader(std::shared_ptr<Core> core,
                                                       Location location);

}  // namespace sallyport::session
