// What AWS tells a caller who may not (IAM user guide, "Troubleshoot access denied error
// messages").
#pragma once

#include <string>
#include <string_view>

#include "iam/evaluate.h"
#include "iam/identity.h"

namespace sallyport::iam {

// "User: <arn> is not authorized to perform: <action> on resource: <arn> because no identity-based
// policy allows the <action> action", or whichever kind of policy `decision` says stood in the way.
// S3 puts its ARNs between quotation marks and leaves "*" out. "Access Denied" for an anonymous
// caller.
// REQUIRES: !decision.allowed().
std::string denial_sentence(const Identity& caller, std::string_view action,
                            std::string_view resource, const Decision& decision);

// The same where a role's trust policy stood in the way of sts:AssumeRole; also what is said of a
// role that does not exist, so that callers without rights learn nothing of it.
std::string trust_denial_sentence(const Identity& caller, bool explicit_deny);

}  // namespace sallyport::iam
