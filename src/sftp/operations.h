// What each request of SFTP version 3 means to a session, READ and WRITE apart. Handlers of the
// command table; each answers with one reply.
#pragma once

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
  Task<Reply> stat(PathRequest request);  // LSTAT too: there are no links
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
  // By the table of extended commands.
  Task<Reply> extended(ExtendedRequest request);
  Task<Reply> limits(ExtendedRequest request);

  // For a row that is refused: writes the log line; the answer is the row's.
  void refused(std::string_view operation, std::string_view refusal, const Request& request);

  // Ends whatever is open, as when the connection is lost.
  Task<void> abandon_all();

 private:
  session::Session& session_;
  HandleTable& handles_;
  const Clock& clock_;
};

// What a handle that is none, or of the wrong kind, is answered with.
Status invalid_handle();

}  // namespace sallyport::sftp
