#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/transfer/operations.h"
#include "api/transfer/references.h"

namespace sallyport::api {

namespace {

using model::Profile;
using nlohmann::json;

// What DescribeProfile and ListProfiles both show.
json listed_profile(const TransferContext& context, const Profile& profile) {
  return {{"Arn", model::arn_of(context.place, profile.id)},
          {"ProfileId", profile.id.str()},
          {"As2Id", profile.as2_id},
          {"ProfileType", profile.type}};
}

Outcome<std::vector<std::string>> read_certificates(const TransferContext& context,
                                                    const json& request) {
  auto ids = texts_of(request, "CertificateIds");
  if (ids.size() > context.limits.certificates_per_profile)
    return quota_exceeded("CertificatesPerProfile", context.limits.certificates_per_profile);
  TRY(check_unique(ids, "CertificateIds"));
  return ids;
}

// Its certificates stay for as long as the profile names them.
Beside<Profile> with_certificates(const TransferContext& context) {
  return [&context](const Profile& profile) {
    return hold_certificates(context, profile.type, profile.certificate_ids);
  };
}

}  // namespace

Task<Outcome<json>> create_profile(const TransferContext& context, json request) {
  Profile profile;
  profile.id = model::ProfileId(new_id(context, "p-"));
  profile.type = text_of(request, "ProfileType");
  profile.as2_id = text_of(request, "As2Id");
  profile.created = context.clock.wall();
  CO_TRY_ASSIGN(profile.certificate_ids, read_certificates(context, request));
  CO_TRY_ASSIGN(profile.tags, read_tags(request, "Tags"));
  const auto quota = within_quota<Profile>("", "ProfilesPerAccount", context.limits.profiles);
  CO_TRY(co_await insert_stored(context, profile, quota, with_certificates(context)));
  co_return json{{"ProfileId", profile.id.str()}};
}

Task<Outcome<json>> describe_profile(const TransferContext& context, json request) {
  CO_TRY_ASSIGN(const auto stored,
                co_await load_stored<Profile>(context, "", text_of(request, "ProfileId")));
  json shown = listed_profile(context, stored.value);
  if (!stored.value.certificate_ids.empty()) shown["CertificateIds"] = stored.value.certificate_ids;
  if (!stored.value.tags.empty()) shown["Tags"] = tags_json(stored.value.tags);
  co_return json{{"Profile", std::move(shown)}};
}

Task<Outcome<json>> update_profile(const TransferContext& context, json request) {
  const std::string id = text_of(request, "ProfileId");
  const Change<Profile> change = [&](Profile& profile) -> Outcome<bool> {
    if (!request.contains("CertificateIds")) return false;
    TRY_ASSIGN(profile.certificate_ids, read_certificates(context, request));
    return true;
  };
  CO_TRY(co_await change_stored<Profile>(context, "", id, change, with_certificates(context)));
  co_return json{{"ProfileId", id}};
}

Task<Outcome<json>> delete_profile(const TransferContext& context, json request) {
  const RemovalCheck<Profile> check = [&context](const Profile& profile) {
    return check_profile_unused(context, profile.id);
  };
  CO_TRY(co_await remove_stored<Profile>(context, "", text_of(request, "ProfileId"), check));
  co_return json();
}

Task<Outcome<json>> list_profiles(const TransferContext& context, json request) {
  const std::string type = text_of(request, "ProfileType");
  const Shown<Profile> show = [&](const Profile& profile) {
    if (!type.empty() && profile.type != type) return json();
    return listed_profile(context, profile);
  };
  co_return co_await list_stored<Profile>(context, "ListProfiles|" + type, "", std::move(request),
                                          "Profiles", show);
}

}  // namespace sallyport::api
