// An AS2 profile, as CreateProfile makes it and DescribeProfile shows it (DescribedProfile). Plain
// data.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/ids.h"
#include "model/server.h"

namespace sallyport::model {

using ProfileId = StrongString<struct ProfileIdTag>;  // p- and 17 hexadecimal digits

std::string arn_of(const Place& place, const ProfileId& id);

struct Profile {
  ProfileId id;
  std::string type;  // LOCAL or PARTNER
  std::string as2_id;
  std::vector<std::string> certificate_ids;
  std::vector<Tag> tags;
  WallTime created{};
};

std::string to_document(const Profile& profile);
Result<Profile> profile_from_document(std::string_view document);

}  // namespace sallyport::model
