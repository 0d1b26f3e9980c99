// Why may a user do something at a path, or why not, and what would change it: the decision of
// every right that a verb asks for, with the statement that made it. Asks the same View and the
// same Authorizer as a Session, and changes nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "iam/authorizer.h"
#include "model/server.h"
#include "model/user.h"
#include "session/explain_plan.h"
#include "session/explain_role.h"
#include "session/explain_step.h"
#include "session/view.h"
#include "storage/object_store.h"

namespace sallyport::session {

// All outlive the call.
struct ExplainServices {
  storage::ObjectStore& objects;
  iam::Authorizer& authorizer;
  state::ResourceStore& resources;
  std::function<bool(std::string_view bucket)> elsewhere = {};  // as session::Lookout has it
};

struct ExplainRequest {
  model::Server server;
  model::User user;
  std::string path;         // as the client writes it
  std::string target_path;  // rename's new name; empty: the path itself
  std::vector<Verb> verbs;
  std::optional<iam::Action> action;  // one S3 action as well
  // Who asks: buckets and objects are looked at with his rights.
  iam::Identity asker = iam::Identity::anonymous();
  iam::RequestDetails asker_details;
};

struct AskResult {
  Ask ask;
  iam::Decision decision;
  std::string problem;  // set: not decided, as told; counts as a denial
  bool session_denies =
      false;  // denied, and the session policy by itself would not allow it either

  bool allowed() const { return problem.empty() && decision.allowed(); }
};

struct NeedResult {
  std::vector<AskResult> any_of;
  bool optional = false;
  std::string why;

  bool met() const;
};

enum class Outcome : std::uint8_t {
  kAllowed,
  kImplicitDeny,
  kExplicitDeny,
  kNotAssumed,  // the role cannot be assumed
  kNoBucket,    // the rights suffice, and the bucket is not there
  kOutside,     // outside all mappings
  kRefused,     // whatever the rights are
};
// "allowed", "implicit deny", …
std::string_view outcome_name(Outcome outcome);

struct VerbResult {
  std::string name;
  Outcome outcome = Outcome::kAllowed;
  std::string why;  // one sentence
  std::vector<NeedResult> needs;
  std::vector<Step> steps;
};

struct Explanation {
  std::string path;                  // clean
  std::optional<Location> location;  // none: outside all mappings
  std::string home;
  bool logical = false;
  std::string mapping_entry;  // the mapping that covers the path; empty: none
  std::vector<std::pair<std::string, std::string>> mappings;  // entry and target, as they count
  RoleCheck role;
  bool assumed = false;
  std::string assume_problem;  // why not
  bool session_policy = false;
  std::optional<bool> bucket_exists;  // unset: there is none, or the asker may not look
  Content content = Content::kUnknown;
  std::vector<std::string> notes;  // sentences on the user and the server
  std::vector<VerbResult> verbs;
};

// Looks at no more than the first 1,000 entries of a listing, and at 200 mappings of a level.
// Errors: kInvalidArgument (a path that cannot be), kUnavailable and storage's.
Task<Result<Explanation>> explain(ExplainServices services, ExplainRequest request);

// What would change the outcomes of `explanation`, put into its verbs. `bucket_policy`: the text of
// the location's bucket's, or empty. Pure.
void add_advice(const ExplainRequest& request, const std::string& bucket_policy,
                Explanation& explanation);

}  // namespace sallyport::session
