// An AS2 agreement of a server, as CreateAgreement makes it and DescribeAgreement shows it
// (DescribedAgreement). Plain data.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/ids.h"
#include "model/profile.h"
#include "model/server.h"

namespace sallyport::model {

using AgreementId = StrongString<struct AgreementIdTag>;  // a- and 17 hexadecimal digits

std::string arn_of(const Place& place, const ServerId& server, const AgreementId& id);

struct CustomDirectories {
  std::string failed_files;
  std::string mdn_files;
  std::string payload_files;
  std::string status_files;
  std::string temporary_files;
};

struct Agreement {
  AgreementId id;
  ServerId server_id;
  std::string description;        // empty: never given
  std::string status = "ACTIVE";  // or INACTIVE
  ProfileId local_profile_id;
  ProfileId partner_profile_id;
  // One of the two.
  std::string base_directory;
  std::optional<CustomDirectories> custom_directories;
  std::string access_role;
  std::string preserve_filename = "DISABLED";        // or ENABLED
  std::string enforce_message_signing = "DISABLED";  // or ENABLED
  std::vector<Tag> tags;
  WallTime created{};
};

std::string to_document(const Agreement& agreement);
Result<Agreement> agreement_from_document(std::string_view document);

}  // namespace sallyport::model
