// AWS Transfer Family over AWS JSON 1.1: every operation of the model is a row.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "api/caller.h"
#include "api/transfer/operations.h"
#include "http/message.h"

namespace sallyport::api {

inline constexpr std::string_view kTransferTarget = "TransferService.";

// What the caller must be allowed to act on (Service Authorization Reference, "Actions, resources,
// and condition keys for AWS Transfer Family"). Members of the request name it.
enum class TransferTarget : std::uint8_t {
  kAll,          // "*"
  kServer,       // ServerId
  kUser,         // ServerId, UserName
  kHostKey,      // ServerId, HostKeyId
  kAgreement,    // ServerId, AgreementId
  kCertificate,  // CertificateId
  kConnector,    // ConnectorId
  kProfile,      // ProfileId
  kWebApp,       // WebAppId
  kWorkflow,     // WorkflowId
  kArn,          // Arn
};

struct TransferRow {
  std::string_view operation;
  TransferTarget target;
  TransferHandler handler;
};

// One row an operation of the model, in its order.
std::span<const TransferRow> transfer_rows();

// Thread-safe.
class TransferService {
 public:
  TransferService(TransferContext context, iam::Authorizer& authorizer)
      : context_(std::move(context)), authorizer_(authorizer) {}

  // `target` is X-Amz-Target; `caller` outlives the task. The caller's right is asked before the
  // request is checked against the model, as far as the request says what it is about. Fills
  // `caller.audit`, if there is one.
  Task<http::HttpResponse> handle(std::string target, std::string body, const Caller& caller);

 private:
  TransferContext context_;
  iam::Authorizer& authorizer_;
};

}  // namespace sallyport::api
