#include "api/support/doctor.h"

#include <fmt/format.h>

#include <algorithm>

#include "events/event_log.h"
#include "iam/policy.h"
#include "net/blocking_pool.h"
#include "session/explain_step.h"
#include "state/repository.h"

namespace sallyport::api {

namespace {

constexpr std::uint32_t kPage = 500;
constexpr std::chrono::milliseconds kClockTolerance{2000};
constexpr std::uint64_t kMega = 1'000'000, kGiga = 1'000'000'000;

std::string size_text(std::uint64_t bytes) {
  return bytes >= kGiga ? fmt::format("{:.1f} GB", static_cast<double>(bytes) / 1e9)
                        : fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

std::string start_command(const model::Server& server) {
  return "aws transfer start-server --server-id " + server.id.str();
}

}  // namespace

Doctor::Doctor(const SupportContext& context, const Caller& caller)
    : context_(context),
      lookout_{context_.objects, context_.authorizer, caller.identity, caller.details()} {}

void Doctor::fault(Level level, std::string area, std::string kind, std::string subject,
                   std::string text, std::string next) {
  findings_.add({std::move(area), std::move(kind), level, std::move(subject), std::move(text),
                 std::move(next)});
}

Task<Result<void>> Doctor::examine() {
  CO_TRY(co_await look_at_host());
  CO_TRY(co_await look_at_servers());
  CO_TRY(co_await look_at_users());
  CO_TRY(co_await look_at_roles());
  CO_TRY(co_await look_at_buckets());
  co_await look_at_stores();
  look_at_log();
  co_return ok();
}

Task<Result<void>> Doctor::look_at_host() {
  findings_.fine("certificates", "none are needed: the API speaks plain HTTP, without TLS");
  if (!context_.host) co_return ok();
  const auto ask = [&host = context_.host] { return host(); };
  const HostFacts facts = co_await context_.pool.run(ask);
  file_systems_ = facts.file_systems;
  look_at_file_systems();
  const std::string dir = session::shell_word(facts.data_dir);

  if (!facts.write_error.empty())
    fault(Level::kProblem, "data", "not-writable", "data folder " + facts.data_dir,
          "cannot be written to: " + facts.write_error, "ls -ld " + dir + "; df -h " + dir);
  if (facts.total_bytes != 0) {
    const bool none = facts.free_bytes < 64 * kMega;
    const bool little = facts.free_bytes < kGiga || facts.free_bytes < facts.total_bytes / 50;
    if (none || little)
      fault(none ? Level::kProblem : Level::kWarning, "data", "space",
            "data folder " + facts.data_dir,
            fmt::format("has {} left of {}: uploads fail when it is full",
                        size_text(facts.free_bytes), size_text(facts.total_bytes)),
            "du -sh " + dir + "/*");
  }
  findings_.fine("data", fmt::format("{} can be written to and has {} free", facts.data_dir,
                                     size_text(facts.free_bytes)));

  for (const HostFacts::File& file : facts.files)
    if (file.exists && !file.private_mode)
      fault(
          Level::kProblem, "files", "mode", file.path,
          fmt::format("can be read or written by others of this machine (mode {:04o})", file.mode),
          "chmod go= " + session::shell_word(file.path));
  findings_.fine("files", "credentials, keys and state are the owner's alone");

  if (facts.file_clock && std::chrono::abs(*facts.file_clock) > kClockTolerance)
    fault(Level::kWarning, "clock", "file-system", "data folder " + facts.data_dir,
          fmt::format("stamps files {:+} s off this machine's clock: times in listings are wrong",
                      std::chrono::duration_cast<std::chrono::seconds>(*facts.file_clock).count()),
          "timedatectl status");
  co_return ok();
}

Task<Result<void>> Doctor::look_at_servers() {
  const std::vector<ListeningEndpoint> endpoints = context_.endpoints.endpoints();
  state::Repository<model::Server> repository(context_.resources);
  for (std::string after;;) {
    CO_TRY_ASSIGN(auto page, co_await repository.list("", after, kPage));
    for (auto& item : page.items) {
      const ListeningEndpoint* endpoint = nullptr;
      for (const ListeningEndpoint& one : endpoints)
        if (one.server_id == item.value.id && (endpoint == nullptr || one.port != 0))
          endpoint = &one;
      look_at_server(item.value, endpoint);
      after = item.value.id.str();
      servers_.push_back(std::move(item.value));
    }
    if (!page.more) break;
  }
  if (servers_.empty())
    findings_.add(
        {"servers", "fine", Level::kOk, "", "there is none yet", "aws transfer create-server"});
  else
    findings_.fine("servers", fmt::format("{} online and listening", servers_.size()));
  co_return ok();
}

void Doctor::look_at_server(const model::Server& server, const ListeningEndpoint* endpoint) {
  const std::string subject = "server " + server.id.str();
  switch (server.state) {
    case model::ServerState::kOnline:
      if (endpoint == nullptr || endpoint->port == 0)
        fault(Level::kProblem, "servers", "not-listening", subject,
              "is ONLINE, but nothing listens for it",
              "aws transfer stop-server --server-id " + server.id.str());
      break;
    case model::ServerState::kOffline:
      fault(Level::kWarning, "servers", "offline", subject, "is OFFLINE: nobody can log in",
            start_command(server));
      break;
    case model::ServerState::kStartFailed:
      fault(Level::kProblem, "servers", "start-failed", subject,
            "is START_FAILED: " + server.state_reason, start_command(server));
      break;
    case model::ServerState::kStopFailed:
      fault(Level::kProblem, "servers", "stop-failed", subject,
            "is STOP_FAILED: " + server.state_reason,
            "aws transfer stop-server --server-id " + server.id.str());
      break;
    case model::ServerState::kStarting:
    case model::ServerState::kStopping:
      fault(Level::kWarning, "servers", "pending", subject,
            "is " + std::string(model::server_state_name(server.state)) + "; look again",
            "aws transfer describe-server --server-id " + server.id.str());
      break;
  }
  if (!server.logging_role.empty()) {
    RoleUse& use = roles_[server.logging_role];
    use.server_arn = server.arn;
    if (use.count++ == 0) use.example = "logging of " + server.id.str();
  }
}

Task<Result<void>> Doctor::look_at_roles() {
  for (const auto& [arn, use] : roles_) {
    CO_TRY(co_await look_at_role(arn, use));
  }
  CO_TRY(co_await look_at_unused_roles());
  findings_.fine("roles", fmt::format("{} in use{}", roles_.size(),
                                      roles_.empty() ? ""
                                                     : ": there, trusting " +
                                                           std::string(session::kTransferService) +
                                                           ", with policies that can be read"));
  co_return ok();
}

Task<Result<void>> Doctor::look_at_role(std::string arn, RoleUse use) {
  CO_TRY_ASSIGN(const auto checked,
                co_await session::check_role(context_.resources, arn, use.server_arn));
  std::string used = ", used by " + use.example;
  if (use.count > 1) used += fmt::format(" and {} more", use.count - 1);
  for (const session::RoleFault& one : checked.faults) {
    using Kind = session::RoleFault::Kind;
    const bool harmless = one.kind == Kind::kUnknownAwsPolicy;
    const std::string next =
        one.kind == Kind::kOtherArn
            ? "aws iam get-role --role-name " + session::shell_word(session::role_name_of(arn))
            : session::step_for(checked, one).command;
    fault(harmless ? Level::kWarning : Level::kProblem, "roles",
          fmt::format("role-{}", static_cast<int>(one.kind)), "role " + arn + used, one.message,
          next);
  }
  if (checked.role && checked.faults.empty() && checked.role->inline_policies.empty() &&
      checked.role->attached_policy_arns.empty())
    fault(Level::kWarning, "roles", "no-policy", "role " + arn + used,
          "has no policy: it allows nothing by itself",
          "aws iam attach-role-policy --role-name " + session::shell_word(checked.role->name) +
              " --policy-arn arn:aws:iam::aws:policy/AmazonS3FullAccess");
  co_return ok();
}

// Roles that nobody uses yet need not trust the service, but their policies should be readable.
Task<Result<void>> Doctor::look_at_unused_roles() {
  state::Repository<model::Role> repository(context_.resources);
  for (std::string after;;) {
    CO_TRY_ASSIGN(auto page, co_await repository.list("", after, kPage));
    for (const auto& item : page.items) {
      after = item.value.name;
      if (roles_.contains(item.value.arn)) continue;
      CO_TRY_ASSIGN(const auto checked,
                    co_await session::check_role(context_.resources, item.value.arn, ""));
      for (const session::RoleFault& one : checked.faults)
        if (one.prevents_reading())
          fault(Level::kWarning, "roles", "unused-unreadable",
                "role " + item.value.arn + ", used by no user", one.message,
                session::step_for(checked, one).command);
    }
    if (!page.more) break;
  }
  co_return ok();
}

Task<Result<void>> Doctor::look_at_buckets() {
  state::Repository<model::BucketSettings> repository(context_.resources);
  for (std::string after;;) {
    CO_TRY_ASSIGN(auto page, co_await repository.list("", after, kPage));
    for (const auto& item : page.items) {
      after = item.value.bucket;
      if (item.value.policy.empty()) continue;
      const auto policy = iam::PolicyDocument::parse(item.value.policy, iam::PolicyKind::kBucket);
      if (!policy.ok())
        fault(
            Level::kProblem, "buckets", "policy", "bucket " + item.value.bucket,
            "has a policy that cannot be read, so only root may use it: " + policy.error().message,
            "aws s3api delete-bucket-policy --bucket " + session::shell_word(item.value.bucket));
    }
    if (!page.more) break;
  }
  if (std::all_of(buckets_.begin(), buckets_.end(), [](const auto& one) { return one.second; }))
    findings_.fine("buckets",
                   buckets_.empty()
                       ? "no user is led to any in the data folder"
                       : fmt::format("{} in the data folder that users are led to: all there",
                                     buckets_.size()));
  co_return ok();
}

void Doctor::look_at_log() {
  if (const auto shed = context_.log.shed(); shed > 0)
    fault(Level::kWarning, "log", "shed", "log",
          fmt::format("{} lines were dropped since the start, as they came faster than they could "
                      "be written",
                      shed),
          "sallyport serve --print-config | grep -A 3 queue_lines");
  findings_.fine(
      "log", fmt::format("{} lines written since the start, none dropped", context_.log.written()));
}

BucketPlace Doctor::place_of(const std::string& bucket) const {
  return context_.stores.place_of ? context_.stores.place_of(bucket) : BucketPlace::kHere;
}

Task<void> Doctor::look_at_stores() {
  if (!context_.stores.examine) co_return;
  std::vector<Finding> all = co_await context_.stores.examine();
  for (Finding& one : all) findings_.add(std::move(one));
}

Task<Result<bool>> Doctor::has_bucket(std::string bucket) {
  const auto known = buckets_.find(bucket);
  if (known != buckets_.end()) co_return known->second;
  CO_TRY_ASSIGN(const auto there, co_await lookout_.has_bucket(bucket));
  if (!there)
    fault(Level::kWarning, "buckets", "not-seen", "bucket " + bucket,
          "is not looked at, as you may not list it");
  buckets_[bucket] = there.value_or(true);
  co_return there.value_or(true);
}

}  // namespace sallyport::api
