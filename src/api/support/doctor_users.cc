// The part of an examination that looks at users: can they log in, and does what they are led to
// exist?
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/support/doctor.h"
#include "codec/json.h"
#include "iam/policy.h"
#include "identity/principal.h"
#include "session/explain_step.h"
#include "session/path.h"
#include "session/variables.h"
#include "session/view.h"
#include "state/repository.h"

namespace sallyport::api {

namespace {

constexpr std::uint32_t kUserPage = 500;
constexpr std::size_t kMaxMappings = 2000;

std::string subject_of(const model::User& user) {
  return "user " + user.user_name + " of " + user.server_id.str();
}

std::string command_for(const char* operation, const model::User& user) {
  return fmt::format("aws transfer {} --server-id {} --user-name {}", operation,
                     user.server_id.str(), session::shell_word(user.user_name));
}

bool is_optimized(const model::Server& server) {
  return server.directory_listing_optimization == "ENABLED";
}

}  // namespace

Task<Result<void>> Doctor::look_at_users() {
  state::Repository<model::User> repository(context_.resources);
  for (const model::Server& server : servers_) {
    for (std::string after;;) {
      CO_TRY_ASSIGN(auto page, co_await repository.list(server.id.str(), after, kUserPage));
      for (auto& item : page.items) {
        after = item.value.user_name;
        CO_TRY(co_await look_at_user(server, std::move(item.value)));
      }
      if (!page.more) break;
    }
  }
  const std::string elsewhere =
      elsewhere_ == 0 ? ""
                      : fmt::format(
                            ", or into other S3 stores, which are not looked at for that (ways "
                            "there: {})",
                            elsewhere_);
  findings_.fine(
      "users", users_ == 0 ? "there is none yet"
                           : fmt::format("{} looked at: can log in and are led to what is there{}",
                                         users_, elsewhere));
  co_return ok();
}

Task<Result<void>> Doctor::look_at_user(model::Server server, model::User user) {
  ++users_;
  const bool usable = identity::is_usable(user);
  const std::vector<HomePlace> places =
      usable ? home_places(server, user) : std::vector<HomePlace>();
  // A role that only stores elsewhere look at need not be here.
  const bool enforced_elsewhere =
      server.domain != "EFS" && !places.empty() &&
      std::all_of(places.begin(), places.end(), [this](const HomePlace& one) {
        return place_of(one.at.bucket) == BucketPlace::kEnforced;
      });
  if (!enforced_elsewhere) {
    RoleUse& use = roles_[user.role];
    use.server_arn = server.arn;
    if (use.count++ == 0) use.example = subject_of(user);
  }
  if (user.ssh_public_keys.empty())
    fault(
        Level::kWarning, "users", "no-key", subject_of(user),
        "has no SSH public key: only a certificate of an authority in trusted_user_ca lets him in",
        command_for("import-ssh-public-key", user) +
            " --ssh-public-key-body \"$(cat KEY_FILE.pub)\"");
  if (!usable) {
    fault(Level::kProblem, "users", "unusable", subject_of(user),
          "cannot log in: a target of a mapping must begin with \"/\" and not end with it",
          command_for("describe-user", user));
    co_return ok();
  }
  look_at_session_policy(user);
  for (const HomePlace& one : places) {
    if (server.domain == "EFS") {
      look_at_file_user(user, one.at.bucket, subject_of(user), command_for("describe-user", user));
    } else {
      CO_TRY(co_await look_at_place(user, one.at, one.what));
    }
  }
  co_return ok();
}

std::vector<Doctor::HomePlace> Doctor::home_places(const model::Server& server,
                                                   const model::User& user) {
  const identity::Principal principal = identity::principal_of(user, {});
  const session::View view(principal, is_optimized(server));
  std::vector<std::string> paths;
  if (view.is_logical()) {
    for (const auto& mapping : user.home_directory_mappings) {
      const auto entry = session::clean_path("/", mapping.entry);
      if (entry.ok() && paths.size() < kMaxMappings) paths.push_back(*entry);
    }
  } else if (view.home() == "/") {
    fault(Level::kWarning, "users", "no-home", subject_of(user),
          "has no home directory: relative paths lead to no bucket",
          command_for("update-user", user) + " --home-directory /BUCKET/FOLDER");
  } else {
    paths.push_back(view.home());
  }
  std::vector<HomePlace> out;
  for (const std::string& path : paths) {
    auto at = view.resolve(path);
    if (!at.ok() || !at->is_object()) continue;
    out.push_back(
        {view.is_logical() ? "mapping " + path + " leads" : "home leads", std::move(at).value()});
  }
  return out;
}

Task<Result<void>> Doctor::look_at_place(model::User user, session::Location at, std::string what) {
  // What is elsewhere is looked at with the user's own rights only, which are not the caller's.
  if (place_of(at.bucket) != BucketPlace::kHere) {
    ++elsewhere_;
    co_return ok();
  }
  CO_TRY_ASSIGN(const bool there, co_await has_bucket(at.bucket));
  if (!there) {
    fault(Level::kProblem, "users", "bucket-missing", subject_of(user),
          what + " to the bucket " + at.bucket + ", which is not there",
          "aws s3api create-bucket --bucket " + session::shell_word(at.bucket));
    co_return ok();
  }
  if (at.is_given || at.key.empty()) co_return ok();
  CO_TRY_ASSIGN(const auto content, co_await lookout_.content_of(at));
  if (content == session::Content::kMissing)
    fault(Level::kWarning, "users", "target-missing", subject_of(user),
          what + " to " + at.storage_path() + ", where nothing is yet: it cannot be listed",
          "aws s3api put-object --bucket " + session::shell_word(at.bucket) + " --key " +
              session::shell_word(at.prefix()));
  co_return ok();
}

void Doctor::look_at_session_policy(const model::User& user) {
  if (user.policy.empty()) return;
  const std::string expanded = session::expand_session_policy(identity::principal_of(user, {}));
  const auto parsed = iam::PolicyDocument::parse(expanded, iam::PolicyKind::kIdentity);
  if (!parsed.ok()) {
    fault(Level::kProblem, "users", "session-policy", subject_of(user),
          "has a session policy that cannot be read, so every operation is denied: " +
              parsed.error().message,
          command_for("update-user", user) + " --policy ''");
    return;
  }
  constexpr std::string_view kVariable = "${transfer:";
  const auto contains_variable = [&](std::string_view text) {
    for (std::size_t i = 0; i + kVariable.size() <= text.size(); ++i)
      if (iam::equal_ignoring_case(text.substr(i, kVariable.size()), kVariable)) return true;
    return false;
  };
  if (!contains_variable(user.policy)) return;
  auto document = nlohmann::ordered_json::parse(user.policy, nullptr, false);
  constexpr const char* kVersion = "2012-10-17";
  if (document.is_object() && (!document.contains("Version") || document["Version"] != kVersion)) {
    document["Version"] = kVersion;
    fault(Level::kWarning, "users", "session-policy-version", subject_of(user),
          "has a session policy with ${transfer:…} but without \"Version\": \"2012-10-17\", which "
          "variables need",
          command_for("update-user", user) + " --policy " +
              session::shell_word(codec::write_json(document)));
  }
  if (contains_variable(expanded))
    fault(Level::kWarning, "users", "session-policy-variable", subject_of(user),
          "has a session policy with a ${transfer:…} variable that has no value for this user "
          "(those of the home directory have none with LOGICAL mappings)",
          command_for("describe-user", user));
}

}  // namespace sallyport::api
