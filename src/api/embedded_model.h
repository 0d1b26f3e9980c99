// The service model's tables, linked into the program (src/api/model/*.json).
#pragma once

#include <string_view>

namespace sallyport::api {

std::string_view embedded_transfer_model();
std::string_view embedded_transfer_additions();

}  // namespace sallyport::api
