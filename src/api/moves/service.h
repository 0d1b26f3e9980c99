// Taking all resources out of an installation and into one, while it serves: signed requests of
// JSON lines. Large bodies are signed for the service name s3, so that who sends them is known
// before they are read; those of other names are bounded as all requests are.
//   GET  /_sallyport/backup               every resource, secrets sealed (backup_text.h). Needs
//                                         sallyport:Backup on "*"
//   POST /_sallyport/restore[?dry-run=true]   a backup; answers {Made, Changed, Removed, Same}.
//                                         Needs sallyport:Restore on "*"
//   GET  /_sallyport/export[?secrets=true]    every resource as Describe operations answer it, and
//                                         those beside Transfer Family as documents (kinds.h).
//                                         Needs sallyport:Export, for secrets
//                                         sallyport:ExportSecrets, on "*"
//   POST /_sallyport/import[?dry-run=true]    an export, or answers of Describe and List
//                                         operations, one a line; answers {Results} (import.h).
//                                         Needs sallyport:Import on "*"
// Errors: as of api/support/service.h. All are in the audit log.
#pragma once

#include <string_view>

#include "api/caller.h"
#include "api/transfer/context.h"
#include "http/message.h"

namespace sallyport::iam {
class Authorizer;
}

namespace sallyport::api {

// Outlives the service.
struct MoveContext {
  TransferContext transfer;
  iam::Authorizer& authorizer;
  std::string key_check;  // ApiOptions::key_check
};

// Thread-safe.
class MoveService {
 public:
  explicit MoveService(MoveContext context) : context_(std::move(context)) {}

  static bool owns(std::string_view path);

  // All references outlive the task.
  Task<http::HttpResponse> handle(const http::HttpRequest& request, http::BodyReader& body,
                                  const Caller& caller) const;

 private:
  MoveContext context_;
};

}  // namespace sallyport::api
