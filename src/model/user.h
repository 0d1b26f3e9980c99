// A service-managed user, as CreateUser makes it and DescribeUser shows it (DescribedUser). Plain
// data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/ids.h"
#include "model/server.h"

namespace sallyport::model {

enum class HomeDirectoryType : std::uint8_t { kPath, kLogical };

struct HomeDirectoryMapEntry {
  std::string entry;
  std::string target;
  std::string type = "DIRECTORY";  // or FILE
  bool type_given = false;         // whether the caller stated it (it is only then returned)
};

struct PosixProfile {
  std::int64_t uid = 0;
  std::int64_t gid = 0;
  std::vector<std::int64_t> secondary_gids;
};

struct SshPublicKey {
  SshPublicKeyId id;
  std::string body;  // as imported, comment kept
  WallTime date_imported{};
};

struct User {
  ServerId server_id;
  std::string user_name;
  std::string arn;
  std::string home_directory;  // empty: never given
  HomeDirectoryType home_directory_type = HomeDirectoryType::kPath;
  std::vector<HomeDirectoryMapEntry> home_directory_mappings;
  std::string policy;  // session policy, JSON text; empty: none
  std::optional<PosixProfile> posix_profile;
  std::string role;
  std::vector<SshPublicKey> ssh_public_keys;
  std::vector<Tag> tags;
  WallTime created{};
};

std::string to_document(const User& user);
Result<User> user_from_document(std::string_view document);

}  // namespace sallyport::model
