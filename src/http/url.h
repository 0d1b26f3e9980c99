// Absolute http URLs, split (RFC 3986); and the addresses behind a host name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "net/address.h"
#include "net/blocking_pool.h"

namespace sallyport::http {

struct Url {
  std::string scheme;      // lower case: "http" or "https"
  std::string host;        // lower case; an IPv6 address without brackets
  std::uint16_t port = 0;  // the scheme's default when none is written
  std::string target;      // path and query, at least "/"

  // What goes into the Host header: the port only when it is not the default, IPv6 in brackets.
  std::string authority() const;
};

// kInvalidArgument, also for user names in the URL; kUnsupported for other schemes.
Result<Url> parse_url(std::string_view text);

// An address literal is taken as it is; `localhost` and names below it need no look-up (RFC
// 6761 section 6.3); other
// names go to the system's resolver on `pool`. At least one endpoint.
// Errors: kNotFound, kUnavailable. `pool` outlives the task.
Task<Result<std::vector<net::Endpoint>>> resolve(std::string host, std::uint16_t port,
                                                 net::BlockingPool& pool);

}  // namespace sallyport::http
