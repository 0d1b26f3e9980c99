// A service-managed user, as CreateUser makes it and DescribeUser shows it (DescribedUser). Plain
// data.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/grant.h"
#include "model/ids.h"
#include "model/server.h"

namespace sallyport::model {

struct SshPublicKey {
  SshPublicKeyId id;
  std::string body;  // as imported, comment kept
  WallTime date_imported{};
};

struct User : Grant {
  ServerId server_id;
  std::string user_name;
  std::string arn;
  std::vector<SshPublicKey> ssh_public_keys;
  std::vector<Tag> tags;
  WallTime created{};
};

std::string to_document(const User& user);
Result<User> user_from_document(std::string_view document);

}  // namespace sallyport::model
