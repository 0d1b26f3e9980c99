// Looks over the whole installation: servers, roles, users, buckets, the machine. Every fault comes
// with the next step as a command of the AWS CLI (without an endpoint) or of the shell.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "api/caller.h"
#include "api/services.h"
#include "api/support/findings.h"
#include "api/support/service.h"
#include "model/server.h"
#include "model/user.h"
#include "session/explain_role.h"
#include "session/explain_site.h"

namespace sallyport::api {

// One examination, with the rights of `caller`; `context` outlives it. Reads all servers and users,
// a page at a time.
class Doctor {
 public:
  Doctor(const SupportContext& context, const Caller& caller);

  // Errors: kUnavailable and those of the store.
  Task<Result<void>> examine();
  const Findings& findings() const { return findings_; }

 private:
  struct RoleUse {
    std::string server_arn;
    std::size_t count = 0;
    std::string example;  // "user ann of s-…"
  };

  Task<Result<void>> look_at_host();
  void look_at_file_systems();
  Task<Result<void>> look_at_servers();
  void look_at_server(const model::Server& server, const ListeningEndpoint* endpoint);
  Task<Result<void>> look_at_users();
  Task<Result<void>> look_at_user(model::Server server, model::User user);
  // A path of the user's home and where it leads.
  struct HomePlace {
    std::string what;
    session::Location at;
  };
  std::vector<HomePlace> home_places(const model::Server& server, const model::User& user);
  BucketPlace place_of(const std::string& bucket) const;
  Task<Result<void>> look_at_place(model::User user, session::Location at, std::string what);
  // `file_system`: to which he is led; empty: not known.
  void look_at_file_user(const model::User& user, const std::string& file_system,
                         const std::string& subject, const std::string& next);
  void look_at_session_policy(const model::User& user);
  Task<Result<void>> look_at_roles();
  Task<void> look_at_stores();
  Task<Result<void>> look_at_role(std::string arn, RoleUse use);
  Task<Result<void>> look_at_unused_roles();
  Task<Result<void>> look_at_buckets();
  void look_at_log();

  void fault(Level level, std::string area, std::string kind, std::string subject, std::string text,
             std::string next = {});
  Task<Result<bool>> has_bucket(std::string bucket);

  const SupportContext& context_;
  session::Lookout lookout_;
  Findings findings_;
  std::vector<model::Server> servers_;
  HostFacts::FileSystems file_systems_;
  std::map<std::string, RoleUse> roles_;  // of users and of logging, by ARN
  std::map<std::string, bool> buckets_;   // whether they are there
  std::set<std::string> used_;            // ARNs that are looked at as used
  std::size_t users_ = 0;
  std::size_t elsewhere_ = 0;  // places that users are led to and that are in stores elsewhere
};

}  // namespace sallyport::api
