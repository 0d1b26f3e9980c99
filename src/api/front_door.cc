#include "api/front_door.h"

#include <atomic>

#include "api/audit.h"
#include "api/call_rate.h"
#include "api/caller.h"
#include "api/front_door_route.h"
#include "api/logs/service.h"
#include "api/moves/service.h"
#include "api/query/service.h"
#include "api/request_id.h"
#include "api/s3/service.h"
#include "api/support/service.h"
#include "api/transfer/service.h"
#include "api/wire_error.h"
#include "events/event_log.h"
#include "events/metrics.h"
#include "http/sigv4.h"
#include "iam/credentials.h"
#include "session/registry.h"

namespace sallyport::api {

namespace {

constexpr std::size_t kMinTokenKey = 32;
constexpr std::string_view kHealth = "/_sallyport/health";
constexpr std::string_view kMetrics = "/_sallyport/metrics";

// What a key or token that does not hold is called, before any signature is looked at.
http::SigFailure credential_failure(const Error& error, bool s3) {
  switch (error.code) {
    case Errc::kTimeout:
      return {http::SigError::kExpiredToken,
              s3 ? "The provided token has expired."
                 : "The security token included in the request is expired"};
    case Errc::kInvalidArgument:
      return {http::SigError::kInvalidToken,
              s3 ? "The provided token is malformed or otherwise invalid."
                 : "The security token included in the request is invalid."};
    default:
      return {http::SigError::kUnknownAccessKey,
              s3 ? "The AWS Access Key Id you provided does not exist in our records."
                 : "The security token included in the request is invalid."};
  }
}

TransferContext transfer_context(const ApiServices& s, const ApiOptions& options) {
  return {s.resources,
          s.sessions,
          s.host_keys,
          s.secrets,
          s.clock,
          s.random,
          options.place,
          options.limits,
          options.allow_vpc_endpoint_type,
          PageTokens(options.page_token_key)};
}

std::function<bool(std::string_view)> elsewhere_of(const StoresElsewhere& stores) {
  if (!stores.place_of) return {};
  return [place_of = stores.place_of](std::string_view bucket) {
    return place_of(bucket) != BucketPlace::kHere;
  };
}

}  // namespace

struct FrontDoor::Impl {
  Impl(ApiServices s, ApiOptions o)
      : services(s),
        options(std::move(o)),
        rate(options.calls_per_second, options.calls_at_once, s.clock),
        audit(s.log, s.random, options.place, options.audit_data_events),
        transfer(transfer_context(s, options), s.authorizer),
        logs(LogsContext{s.log, options.place, PageTokens(options.page_token_key)}, s.authorizer),
        query(QueryContext{s.resources, s.authorizer, s.credentials, s.clock, s.random,
                           options.place, PageTokens(options.page_token_key)}),
        s3(S3Context{s.objects, s.authorizer, s.resources, options.place,
                     PageTokens(options.page_token_key), options.s3_host_names,
                     elsewhere_of(options.stores)}),
        support(SupportContext{s.resources, s.authorizer, s.objects, s.log, s.endpoints, s.sessions,
                               options.host_pool != nullptr ? *options.host_pool : s.crypto_pool,
                               s.clock, options.place, options.host_facts, options.stores}),
        moves(MoveContext{transfer_context(s, options), s.authorizer, options.key_check}) {}

  // One request that is not for anyone; `caller` outlives the task and has its note.
  Task<http::HttpResponse> answer(http::HttpRequest& request, http::BodyReader& body,
                                  Caller& caller);
  Task<http::HttpResponse> handle_unsigned(http::HttpRequest& request, http::BodyReader& body,
                                           const Caller& caller);
  Task<http::HttpResponse> handle_s3(http::HttpRequest& request, http::BodyReader& body,
                                     http::PresentedSignature presented,
                                     iam::KnownCredential credential, Caller& caller);
  Task<http::HttpResponse> dispatch(http::HttpRequest& request, Service service, std::string body,
                                    const Caller& caller);

  ApiServices services;
  ApiOptions options;
  CallRate rate;
  AuditLog audit;
  TransferService transfer;
  LogsService logs;
  QueryService query;
  S3Service s3;
  SupportService support;
  MoveService moves;
  http::SigningKeyCache signing_keys;
  std::atomic<bool> ready{false};
};

namespace {

http::HttpResponse refusal(http::SigDialect dialect, const http::SigFailure& failure,
                           const Caller& caller) {
  return error_response(dialect, wire_error(failure, dialect), caller.request_id);
}

// Of a request that names a known key, before an operation could note anything.
http::HttpResponse noted_refusal(Service service, http::SigDialect dialect, const WireError& error,
                                 const http::HttpRequest& request, std::string_view form,
                                 const Caller& caller) {
  AuditNote& note = *caller.audit;
  note.event_source = event_source_of(service);
  note.event_name = event_name_of(service, request, form);
  note.error_code = error.code;
  note.error_message = error.message;
  return error_response(dialect, error, caller.request_id);
}

// The same if it does not prove to come from the key's owner.
http::HttpResponse noted_refusal(Service service, http::SigDialect dialect,
                                 const http::SigFailure& failure, const http::HttpRequest& request,
                                 std::string_view form, const Caller& caller) {
  return noted_refusal(service, dialect, wire_error(failure, dialect), request, form, caller);
}

WireError too_many_calls(Service service) {
  if (service == Service::kIam || service == Service::kSts)
    return {"Throttling", 400, "Rate exceeded", {}};
  WireError out{"ThrottlingException", 400, "Rate exceeded", {}};
  if (service == Service::kTransfer) out.members = {{"RetryAfterSeconds", "1"}};
  return out;
}

}  // namespace

Task<http::HttpResponse> FrontDoor::Impl::handle_unsigned(http::HttpRequest& request,
                                                          http::BodyReader& body,
                                                          const Caller& caller) {
  const auto dialect = dialect_of(request);
  if (dialect != http::SigDialect::kS3 || SupportService::owns(request.path())) {
    const http::SigFailure unsigned_request{http::SigError::kMissingAuthenticationToken,
                                            "Missing Authentication Token"};
    co_return refusal(dialect, unsigned_request, caller);
  }
  auto plain = http::open_unsigned_body(request, body);
  if (!plain.ok()) co_return refusal(dialect, plain.error(), caller);
  co_return co_await s3.handle(request, **plain, caller);
}

Task<http::HttpResponse> FrontDoor::Impl::handle_s3(http::HttpRequest& request,
                                                    http::BodyReader& body,
                                                    http::PresentedSignature presented,
                                                    iam::KnownCredential credential,
                                                    Caller& caller) {
  constexpr auto kDialect = http::SigDialect::kS3;
  auto verified = http::verify(presented, request, presented.content_sha256, credential.secret,
                               services.clock.wall(), &signing_keys);
  if (!verified.ok())
    co_return noted_refusal(Service::kS3, kDialect, verified.error(), request, "", caller);
  caller.identity = std::move(credential.identity);
  caller.auth_type = presented.presigned ? "REST-QUERY-STRING" : "REST-HEADER";
  caller.signed_at = presented.signed_at;
  const bool move = MoveService::owns(request.path());
  if (SupportService::owns(request.path()) && !move)
    co_return co_await support.handle(request, caller);
  auto signed_body = http::open_signed_body(request, presented, *verified, body);
  if (!signed_body.ok()) {
    co_return noted_refusal(Service::kS3, kDialect, signed_body.error(), request, "", caller);
  }
  if (move) co_return co_await moves.handle(request, **signed_body, caller);
  co_return co_await s3.handle(request, **signed_body, caller);
}

Task<http::HttpResponse> FrontDoor::Impl::answer(http::HttpRequest& request, http::BodyReader& body,
                                                 Caller& caller) {
  if (!http::has_signature(request)) co_return co_await handle_unsigned(request, body, caller);
  auto presented = http::parse_authorization(request);
  if (!presented.ok()) co_return refusal(dialect_of(request), presented.error(), caller);
  Service service = service_of_scope(presented->service);
  if (service == Service::kUnknown)
    service = service_of_target(request.headers.get("X-Amz-Target"));
  const auto dialect = service == Service::kUnknown && is_form(request) ? http::SigDialect::kQuery
                                                                        : dialect_of(service);
  auto credential =
      co_await services.credentials.find(presented->access_key, presented->session_token);
  if (!credential.ok()) {
    const Error& error = credential.error();
    if (error.code == Errc::kUnavailable)
      co_return error_response(dialect, wire_error(Fault(error), dialect), caller.request_id);
    co_return refusal(dialect, credential_failure(error, presented->is_s3()), caller);
  }
  caller.access_key = presented->access_key;
  if (service == Service::kS3) {
    co_return co_await handle_s3(request, body, std::move(*presented), std::move(*credential),
                                 caller);
  }

  const WireError too_large{"RequestEntityTooLargeException",
                            413,
                            "The request body is larger than this service accepts.",
                            {}};
  if (body.length().value_or(0) > options.max_request_body)
    co_return error_response(dialect, too_large, caller.request_id);
  auto text = co_await http::read_all(body, options.max_request_body);
  if (!text.ok()) {
    if (text.error().code == Errc::kLimitExceeded)
      co_return error_response(dialect, too_large, caller.request_id);
    co_return error_response(dialect,
                             {"IncompleteBody", 400, "The request body could not be read.", {}},
                             caller.request_id);
  }
  const std::string_view form = request.method == "GET" ? request.query() : std::string_view(*text);
  if (service == Service::kUnknown) service = service_of_action(form);
  const auto verified = http::verify(*presented, request, http::sha256_hex(*text),
                                     credential->secret, services.clock.wall(), &signing_keys);
  if (!verified.ok())
    co_return noted_refusal(service, dialect, verified.error(), request, form, caller);
  caller.identity = std::move(credential->identity);
  if (MoveService::owns(request.path())) {
    http::MemoryBodyReader whole(std::move(*text));
    co_return co_await moves.handle(request, whole, caller);
  }
  if (SupportService::owns(request.path())) co_return co_await support.handle(request, caller);
  if (!rate.take(caller.access_key))
    co_return noted_refusal(service, dialect, too_many_calls(service), request, form, caller);
  co_return co_await dispatch(request, service, std::move(*text), caller);
}

Task<http::HttpResponse> FrontDoor::Impl::dispatch(http::HttpRequest& request, Service service,
                                                   std::string body, const Caller& caller) {
  std::string target(request.headers.get("X-Amz-Target"));
  std::string form = request.method == "GET" ? std::string(request.query()) : std::string();
  switch (service) {
    case Service::kTransfer:
      co_return co_await transfer.handle(std::move(target), std::move(body), caller);
    case Service::kLogs: co_return co_await logs.handle(std::move(target), std::move(body), caller);
    case Service::kIam:
    case Service::kSts:
      co_return co_await query.handle(service == Service::kIam ? QueryApi::kIam : QueryApi::kSts,
                                      request.method == "GET" ? std::move(form) : std::move(body),
                                      caller);
    case Service::kS3:
    case Service::kUnknown: break;
  }
  const WireError unknown{"UnknownOperationException",
                          400,
                          "This service is not available in this version of Sallyport.",
                          {}};
  const auto dialect = is_form(request) ? http::SigDialect::kQuery : dialect_of(service);
  co_return error_response(dialect, unknown, caller.request_id);
}

FrontDoor::FrontDoor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FrontDoor::~FrontDoor() = default;

Result<std::unique_ptr<FrontDoor>> FrontDoor::create(ApiServices services, ApiOptions options) {
  if (options.page_token_key.reveal().size() < kMinTokenKey)
    return Error(Errc::kInvalidArgument, "the page token key must have at least 32 bytes");
  transfer_model();
  return std::unique_ptr<FrontDoor>(
      new FrontDoor(std::make_unique<Impl>(services, std::move(options))));
}

void FrontDoor::set_ready(bool ready) {
  impl_->ready = ready;
}

Task<http::HttpResponse> FrontDoor::handle(http::HttpRequest& request, http::BodyReader& body,
                                           const http::RequestContext& context) {
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (reads && request.path() == kHealth) {
    co_return impl_->ready ? http::plain_response(200, "ok")
                           : http::plain_response(503, "starting");
  }
  if (reads && request.path() == kMetrics) {
    http::HttpResponse response;
    response.headers.add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    events::Metrics& metrics = impl_->services.metrics;
    const events::EventLog& log = impl_->services.log;
    metrics.set(events::metric::kLogLinesWritten, "", static_cast<double>(log.written()));
    metrics.set(events::metric::kLogLinesShed, "", static_cast<double>(log.shed()));
    metrics.set(events::metric::kRefusedSources, "failed_logins",
                static_cast<double>(impl_->services.endpoints.refused_sources()));
    for (const ListeningEndpoint& one : impl_->services.endpoints.endpoints()) {
      const auto open = impl_->services.sessions.count(one.server_id);
      metrics.set(events::metric::kSessions, one.server_id.str(), static_cast<double>(open));
    }
    response.body = metrics.text();
    co_return response;
  }
  Caller caller;
  AuditNote note;
  caller.audit = &note;
  caller.source_ip = context.peer.address.to_string();
  caller.user_agent = request.headers.get("User-Agent");
  caller.referer = request.headers.get("Referer");
  caller.request_id = new_request_id(impl_->services.random);
  caller.time = impl_->services.clock.wall();
  if (!context.peer.address.is_loopback()) caller.secure_transport = false;
  auto response = co_await impl_->answer(request, body, caller);
  impl_->audit.write(caller, note);
  co_return response;
}

}  // namespace sallyport::api
