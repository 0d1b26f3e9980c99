// What servers and users need beside their operations to be moved. Inside api/moves
// only.
#pragma once

#include "api/moves/kinds.h"

namespace sallyport::api {

extern const MovedExtras kServerExtras, kUserExtras, kWebAppExtras;

}  // namespace sallyport::api
