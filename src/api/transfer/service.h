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

struct TransferRow {
  std::string_view operation;
  TransferHandler handler;  // null: answers that it is not available in this version
};

// One row an operation of the model, in its order.
std::span<const TransferRow> transfer_rows();

// Thread-safe.
class TransferService {
 public:
  explicit TransferService(TransferContext context) : context_(std::move(context)) {}

  // `target` is X-Amz-Target; `caller` outlives the task.
  Task<http::HttpResponse> handle(std::string target, std::string body, const Caller& caller);

 private:
  TransferContext context_;
};

}  // namespace sallyport::api
