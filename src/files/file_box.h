// What a process that acts as users does with one file system: one request at a time, as the user
// that the request names, beneath the file system's directory. Blocking; for processes with one
// thread.
#pragma once

#include <string>

#include "base/unique_fd.h"
#include "files/acting_as.h"
#include "files/file_messages.h"

namespace sallyport::files {

class FileBox {
 public:
  // `directory`: absolute; opened anew for every request, so that it may be mounted later.
  FileBox(std::string directory, ActingAs acting)
      : directory_(std::move(directory)), acting_(acting) {}

  struct Answer {
    FileReply reply;
    UniqueFd file;  // of kOpen and kOpenDirectory
  };
  // `given`: what came beside the request; may be none.
  Answer answer(const NumberedRequest& request, const UniqueFd& given);

 private:
  std::string directory_;
  ActingAs acting_;
};

}  // namespace sallyport::files
