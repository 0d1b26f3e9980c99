// What roles, users and customer-managed policies have in common: loading one by what names it in a
// request, changing it without losing another's change, deleting it as it was looked at. One
// implementation for the three of them.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/query/parameters.h"
#include "iam/policy.h"
#include "model/iam_user.h"
#include "model/managed_policy.h"
#include "model/role.h"
#include "state/repository.h"

namespace sallyport::api {

// What differs between them.
template <class T>
struct EntityWords;

template <>
struct EntityWords<model::Role> {
  static constexpr std::string_view kNoun = "role";  // in ARNs and sentences
  static constexpr std::string_view kParameter = "RoleName";
  static constexpr std::string_view kAttachQuota = "PoliciesPerRole";
  static constexpr std::size_t kMaxInlineBytes = iam::kMaxIdentityPolicyBytes;
  static constexpr bool kTagsIgnoreCase = true;
  static std::string read(Parameters& read) { return read.name(kParameter, kMaxRoleName); }
};
template <>
struct EntityWords<model::IamUser> {
  static constexpr std::string_view kNoun = "user";
  static constexpr std::string_view kParameter = "UserName";
  static constexpr std::string_view kAttachQuota = "PoliciesPerUser";
  static constexpr std::size_t kMaxInlineBytes = 2048;
  static constexpr bool kTagsIgnoreCase = true;
  static std::string read(Parameters& read) { return read.name(kParameter, kMaxUserName); }
};
template <>
struct EntityWords<model::ManagedPolicy> {
  static constexpr std::string_view kNoun = "policy";
  static constexpr std::string_view kParameter = "PolicyArn";
  static constexpr bool kTagsIgnoreCase = false;
  static std::string read(Parameters& read) { return read.policy_arn(kParameter); }
};

// "arn:aws:iam::<account>:<noun><path><name>".
std::string iam_arn(const model::Place& place, std::string_view noun, std::string_view path,
                    std::string_view name);
// What stands after the last "/".
std::string policy_name_of(std::string_view arn);
// `prefix` and 17 upper-case letters or digits.
std::string new_entity_id(Random& random, std::string_view prefix);
// Whole seconds, as IAM has it.
std::string iam_time(WallTime time);
// Without white space, as IAM counts policies.
std::size_t policy_size(std::string_view document);

// By the name, or the ARN of a policy; AWS's own policies have version 0. NoSuchEntity "The role
// with name x cannot be found.".
template <class T>
Task<Outcome<state::Versioned<T>>> load(const QueryContext& context, std::string id);

// Several steps at once. A Fault with reason ConcurrentModification if something moved meanwhile.
using Steps = std::vector<state::ResourceChange>;
Task<Outcome<Done>> commit(const QueryContext& context, Steps steps);
// Does it again after a ConcurrentModification, some times. `attempt` must start from the store.
using Attempt = std::function<Task<Outcome<Done>>()>;
Task<Outcome<Done>> retried(Attempt attempt);

// Loads, changes, stores; again if another change came between. `change` may add steps that are
// stored with it. AccessDenied for a policy of AWS.
template <class T>
using Change = std::function<Outcome<Done>(T&, Steps& more)>;
template <class T>
Task<Outcome<Done>> change(const QueryContext& context, std::string id, Change<T> change);

// Steps that remove what was loaded, if it still is what was loaded.
template <class T>
Steps removal_of(const state::Versioned<T>& stored) {
  const auto key = state::key_of(stored.value);
  return {state::Repository<T>::updating(stored.value, stored.version),
          state::Repository<T>::removal("", key.id)};
}

// All of a kind, one after the other.
template <class T>
Task<Outcome<Done>> for_each(const QueryContext& context, std::function<void(const T&)> visit);

// Stores a new one; false when there is one of its name, letter case not counted (IAM user guide,
// "IAM and AWS STS quotas": names are unique within the account whatever their case).
template <class T>
Task<Outcome<bool>> insert_new(const QueryContext& context, T entity);

extern template Task<Outcome<bool>> insert_new(const QueryContext&, model::Role);
extern template Task<Outcome<bool>> insert_new(const QueryContext&, model::IamUser);
extern template Task<Outcome<bool>> insert_new(const QueryContext&, model::ManagedPolicy);
extern template Task<Outcome<state::Versioned<model::Role>>> load(const QueryContext&, std::string);
extern template Task<Outcome<state::Versioned<model::IamUser>>> load(const QueryContext&,
                                                                     std::string);
template <>
Task<Outcome<state::Versioned<model::ManagedPolicy>>> load(const QueryContext&, std::string);
extern template Task<Outcome<Done>> change(const QueryContext&, std::string, Change<model::Role>);
extern template Task<Outcome<Done>> change(const QueryContext&, std::string,
                                           Change<model::IamUser>);
extern template Task<Outcome<Done>> change(const QueryContext&, std::string,
                                           Change<model::ManagedPolicy>);
extern template Task<Outcome<Done>> for_each(const QueryContext&,
                                             std::function<void(const model::Role&)>);
extern template Task<Outcome<Done>> for_each(const QueryContext&,
                                             std::function<void(const model::IamUser&)>);
extern template Task<Outcome<Done>> for_each(const QueryContext&,
                                             std::function<void(const model::ManagedPolicy&)>);

// "Cannot delete entity, must delete policies first." and its like. DeleteConflict.
Fault delete_conflict(std::string message);
// What a role or user must be rid of before it may go.
template <class T>
Outcome<Done> has_no_policies(const T& entity) {
  if (!entity.inline_policies.empty())
    return delete_conflict("Cannot delete entity, must delete policies first.");
  if (!entity.attached_policy_arns.empty())
    return delete_conflict("Cannot delete entity, must detach all policies first.");
  return done();
}

void write_tags(codec::XmlWriter& xml, const std::vector<model::Tag>& tags);

}  // namespace sallyport::api
