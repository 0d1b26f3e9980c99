// What a role lets its user do with a file system, and who he is there. Inside src/session only.
#pragma once

#include <string>

#include "files/file_system.h"
#include "session/core.h"

namespace sallyport::session {

// A file system that a session may act on, as this user.
struct FileAccess {
  files::FileSystem* system = nullptr;
  files::PosixIdentity who;
};

// Asks the policies of the user's role for elasticfilesystem:ClientMount, and ClientWrite where
// something is to be changed, on the file system's ARN. Who is root is nobody (65534) unless the
// role has ClientRootAccess. Errors: those of Core::role(); kPermissionDenied with the reason
// files::kPosix; kIo with it when there is no such file system; kUnavailable.
Task<Result<FileAccess>> enter_file_system(Core& core, std::string id, bool write);
// The same where a file system that is not there is no error: `system` is null then.
Task<Result<FileAccess>> rights_on(Core& core, std::string id, bool write);

// The profile as an identity. Errors: kInvalidArgument (there is none, or a number that is none).
Result<files::PosixIdentity> identity_of(const identity::Principal& principal);

files::FileRequest request_of(files::FileVerb verb, std::uint8_t options = 0,
                              std::uint32_t mode = 0);
// What users with logical directories are told of links.
Error no_links_in_logical();

// What is no place of a file system: the levels above mappings, and "/" of a PATH user.
bool is_above_all(const Location& location);
// Where it is beneath its file system.
files::FilePlace place_of(const Location& location);
// "" where there is no parent.
files::FilePlace parent_of(const Location& location);
FileAttributes attributes_of(const files::FileStatus& status);

}  // namespace sallyport::session
