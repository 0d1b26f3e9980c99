// What each request of SFTP version 3 means to a session, READ and WRITE apart. Handlers of the
// command table; each answers with one reply.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/task.h"
#include "session/session.h"
#include "sftp/handle_table.h"
#include "sftp/messages.h"

namespace sallyport::sftp {

// All references outlive the object and every task it returned. One request at a time.
class Operations {
 public:
  Operations(session::Session& session, HandleTable& handles, const Clock& clock)
      : session_(session), handles_(handles), clock_(clock) {}

  Task<Reply> open(OpenRequest request);
  Task<Reply> close(HandleRequest request);
  Task<Reply> stat(PathRequest request);
  Task<Reply> lstat(PathRequest request);
  Task<Reply> fstat(HandleRequest request);
  Task<Reply> setstat(PathAttributesRequest request);
  Task<Reply> fsetstat(HandleAttributesRequest request);
  Task<Reply> opendir(PathRequest request);
  Task<Reply> readdir(HandleRequest request);
  Task<Reply> remove(PathRequest request);
  Task<Reply> mkdir(PathAttributesRequest request);
  Task<Reply> rmdir(PathRequest request);
  Task<Reply> realpath(PathRequest request);
  Task<Reply> rename(TwoPathsRequest request);
  Task<Reply> readlink(PathRequest request);
  // The link second, as OpenSSH and those who follow it send them; the draft has it first.
  Task<Reply> symlink(TwoPathsRequest request);
  // By the table of extended commands.
  Task<Reply> extended(ExtendedRequest request);
  Task<Reply> limits(ExtendedRequest request);
  // ---- Of extended servers (extended_operations.cc).
  Task<Reply> posix_rename(ExtendedRequest request);
  Task<Reply> statvfs(ExtendedRequest request);
  Task<Reply> fstatvfs(ExtendedRequest request);
  Task<Reply> fsync(ExtendedRequest request);
  Task<Reply> lsetstat(ExtendedRequest request);
  Task<Reply> expand_path(ExtendedRequest request);
  Task<Reply> copy_data(ExtendedRequest request);
  // Asked between the pieces of long work: nobody waits for it any more.
  void gone_if(std::function<bool()> gone) { gone_ = std::move(gone); }

  // Ends whatever is open, as when the connection is lost.
  Task<void> abandon_all();

 private:
  session::Session& session_;
  HandleTable& handles_;
  const Clock& clock_;
  std::function<bool()> gone_ = [] { return false; };
};

// What a handle that is none, or of the wrong kind, is answered with.
Status invalid_handle();
Reply reply_of(const Result<void>& result);
// Of what a client sent, what a session can set.
session::AttributeChange change_of(const RequestedAttributes& requested);

}  // namespace sallyport::sftp
