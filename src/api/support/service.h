// What operators ask of the program itself, beside AWS's services: signed requests, GET unless said
// otherwise (any service name in the signature's scope), that answer JSON.
//   /_sallyport/endpoints       an array of {ServerId, Protocol, Address, Port, State, Reason,
//                               CommunicationMode, ProxyMode}, one for each port of a server; for
//                               who may do transfer:ListServers
//   /_sallyport/explain-access  ?server=…&user=…&path=…[&action=…][&to=…]: what the user may do at
//                               the path, by which statements, and what would change it. `action`
//                               is a verb of SFTP (ls, stat, get, put, mkdir, rmdir, rm, rename) or
//                               an S3 action; without it all verbs. The caller needs
//                               transfer:DescribeUser on the user and
//                               iam:SimulatePrincipalPolicy on the user's role; buckets and objects
//                               are looked at with his own rights.
//   /_sallyport/doctor          what is wrong with the installation: {Findings, More, Problems,
//                               Warnings, Endpoints, Time}, see Findings. The caller needs
//                               sallyport:Doctor on "*", as root and administrators ("*") have.
//   /_sallyport/sessions        [?server=…][&user=…][&session=…]: an array of {ServerId, UserName,
//                               SessionId, SourceIp, Since, OpenFiles, BytesIn, BytesOut}, oldest
//                               first. Needs sallyport:ListSessions on the server's ARN or, when
//                               none is named, on "*". The same with DELETE ends the sessions and
//                               answers {Ended}; it needs at least one of the three, and
//                               sallyport:EndSessions. Both are in the audit log.
// Errors: as of AWS JSON services, with __type and message: 400 ValidationException, 403
// AccessDeniedException, 404 ResourceNotFoundException.
#pragma once

#include <functional>
#include <string_view>

#include "api/caller.h"
#include "api/services.h"
#include "api/support/host_facts.h"
#include "api/support/stores_elsewhere.h"
#include "http/message.h"

namespace sallyport::storage {
class ObjectStore;
}
namespace sallyport::session {
class Registry;
}

namespace sallyport::api {

// All outlive the service.
struct SupportContext {
  state::ResourceStore& resources;
  iam::Authorizer& authorizer;
  storage::ObjectStore& objects;
  const events::EventLog& log;
  const EndpointDirectory& endpoints;
  session::Registry& sessions;
  net::BlockingPool& pool;  // for what blocks
  const Clock& clock;
  model::Place place;
  std::function<HostFacts()> host;  // empty: the machine is not looked at
  StoresElsewhere stores = {};
};

// Thread-safe.
class SupportService {
 public:
  explicit SupportService(SupportContext context) : context_(std::move(context)) {}

  // Whether a path is this service's, known or not.
  static bool owns(std::string_view path) { return path.starts_with("/_sallyport/"); }

  // `request` and `caller` outlive the task.
  Task<http::HttpResponse> handle(const http::HttpRequest& request, const Caller& caller) const;

 private:
  SupportContext context_;
};

}  // namespace sallyport::api
