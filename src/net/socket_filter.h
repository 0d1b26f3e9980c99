// A kernel filter on a listening socket: connection requests of sources outside an allow list are
// dropped before they are answered, as a security group does.
#pragma once

#include "base/result.h"
#include "net/address.h"

namespace sallyport::net {

// Attaches (or, for an empty list, removes) the filter. Connections accepted later inherit it, so a
// session lives on when its source is taken off the list only while the old filter lets it.
// Errors: kLimitExceeded (more networks than a filter can hold), kPermissionDenied (some kernels ask for
// CAP_NET_ADMIN), kIo.
Result<void> set_source_filter(int listening_fd, const AllowList& allowed);

}  // namespace sallyport::net
