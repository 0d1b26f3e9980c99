// What requests of both SFTP dialects hold, read from a message's body.
#pragma once

#include <string>

#include "base/bytes.h"
#include "sftp/messages.h"

namespace sallyport::sftp {

// kNoHandle for a string that is no handle of ours.
inline HandleId read_handle(ByteReader& in) {
  const ByteView handle = in.string();
  return handle.size() == sizeof(HandleId) ? load_be64(handle.data()) : kNoHandle;
}

inline std::string read_text(ByteReader& in) {
  return std::string(in.text());
}

}  // namespace sallyport::sftp
