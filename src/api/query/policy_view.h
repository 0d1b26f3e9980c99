// How policies show in answers, and to how many they are attached.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "api/query/entity.h"

namespace sallyport::api {

// ARN → how many roles and users hold it.
using Attachments = std::map<std::string, std::int64_t, std::less<>>;
Task<Outcome<Attachments>> count_attachments(const QueryContext& context);

// The members of a Policy; the description only where the action shows it.
void write_policy(codec::XmlWriter& xml, const model::ManagedPolicy& policy,
                  const Attachments& attachments, bool with_description);

// LimitExceeded "Cannot exceed quota for PolicySize: 6144", MalformedPolicyDocument.
Outcome<Done> check_managed_policy(const std::string& document);

}  // namespace sallyport::api
