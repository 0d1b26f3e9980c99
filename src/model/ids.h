// Identifiers and their AWS forms.
#pragma once

#include <string>
#include <string_view>

#include "base/strong.h"

namespace sallyport::model {

using ServerId = StrongString<struct ServerIdTag>;        // s- and 17 hexadecimal digits
using SshPublicKeyId = StrongString<struct SshKeyIdTag>;  // key- and 17
using HostKeyId = StrongString<struct HostKeyIdTag>;      // hostkey- and 17

// Where this installation says it is; every ARN carries it.
struct Place {
  std::string region = "us-east-1";
  std::string account = "000000000000";

  std::string server_arn(const ServerId& id) const;
  std::string user_arn(const ServerId& id, std::string_view user_name) const;
  std::string host_key_arn(const ServerId& id, const HostKeyId& key) const;
  std::string role_arn(std::string_view path, std::string_view role_name) const;
};

}  // namespace sallyport::model
