#include "api/front_door_route.h"

#include <fmt/format.h>

#include "api/logs/service.h"
#include "api/query/service.h"
#include "api/transfer/service.h"
#include "codec/form.h"

namespace sallyport::api {

namespace {

struct ServiceName {
  std::string_view scope;
  std::string_view event_source;
  Service service;
};
constexpr ServiceName kServices[] = {
    {"transfer", "transfer.amazonaws.com", Service::kTransfer},
    {"logs", "logs.amazonaws.com", Service::kLogs},
    {"iam", "iam.amazonaws.com", Service::kIam},
    {"sts", "sts.amazonaws.com", Service::kSts},
    {"s3", "s3.amazonaws.com", Service::kS3},
};

const QueryRow* query_row(std::string_view form_text) {
  const auto form = codec::parse_form(form_text);
  if (!form.ok()) return nullptr;
  for (const auto& row : query_rows())
    if (row.action == form->get("Action")) return &row;
  return nullptr;
}

std::string_view s3_level(std::string_view path) {
  const std::string_view inside = path.substr(path.empty() ? 0 : 1);
  const std::size_t slash = inside.find('/');
  if (inside.empty()) return "SERVICE";
  return slash == std::string_view::npos || slash + 1 == inside.size() ? "BUCKET" : "OBJECT";
}

}  // namespace

Service service_of_scope(std::string_view name) {
  for (const auto& known : kServices)
    if (known.scope == name) return known.service;
  return Service::kUnknown;
}

Service service_of_target(std::string_view target) {
  if (target.starts_with(kTransferTarget)) return Service::kTransfer;
  if (target.starts_with(kLogsTarget)) return Service::kLogs;
  return Service::kUnknown;
}

Service service_of_action(std::string_view form_text) {
  const QueryRow* row = query_row(form_text);
  if (row == nullptr) return Service::kUnknown;
  return row->api == QueryApi::kIam ? Service::kIam : Service::kSts;
}

std::string_view event_source_of(Service service) {
  for (const auto& known : kServices)
    if (known.service == service) return known.event_source;
  return {};
}

std::string event_name_of(Service service, const http::HttpRequest& request,
                          std::string_view form_text) {
  std::string_view target = request.headers.get("X-Amz-Target");
  switch (service) {
    case Service::kTransfer:
      target.remove_prefix(std::min(kTransferTarget.size(), target.size()));
      return transfer_model().operation(target) != nullptr ? std::string(target) : std::string();
    case Service::kLogs:
      target.remove_prefix(std::min(kLogsTarget.size(), target.size()));
      return is_logs_operation(target) ? std::string(target) : std::string();
    case Service::kIam:
    case Service::kSts: {
      const QueryRow* row = query_row(form_text);
      return row != nullptr ? std::string(row->action) : std::string();
    }
    case Service::kS3:
      return fmt::format("REST.{}.{}", std::string_view(request.method).substr(0, 16),
                         s3_level(request.path()));
    case Service::kUnknown: break;
  }
  return {};
}

// Clients put this type on anything they send; only a POST to "/" is a call.
bool is_form(const http::HttpRequest& request) {
  return request.method == "POST" && request.path() == "/" &&
         http::to_lower(request.headers.get("Content-Type"))
             .starts_with("application/x-www-form-urlencoded");
}

bool looks_like_s3(const http::HttpRequest& request) {
  return dialect_of(request) == http::SigDialect::kS3;
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

http::SigDialect dialect_of(const http::HttpRequest& request) {
  if (request.headers.contains("X-Amz-Target")) return http::SigDialect::kJson;
  const bool action = request.path() == "/" && request.query().starts_with("Action=");
  return is_form(request) || action ? http::SigDialect::kQuery : http::SigDialect::kS3;
}

WireError wire_error(const Fault& fault, http::SigDialect dialect) {
  switch (dialect) {
    case http::SigDialect::kQuery: return query_error(fault);
    case http::SigDialect::kS3: return s3_error(fault);
    case http::SigDialect::kJson: break;
  }
  return transfer_error(fault, nullptr);
}

http::HttpResponse error_response(http::SigDialect dialect, const WireError& error,
                                  std::string_view request_id) {
  switch (dialect) {
    case http::SigDialect::kQuery:
      return query_error_response(error, query_xmlns(QueryApi::kIam), request_id);
    case http::SigDialect::kS3: return s3_error_response(error, "", request_id);
    case http::SigDialect::kJson: break;
  }
  return json_error_response(error, request_id);
}

}  // namespace sallyport::api
