#include "sftp/logging_role.h"

#include <spdlog/spdlog.h>

#include <utility>

namespace sallyport::sftp {

Task<Result<void>> check_logging_role(iam::Authorizer& authorizer, const model::Server& server) {
  if (server.logging_role.empty()) co_return ok();
  iam::AssumeRoleRequest request;
  request.role_arn = server.logging_role;
  request.session_name = server.id.str();
  request.source_arn = server.arn;
  const auto assumed = co_await authorizer.assume_role(std::move(request));
  if (assumed.ok()) co_return ok();
  spdlog::error("server {}: connection closed, its LoggingRole {} cannot be assumed: {}",
                server.id.str(), server.logging_role, assumed.error().message);
  co_return assumed.error();
}

}  // namespace sallyport::sftp
