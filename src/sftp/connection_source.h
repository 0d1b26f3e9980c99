// Who connected, as every line of the log names him.
#pragma once

#include <string>

namespace sallyport::sftp {

struct ConnectionSource {
  std::string ip;
  // The field proxy-protocol-v2-header: "applied", "ignored" or, without a header, empty.
  std::string proxy_header;
};

}  // namespace sallyport::sftp
