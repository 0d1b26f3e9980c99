#include "api/front_door.h"

#include <atomic>

#include "api/caller.h"
#include "api/logs/service.h"
#include "api/query/service.h"
#include "api/request_id.h"
#include "api/s3/service.h"
#include "api/support/service.h"
#include "api/transfer/service.h"
#include "api/wire_error.h"
#include "events/event_log.h"
#include "events/metrics.h"
#include "http/sigv4.h"
#include "session/registry.h"

namespace sallyport::api {

namespace {

constexpr std::size_t kMinTokenKey = 32;
constexpr std::string_view kHealth = "/_sallyport/health";
constexpr std::string_view kMetrics = "/_sallyport/metrics";

enum class Service : std::uint8_t { kTransfer, kLogs, kIam, kSts, kS3, kUnknown };

Service service_of_scope(std::string_view name) {
  static constexpr std::pair<std::string_view, Service> kServices[] = {
      {"transfer", Service::kTransfer}, {"logs", Service::kLogs}, {"iam", Service::kIam},
      {"sts", Service::kSts},           {"s3", Service::kS3},
  };
  for (const auto& [known, service] : kServices)
    if (known == name) return service;
  return Service::kUnknown;
}

Service service_of_target(std::string_view target) {
  if (target.starts_with(kTransferTarget)) return Service::kTransfer;
  if (target.starts_with(kLogsTarget)) return Service::kLogs;
  return Service::kUnknown;
}

// By the Action of a Query request.
Service service_of_action(std::string_view form_text) {
  const auto form = codec::parse_form(form_text);
  if (!form.ok()) return Service::kUnknown;
  for (const auto& row : query_rows())
    if (row.action == form->get("Action"))
      return row.api == QueryApi::kIam ? Service::kIam : Service::kSts;
  return Service::kUnknown;
}

http::SigDialect dialect_of(Service service) {
  switch (service) {
    case Service::kIam:
    case Service::kSts: return http::SigDialect::kQuery;
    case Service::kS3: return http::SigDialect::kS3;
    case Service::kTransfer:
    case Service::kLogs:
    case Service::kUnknown: break;
  }
  return http::SigDialect::kJson;
}

bool is_form(const http::HttpRequest& request) {
  return http::to_lower(request.headers.get("Content-Type"))
      .starts_with("application/x-www-form-urlencoded");
}

// How to speak to a caller whose signature says nothing: by the look of the request.
http::SigDialect dialect_of(const http::HttpRequest& request) {
  if (request.headers.contains("X-Amz-Target")) return http::SigDialect::kJson;
  return is_form(request) ? http::SigDialect::kQuery : http::SigDialect::kS3;
}

http::HttpResponse error_response(http::SigDialect dialect, const WireError& error,
                                  std::string_view request_id) {
  switch (dialect) {
    case http::SigDialect::kJson: return json_error_response(error, request_id);
    case http::SigDialect::kQuery:
      return query_error_response(error, query_xmlns(QueryApi::kIam), request_id);
    case http::SigDialect::kS3: return s3_error_response(error, "", request_id);
  }
  return json_error_response(error, request_id);
}

http::HttpResponse refusal(http::SigDialect dialect, const http::SigFailure& failure,
                           std::string_view request_id) {
  return error_response(dialect, wire_error(failure, dialect), request_id);
}

}  // namespace

struct FrontDoor::Impl {
  Impl(ApiServices s, ApiOptions o)
      : services(s),
        options(std::move(o)),
        transfer(TransferContext{s.resources, s.sessions, s.secrets, s.crypto_pool, s.clock,
                                 s.random, options.place, options.limits,
                                 PageTokens(options.page_token_key)}),
        logs(LogsContext{s.log, options.place, PageTokens(options.page_token_key)}),
        query(QueryContext{s.resources, s.clock, s.random, options.place,
                           PageTokens(options.page_token_key)}),
        s3(S3Context{s.objects, s.authorizer, options.place, PageTokens(options.page_token_key),
                     options.s3_host_names}),
        support(SupportContext{s.resources, s.authorizer, s.objects, s.log, s.endpoints,
                               s.crypto_pool, s.clock, options.place, options.host_facts}) {}

  Task<http::HttpResponse> handle_signed(http::HttpRequest& request, http::BodyReader& body,
                                         Caller& caller);
  Task<http::HttpResponse> handle_s3(http::HttpRequest& request, http::BodyReader& body,
                                     http::PresentedSignature presented, Caller& caller);
  Task<http::HttpResponse> dispatch(http::HttpRequest& request, Service service, std::string body,
                                    const Caller& caller);
  // Whether the key and token are the root's; the time does not depend on where they differ.
  http::SigResult<bool> check_caller(const http::PresentedSignature& presented) const;

  ApiServices services;
  ApiOptions options;
  TransferService transfer;
  LogsService logs;
  QueryService query;
  S3Service s3;
  SupportService support;
  http::SigningKeyCache signing_keys;
  std::atomic<bool> ready{false};
};

http::SigResult<bool> FrontDoor::Impl::check_caller(
    const http::PresentedSignature& presented) const {
  if (!equal_constant_time(presented.access_key, options.root.access_key)) {
    return http::SigFailure{
        http::SigError::kUnknownAccessKey,
        presented.is_s3() ? "The AWS Access Key Id you provided does not exist in our records."
                          : "The security token included in the request is invalid."};
  }
  if (!presented.session_token.empty()) {
    return http::SigFailure{http::SigError::kInvalidToken,
                            presented.is_s3()
                                ? "The provided token is malformed or otherwise invalid."
                                : "The security token included in the request is invalid."};
  }
  return true;
}

Task<http::HttpResponse> FrontDoor::Impl::handle_s3(http::HttpRequest& request,
                                                    http::BodyReader& body,
                                                    http::PresentedSignature presented,
                                                    Caller& caller) {
  constexpr auto kDialect = http::SigDialect::kS3;
  caller.identity = iam::Identity::root(options.place.account);
  auto verified = http::verify(presented, request, presented.content_sha256, options.root.secret,
                               services.clock.wall(), &signing_keys);
  if (!verified.ok()) co_return refusal(kDialect, verified.error(), caller.request_id);
  if (SupportService::owns(request.path()))
    co_return co_await dispatch(request, Service::kS3, "", caller);
  auto signed_body = http::open_signed_body(request, presented, *verified, body);
  if (!signed_body.ok()) co_return refusal(kDialect, signed_body.error(), caller.request_id);
  co_return co_await s3.handle(request, **signed_body, caller);
}

Task<http::HttpResponse> FrontDoor::Impl::handle_signed(http::HttpRequest& request,
                                                        http::BodyReader& body, Caller& caller) {
  auto presented = http::parse_authorization(request);
  if (!presented.ok()) co_return refusal(dialect_of(request), presented.error(), caller.request_id);
  Service service = service_of_scope(presented->service);
  if (service == Service::kUnknown)
    service = service_of_target(request.headers.get("X-Amz-Target"));
  const auto dialect = service == Service::kUnknown && is_form(request) ? http::SigDialect::kQuery
                                                                        : dialect_of(service);
  if (const auto known = check_caller(*presented); !known.ok())
    co_return refusal(dialect, known.error(), caller.request_id);
  if (service == Service::kS3)
    co_return co_await handle_s3(request, body, std::move(*presented), caller);

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
  caller.identity = iam::Identity::root(options.place.account);
  const auto verified = http::verify(*presented, request, http::sha256_hex(*text),
                                     options.root.secret, services.clock.wall(), &signing_keys);
  if (!verified.ok()) co_return refusal(dialect, verified.error(), caller.request_id);
  if (service == Service::kUnknown)
    service =
        service_of_action(request.method == "GET" ? request.query() : std::string_view(*text));
  co_return co_await dispatch(request, service, std::move(*text), caller);
}

Task<http::HttpResponse> FrontDoor::Impl::dispatch(http::HttpRequest& request, Service service,
                                                   std::string body, const Caller& caller) {
  if (SupportService::owns(request.path())) co_return co_await support.handle(request, caller);
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
  if (options.root.access_key.empty() || options.root.secret.empty())
    return Error(Errc::kInvalidArgument, "the API needs root credentials");
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
    for (const ListeningEndpoint& one : impl_->services.endpoints.endpoints()) {
      const auto open = impl_->services.sessions.count(one.server_id);
      metrics.set(events::metric::kSessions, one.server_id.str(), static_cast<double>(open));
    }
    response.body = metrics.text();
    co_return response;
  }
  Caller caller;
  caller.source_ip = context.peer.address.to_string();
  caller.user_agent = request.headers.get("User-Agent");
  caller.referer = request.headers.get("Referer");
  caller.request_id = new_request_id(impl_->services.random);
  caller.time = impl_->services.clock.wall();
  co_return co_await impl_->handle_signed(request, body, caller);
}

}  // namespace sallyport::api
