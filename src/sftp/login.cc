#include "sftp/login.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "events/metrics.h"
#include "session/admission.h"
#include "sftp/connection.h"
#include "sftp/logging_role.h"
#include "ssh/certificate.h"

namespace sallyport::sftp {
namespace {

// Certificates of strangers are refused silently; of one that a trusted authority has made the
// operator wants to know what is wrong with it.
bool is_good(const ssh::Certificate& certificate, const ConnectionContext& context,
             const net::IpAddress& source, std::string_view user) {
  const auto& trusted = context.login.trusted_user_ca;
  if (!trusted || !certificate.is_signed_by_one_of(*trusted)) return false;
  const auto checked = certificate.check(user, source, context.services.clock.wall());
  if (!checked.ok()) {
    spdlog::info("server {}: the certificate with serial number {} is refused: {}",
                 context.server->id.str(), certificate.serial(), checked.error().message);
  }
  return checked.ok();
}

}  // namespace

Login::Login(const ConnectionContext& context)
    : context_(context), source_(context.remote.address) {}

bool Login::refuses_source() const {
  if (!context_.login.sources || !context_.login.sources->refuses(source_)) return false;
  context_.services.metrics.add(events::metric::kConnectionsRefused, "failed_logins");
  return true;
}

bool Login::trusts_source() const {
  return context_.login.sources && context_.login.sources->trusts(source_);
}

Task<bool> Login::logging_role_is_usable() {
  if (logging_role_checked_) co_return true;
  const auto usable = co_await check_logging_role(context_.services.authorizer, *context_.server);
  if (!usable.ok()) {
    context_.services.metrics.add(events::metric::kConnectionsRefused, "logging_role");
    co_return false;
  }
  logging_role_checked_ = true;
  co_return true;
}

// The user's record is read for every attempt, whatever the certificate is worth.
Task<Result<identity::KeyDecision>> Login::decide(const ssh::CheckPublicKey& attempt) {
  if (!attempt.certificate) {
    co_return co_await context_.identity.check_public_key(context_.server->id, attempt.user,
                                                          to_bytes(attempt.key.blob()));
  }
  const bool good = is_good(*attempt.certificate, context_, source_, attempt.user);
  auto decision = co_await context_.identity.check_user(context_.server->id, attempt.user);
  if (decision.ok() && decision->principal && !good) {
    co_return identity::KeyDecision{std::nullopt, identity::Refusal::kWrongKey};
  }
  co_return decision;
}

Task<Login::Answer> Login::check(ssh::CheckPublicKey attempt) {
  const bool usable = co_await logging_role_is_usable();
  if (!usable) co_return Answer::kNone;
  auto decision = co_await decide(attempt);
  if (decision.ok() && decision->principal) {
    const auto may = session::can_be_served(context_.services, *context_.server, *decision->principal);
    if (!may.ok()) {
      spdlog::warn("server {}: user {} cannot be served: {}", context_.server->id.str(), attempt.user,
                   may.error().message);
      decision = identity::KeyDecision{std::nullopt, identity::Refusal::kBadUserRecord};
    }
  }
  if (decision.ok() && decision->principal) {
    if (attempt.proven) principal_ = std::move(decision->principal);
    co_return Answer::kAccepted;
  }
  const auto why = decision.ok() ? decision->refusal : identity::Refusal::kBadUserRecord;
  refused_.key_refused(attempt.user, attempt.key, why);
  // Nobody knows whether he would have been let in: the source has done nothing wrong.
  if (decision.ok()) co_await count_failure();
  co_return Answer::kRefused;
}

Task<void> Login::refuse(ssh::AuthRefused attempt) {
  if (attempt.reason == ssh::AuthFailure::kBadSignature && attempt.key) {
    refused_.key_refused(attempt.user, *attempt.key, identity::Refusal::kWrongKey);
  }
  co_await count_failure();
}

// Once a connection, when its first attempt fails: many connections at a time do not slip through.
Task<void> Login::count_failure() {
  SourceGuard* const sources = context_.login.sources.get();
  const bool first = !std::exchange(failed_, true);
  if (sources == nullptr) co_return;
  if (first) sources->failed(source_);
  const auto delay = sources->delay(source_);
  if (delay > delay.zero()) co_await slowly_.wait(delay);
}

std::optional<identity::Principal> Login::take_principal() {
  if (!principal_) return std::nullopt;
  refused_.forget(principal_->user_name);
  if (refused_.empty() && std::exchange(failed_, false) && context_.login.sources) {
    context_.login.sources->forgive(source_);
  }
  return std::exchange(principal_, std::nullopt);
}

Task<bool> Login::still_may(identity::Principal principal, ssh::PublicKey key) {
  const bool by_certificate = principal.key_id.str().empty();
  auto decision = by_certificate
                      ? context_.identity.check_user(principal.server_id, principal.user_name)
                      : context_.identity.check_public_key(principal.server_id, principal.user_name,
                                                           to_bytes(key.blob()));
  const auto decided = co_await std::move(decision);
  co_return !decided.ok() || decided->principal.has_value();
}

void Login::finish(const events::ServerLog& log, const ConnectionSource& source) const {
  if (failed_) {
    context_.services.metrics.add(events::metric::kAuthFailures, context_.server->id.str());
  }
  refused_.write(log, source);
}

}  // namespace sallyport::sftp
