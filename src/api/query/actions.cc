#include "api/query/actions.h"

#include "model/iam_user.h"
#include "model/managed_policy.h"
#include "model/role.h"

namespace sallyport::api {

namespace {

using model::IamUser;
using model::ManagedPolicy;
using model::Role;
using T = QueryTarget;

constexpr auto kIam = QueryApi::kIam;
constexpr auto kSts = QueryApi::kSts;

constexpr QueryRow kRows[] = {
    {kIam, "AttachRolePolicy", T::kRole, false, &attach_policy<Role>},
    {kIam, "AttachUserPolicy", T::kUser, false, &attach_policy<IamUser>},
    {kIam, "CreateAccessKey", T::kUser, true, &create_access_key},
    {kIam, "CreatePolicy", T::kNewPolicy, true, &create_policy},
    {kIam, "CreatePolicyVersion", T::kPolicy, true, &create_policy_version},
    {kIam, "CreateRole", T::kNewRole, true, &create_role},
    {kIam, "CreateUser", T::kNewUser, true, &create_user},
    {kIam, "DeleteAccessKey", T::kUser, false, &delete_access_key},
    {kIam, "DeleteLoginProfile", T::kUser, false, &login_profile},
    {kIam, "DeletePolicy", T::kPolicy, false, &delete_policy},
    {kIam, "DeletePolicyVersion", T::kPolicy, false, &delete_policy_version},
    {kIam, "DeleteRole", T::kRole, false, &delete_role},
    {kIam, "DeleteRolePolicy", T::kRole, false, &delete_inline_policy<Role>},
    {kIam, "DeleteUser", T::kUser, false, &delete_user},
    {kIam, "DeleteUserPolicy", T::kUser, false, &delete_inline_policy<IamUser>},
    {kIam, "DetachRolePolicy", T::kRole, false, &detach_policy<Role>},
    {kIam, "DetachUserPolicy", T::kUser, false, &detach_policy<IamUser>},
    {kIam, "GetLoginProfile", T::kUser, true, &login_profile},
    {kIam, "GetPolicy", T::kPolicy, true, &get_policy},
    {kIam, "GetPolicyVersion", T::kPolicy, true, &get_policy_version},
    {kIam, "GetRole", T::kRole, true, &get_role},
    {kIam, "GetRolePolicy", T::kRole, true, &get_inline_policy<Role>},
    {kIam, "GetUser", T::kUser, true, &get_user},
    {kIam, "GetUserPolicy", T::kUser, true, &get_inline_policy<IamUser>},
    {kIam, "ListAccessKeys", T::kUser, true, &list_access_keys},
    {kIam, "ListAttachedRolePolicies", T::kRole, true, &list_attached_policies<Role>},
    {kIam, "ListAttachedUserPolicies", T::kUser, true, &list_attached_policies<IamUser>},
    {kIam, "ListEntitiesForPolicy", T::kPolicy, true, &list_entities_for_policy},
    {kIam, "ListGroupsForUser", T::kUser, true, &list_groups_for_user},
    {kIam, "ListInstanceProfilesForRole", T::kRole, true, &list_instance_profiles_for_role},
    {kIam, "ListMFADevices", T::kUser, true, &list_mfa_devices},
    {kIam, "ListPolicies", T::kPolicies, true, &list_policies},
    {kIam, "ListPolicyTags", T::kPolicy, true, &list_entity_tags<ManagedPolicy>},
    {kIam, "ListPolicyVersions", T::kPolicy, true, &list_policy_versions},
    {kIam, "ListRolePolicies", T::kRole, true, &list_inline_policies<Role>},
    {kIam, "ListRoleTags", T::kRole, true, &list_entity_tags<Role>},
    {kIam, "ListRoles", T::kRoles, true, &list_roles},
    {kIam, "ListSSHPublicKeys", T::kUser, true, &list_ssh_public_keys},
    {kIam, "ListServiceSpecificCredentials", T::kUser, true, &list_service_specific_credentials},
    {kIam, "ListSigningCertificates", T::kUser, true, &list_signing_certificates},
    {kIam, "ListUserPolicies", T::kUser, true, &list_inline_policies<IamUser>},
    {kIam, "ListUserTags", T::kUser, true, &list_entity_tags<IamUser>},
    {kIam, "ListUsers", T::kUsers, true, &list_users},
    {kIam, "ListVirtualMFADevices", T::kAll, true, &list_virtual_mfa_devices},
    {kIam, "PutRolePolicy", T::kRole, false, &put_inline_policy<Role>},
    {kIam, "PutUserPolicy", T::kUser, false, &put_inline_policy<IamUser>},
    {kIam, "SetDefaultPolicyVersion", T::kPolicy, false, &set_default_policy_version},
    {kIam, "TagPolicy", T::kPolicy, false, &tag_entity<ManagedPolicy>},
    {kIam, "TagRole", T::kRole, false, &tag_entity<Role>},
    {kIam, "TagUser", T::kUser, false, &tag_entity<IamUser>},
    {kIam, "UntagPolicy", T::kPolicy, false, &untag_entity<ManagedPolicy>},
    {kIam, "UntagRole", T::kRole, false, &untag_entity<Role>},
    {kIam, "UntagUser", T::kUser, false, &untag_entity<IamUser>},
    {kIam, "UpdateAccessKey", T::kUser, false, &update_access_key},
    {kIam, "UpdateAssumeRolePolicy", T::kRole, false, &update_assume_role_policy},
    {kIam, "UpdateRole", T::kRole, true, &update_role},
    {kIam, "UpdateRoleDescription", T::kRole, true, &update_role_description},
    {kIam, "UpdateUser", T::kUser, false, &update_user},
    {kSts, "AssumeRole", T::kNone, true, &assume_role},
    {kSts, "GetAccessKeyInfo", T::kAll, true, &get_access_key_info},
    {kSts, "GetCallerIdentity", T::kNone, true, &get_caller_identity},
};

}  // namespace

std::span<const QueryRow> query_rows() {
  return kRows;
}

}  // namespace sallyport::api
