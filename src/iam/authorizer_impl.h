// Inside Authorizer. Inside src/iam only.
#pragma once

#include <string>
#include <utility>

#include "iam/authorizer.h"
#include "iam/stored_policies.h"

namespace sallyport::iam {

struct Authorizer::Impl {
  StoredPolicies stored;
  model::Place place;
  const Clock& clock;

  Impl(state::ResourceStore& resources, model::Place p, const Clock& c)
      : stored(resources), place(std::move(p)), clock(c) {}

  // kNotFound when there is no role of exactly this ARN.
  Task<Result<PrincipalPtr>> role(std::string arn);
  // Whose policies count; null for root and anonymous. kNotFound when it is gone, or replaced by
  // another of its name.
  Task<Result<PrincipalPtr>> principal(const Identity& identity);
  // `identity` outlives the task.
  Task<Result<Decision>> decide(const Identity& identity, AccessQuestion question);
  // Adds s3:ExistingObjectTag/… where one of the policies asks for it.
  Task<Result<void>> add_object_tags(const PolicySet& policies, const std::string& bucket,
                                     RequestDetails& details);
  // What every question says of the caller and of the place.
  Context context_of(const Identity& identity, const ParsedPrincipal* principal,
                     RequestDetails details) const;
};

}  // namespace sallyport::iam
