// Who connected, as every line of the log names him.
#pragma once

#include <string>

#include "net/address.h"

namespace sallyport::sftp {

struct ConnectionSource {
  net::IpAddress address;
  // The same as text.
  std::string ip;
  // The field proxy-protocol-v2-header: "applied", "ignored" or, without a header, empty.
  std::string proxy_header;
};

}  // namespace sallyport::sftp
