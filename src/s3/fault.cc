#include "s3/fault.h"

#include <algorithm>
#include <pugixml.hpp>
#include <utility>

#include "codec/utf8.h"
#include "codec/xml.h"

namespace sallyport::s3 {
namespace {

// More than any store says; codes become a log's words.
constexpr std::size_t kMaxWord = 128;
constexpr std::size_t kMaxMessage = 1024;

// Words of a stranger's: they begin no line of a log, and tell no terminal anything.
std::string bounded(std::string_view text, std::size_t most) {
  text = text.substr(0, most);
  std::string out(text.substr(0, codec::valid_utf8_prefix(text)));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto c = static_cast<unsigned char>(out[i]);
    // U+0080 to U+009F are two bytes.
    const bool high = c == 0xc2 && static_cast<unsigned char>(out[i + 1]) < 0xa0;
    if (c < 0x20 || c == 0x7f || high) out[i] = ' ';
    if (high) out[i + 1] = ' ';
  }
  return out;
}

// For answers without a body, as to HEAD.
std::string code_of_status(int status) {
  switch (status) {
    case 301:
    case 307: return "PermanentRedirect";
    case 400: return "BadRequest";
    case 401:
    case 403: return "AccessDenied";
    case 404: return "NoSuchKey";
    case 409: return "OperationAborted";
    case 412: return "PreconditionFailed";
    case 416: return "InvalidRange";
    case 429:
    case 503: return "SlowDown";
    case 501: return "NotImplemented";
    default: return status >= 500 ? "InternalError" : "UnexpectedStatus";
  }
}

struct CodeRow {
  std::string_view code;
  Errc errc;
};
// What the status alone would tell wrongly.
constexpr CodeRow kCodes[] = {
    {"BucketAlreadyExists", Errc::kAlreadyExists},
    {"BucketAlreadyOwnedByYou", Errc::kAlreadyExists},
    {"EntityTooLarge", Errc::kLimitExceeded},
    {"ExpiredToken", Errc::kPermissionDenied},
    {"InvalidToken", Errc::kPermissionDenied},
    {"BadDigest", Errc::kIo},
    {"XAmzContentSHA256Mismatch", Errc::kIo},
    {"IncompleteBody", Errc::kIo},
    {"RequestTimeout", Errc::kTimeout},
    {"AuthorizationHeaderMalformed", Errc::kUnavailable},  // another region's bucket
    {"IllegalLocationConstraintException", Errc::kUnavailable},
    {"QuotaExceeded", Errc::kUnavailable},
    {"RequestTimeTooSkewed", Errc::kUnavailable},
    {"InvalidObjectState", Errc::kPermissionDenied},  // archived; GetObject cannot have it
};

Errc errc_of(int status, std::string_view code) {
  const auto row = std::find_if(std::begin(kCodes), std::end(kCodes),
                                [code](const CodeRow& one) { return one.code == code; });
  if (row != std::end(kCodes)) return row->errc;
  // "KMS.DisabledException" and the like: the key's owner refuses.
  if (code.starts_with("KMS.")) return Errc::kPermissionDenied;
  switch (status) {
    case 301:
    case 307: return Errc::kUnavailable;
    case 401:
    case 403: return Errc::kPermissionDenied;
    case 404: return Errc::kNotFound;
    case 405:
    case 501: return Errc::kUnsupported;
    case 409:
    case 412: return Errc::kConflict;
    case 408: return Errc::kTimeout;
    case 429: return Errc::kUnavailable;
    default: break;
  }
  if (status >= 500) return Errc::kUnavailable;
  return status >= 400 ? Errc::kInvalidArgument : Errc::kCorrupt;
}

}  // namespace

Fault parse_fault(int status, const http::Headers& headers, std::string_view body) {
  Fault fault;
  fault.status = status;
  fault.ids.request_id = bounded(headers.get("x-amz-request-id"), kMaxWord);
  if (fault.ids.request_id.empty())
    fault.ids.request_id = bounded(headers.get("x-amzn-requestid"), kMaxWord);
  fault.ids.extended_request_id = bounded(headers.get("x-amz-id-2"), kMaxWord);
  fault.region = bounded(headers.get("x-amz-bucket-region"), kMaxWord);
  if (const auto document = codec::parse_xml(body); document.ok()) {
    pugi::xml_node error = (*document)->document_element();
    const auto request_id = [&error] { return error.child_value("RequestId"); };
    if (fault.ids.request_id.empty()) fault.ids.request_id = bounded(request_id(), kMaxWord);
    if (error.child("Error")) error = error.child("Error");
    fault.code = bounded(error.child_value("Code"), kMaxWord);
    if (fault.ids.extended_request_id.empty())
      fault.ids.extended_request_id = bounded(error.child_value("HostId"), kMaxWord);
    fault.message = bounded(error.child_value("Message"), kMaxMessage);
    if (fault.region.empty()) fault.region = bounded(error.child_value("Region"), kMaxWord);
    if (fault.ids.request_id.empty()) fault.ids.request_id = bounded(request_id(), kMaxWord);
  }
  if (fault.code.empty()) fault.code = code_of_status(status);
  return fault;
}

Error error_of(const Fault& fault, std::string_view what) {
  std::string text(what);
  text += ": the store answered " + fault.code + " (" + std::to_string(fault.status) + ")";
  if (!fault.message.empty()) text += ", " + fault.message;
  if (!fault.region.empty() && errc_of(fault.status, fault.code) == Errc::kUnavailable)
    text += "; the bucket is in the region " + fault.region;
  Error error(errc_of(fault.status, fault.code), std::move(text), fault.code);
  error.remote = std::make_shared<const RemoteIds>(fault.ids);
  return error;
}

const std::shared_ptr<const RemoteIds>& unanswered_ids() {
  static const auto kIds = std::make_shared<const RemoteIds>();
  return kIds;
}

// An answer may bring no ids, so that these do not tell.
bool was_answered(const Error& error) {
  return error.remote != nullptr && error.remote != unanswered_ids();
}

}  // namespace sallyport::s3
