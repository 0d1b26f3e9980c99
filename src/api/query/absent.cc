#include <fmt/format.h>

#include "api/query/actions.h"
#include "api/query/callers_user.h"
#include "api/query/entity.h"

namespace sallyport::api {

namespace {

void write_empty(codec::XmlWriter& xml, std::string_view list) {
  xml.open(list).close().element_bool("IsTruncated", false);
}

// Of the user named, who must be there, or of the caller.
Task<Outcome<Done>> none_of_user(const QueryCall& call, codec::XmlWriter& xml, std::string list) {
  Parameters read(call);
  const auto given = read.optional_name("UserName", kMaxUserName);
  CO_TRY(read.check());
  if (given || !call.caller.identity.is_root()) {
    CO_TRY_ASSIGN(const std::string name, user_or_caller(call, given));
    CO_TRY(co_await load<model::IamUser>(call.context, name));
  }
  write_empty(xml, list);
  co_return done();
}

}  // namespace

Task<Outcome<Done>> list_instance_profiles_for_role(const QueryCall& call, codec::XmlWriter& xml) {
  Parameters read(call);
  const std::string name = read.name("RoleName", kMaxRoleName);
  CO_TRY(read.check());
  CO_TRY(co_await load<model::Role>(call.context, name));
  write_empty(xml, "InstanceProfiles");
  co_return done();
}

Task<Outcome<Done>> list_groups_for_user(const QueryCall& call, codec::XmlWriter& xml) {
  co_return co_await none_of_user(call, xml, "Groups");
}

Task<Outcome<Done>> list_mfa_devices(const QueryCall& call, codec::XmlWriter& xml) {
  co_return co_await none_of_user(call, xml, "MFADevices");
}

Task<Outcome<Done>> list_virtual_mfa_devices(const QueryCall&, codec::XmlWriter& xml) {
  write_empty(xml, "VirtualMFADevices");
  co_return done();
}

Task<Outcome<Done>> list_ssh_public_keys(const QueryCall& call, codec::XmlWriter& xml) {
  co_return co_await none_of_user(call, xml, "SSHPublicKeys");
}

Task<Outcome<Done>> list_service_specific_credentials(const QueryCall& call,
                                                      codec::XmlWriter& xml) {
  co_return co_await none_of_user(call, xml, "ServiceSpecificCredentials");
}

Task<Outcome<Done>> list_signing_certificates(const QueryCall& call, codec::XmlWriter& xml) {
  co_return co_await none_of_user(call, xml, "Certificates");
}

Task<Outcome<Done>> login_profile(const QueryCall& call, codec::XmlWriter&) {
  Parameters read(call);
  const auto given = read.optional_name("UserName", kMaxUserName);
  CO_TRY(read.check());
  CO_TRY_ASSIGN(const std::string name, user_or_caller(call, given));
  CO_TRY(co_await load<model::IamUser>(call.context, name));
  co_return no_such_entity(fmt::format("Login Profile for User {} cannot be found.", name));
}

}  // namespace sallyport::api
