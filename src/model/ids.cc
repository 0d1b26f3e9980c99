#include "model/ids.h"

#include <fmt/format.h>

namespace sallyport::model {

std::string Place::server_arn(const ServerId& id) const {
  return fmt::format("arn:aws:transfer:{}:{}:server/{}", region, account, id.str());
}
std::string Place::user_arn(const ServerId& id, std::string_view user_name) const {
  return fmt::format("arn:aws:transfer:{}:{}:user/{}/{}", region, account, id.str(), user_name);
}
std::string Place::host_key_arn(const ServerId& id, const HostKeyId& key) const {
  return fmt::format("arn:aws:transfer:{}:{}:host-key/{}/{}", region, account, id.str(), key.str());
}
std::string Place::role_arn(std::string_view path, std::string_view role_name) const {
  return fmt::format("arn:aws:iam::{}:role{}{}", account, path, role_name);
}

}  // namespace sallyport::model
