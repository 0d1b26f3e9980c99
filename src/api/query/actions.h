// The actions of IAM and STS, one function each; the table of them is actions.cc. Roles and users
// share a template where they are alike.
#pragma once

#include "api/query/service.h"

namespace sallyport::api {

#define SALLYPORT_QUERY_ACTION(name) \
  Task<Outcome<Done>> name(const QueryCall& call, codec::XmlWriter& xml)
// T: model::Role, model::IamUser
#define SALLYPORT_QUERY_ENTITY_ACTION(name) \
  template <class T>                        \
  SALLYPORT_QUERY_ACTION(name)

// roles.cc
SALLYPORT_QUERY_ACTION(create_role);
SALLYPORT_QUERY_ACTION(get_role);
SALLYPORT_QUERY_ACTION(list_roles);
SALLYPORT_QUERY_ACTION(update_role);
SALLYPORT_QUERY_ACTION(update_role_description);
SALLYPORT_QUERY_ACTION(update_assume_role_policy);
SALLYPORT_QUERY_ACTION(delete_role);
// users.cc
SALLYPORT_QUERY_ACTION(create_user);
SALLYPORT_QUERY_ACTION(get_user);
SALLYPORT_QUERY_ACTION(list_users);
SALLYPORT_QUERY_ACTION(update_user);
SALLYPORT_QUERY_ACTION(delete_user);
// access_keys.cc
SALLYPORT_QUERY_ACTION(create_access_key);
SALLYPORT_QUERY_ACTION(list_access_keys);
SALLYPORT_QUERY_ACTION(update_access_key);
SALLYPORT_QUERY_ACTION(delete_access_key);
// inline_policies.cc
SALLYPORT_QUERY_ENTITY_ACTION(put_inline_policy);
SALLYPORT_QUERY_ENTITY_ACTION(get_inline_policy);
SALLYPORT_QUERY_ENTITY_ACTION(list_inline_policies);
SALLYPORT_QUERY_ENTITY_ACTION(delete_inline_policy);
// attached_policies.cc
SALLYPORT_QUERY_ENTITY_ACTION(attach_policy);
SALLYPORT_QUERY_ENTITY_ACTION(detach_policy);
SALLYPORT_QUERY_ENTITY_ACTION(list_attached_policies);
SALLYPORT_QUERY_ACTION(list_entities_for_policy);
// policies.cc
SALLYPORT_QUERY_ACTION(create_policy);
SALLYPORT_QUERY_ACTION(get_policy);
SALLYPORT_QUERY_ACTION(list_policies);
SALLYPORT_QUERY_ACTION(delete_policy);
// policy_versions.cc
SALLYPORT_QUERY_ACTION(create_policy_version);
SALLYPORT_QUERY_ACTION(get_policy_version);
SALLYPORT_QUERY_ACTION(list_policy_versions);
SALLYPORT_QUERY_ACTION(delete_policy_version);
SALLYPORT_QUERY_ACTION(set_default_policy_version);
// tags.cc; also T: model::ManagedPolicy
SALLYPORT_QUERY_ENTITY_ACTION(tag_entity);
SALLYPORT_QUERY_ENTITY_ACTION(untag_entity);
SALLYPORT_QUERY_ENTITY_ACTION(list_entity_tags);
// absent.cc: what a role or user of this service never has
SALLYPORT_QUERY_ACTION(list_instance_profiles_for_role);
SALLYPORT_QUERY_ACTION(list_groups_for_user);
SALLYPORT_QUERY_ACTION(list_mfa_devices);
SALLYPORT_QUERY_ACTION(list_virtual_mfa_devices);
SALLYPORT_QUERY_ACTION(list_ssh_public_keys);
SALLYPORT_QUERY_ACTION(list_service_specific_credentials);
SALLYPORT_QUERY_ACTION(list_signing_certificates);
SALLYPORT_QUERY_ACTION(login_profile);
// sts.cc
SALLYPORT_QUERY_ACTION(get_caller_identity);
SALLYPORT_QUERY_ACTION(get_access_key_info);
SALLYPORT_QUERY_ACTION(assume_role);

#undef SALLYPORT_QUERY_ENTITY_ACTION
#undef SALLYPORT_QUERY_ACTION

}  // namespace sallyport::api
