#include "api/s3/errors.h"

#include <fmt/format.h>

#include "api/wire_error.h"

namespace sallyport::api {

namespace {

struct Row {
  std::string_view code;
  int status;
  std::string_view message = {};  // S3's words whatever the fault says; empty: the fault's
};

Row by_errc(Errc code) {
  switch (code) {
    case Errc::kInvalidArgument: return {"InvalidArgument", 400};
    case Errc::kNotFound: return {"NoSuchKey", 404};
    case Errc::kAlreadyExists: return {"PreconditionFailed", 412};
    case Errc::kPermissionDenied: return {"AccessDenied", 403};
    case Errc::kConflict: return {"OperationAborted", 409};
    case Errc::kUnsupported: return {"NotImplemented", 501};
    case Errc::kLimitExceeded: return {"EntityTooLarge", 400};
    case Errc::kUnavailable: return {"ServiceUnavailable", 503};
    case Errc::kTimeout: return {"RequestTimeout", 400};
    case Errc::kClosed: return {"IncompleteBody", 400};
    case Errc::kIo:
    case Errc::kCorrupt:
    case Errc::kCancelled:
    case Errc::kInternal: return {"InternalError", 500};
  }
  return {"InternalError", 500};
}

// What a handler or the store names itself.
constexpr Row kRows[] = {
    {"AccessControlListNotSupported", 400, "The bucket does not allow ACLs"},
    {"AccessDenied", 403},
    {"AccessForbidden", 403},
    {"BadDigest", 400},
    {"BadRequest", 400},
    {"BucketAlreadyExists", 409},
    {"BucketAlreadyOwnedByYou", 409,
     "Your previous request to create the named bucket succeeded and you already own it."},
    {"BucketNotEmpty", 409, "The bucket you tried to delete is not empty"},
    {"EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed size"},
    {"EntityTooSmall", 400,
     "Your proposed upload is smaller than the minimum allowed object size."},
    {"IllegalLocationConstraintException", 400},
    {"IllegalVersioningConfigurationException", 400},
    {"IncompleteBody", 400},
    {"InvalidArgument", 400},
    {"InvalidBucketName", 400},
    {"InvalidDigest", 400, "The Content-MD5 you specified was invalid."},
    {"InvalidLocationConstraint", 400, "The specified location-constraint is not valid"},
    {"InvalidPart", 400,
     "One or more of the specified parts could not be found. The part may not have been uploaded, "
     "or the specified entity tag may not match the part's entity tag."},
    {"InvalidPartNumber", 416, "The requested partnumber is not satisfiable"},
    {"InvalidPartOrder", 400,
     "The list of parts was not in ascending order. Parts must be ordered by part number."},
    {"InvalidRange", 416, "The requested range is not satisfiable"},
    {"InvalidRedirectLocation", 400},
    {"InvalidRequest", 400},
    {"InvalidStorageClass", 400, "The storage class you specified is not valid"},
    {"InvalidTag", 400},
    {"InvalidURI", 400, "Couldn't parse the specified URI."},
    {"KeyTooLongError", 400, "Your key is too long"},
    {"MalformedPolicy", 400},
    {"MalformedXML", 400,
     "The XML you provided was not well-formed or did not validate against our published schema"},
    {"MaxMessageLengthExceeded", 400, "Your request was too big."},
    {"MetadataTooLarge", 400, "Your metadata headers exceed the maximum allowed metadata size"},
    {"MethodNotAllowed", 405, "The specified method is not allowed against this resource."},
    {"MissingContentLength", 411, "You must provide the Content-Length HTTP header."},
    {"MissingRequestBodyError", 400, "Request Body is empty"},
    {"NoSuchBucket", 404, "The specified bucket does not exist"},
    {"NoSuchBucketPolicy", 404, "The bucket policy does not exist"},
    {"NoSuchCORSConfiguration", 404, "The CORS configuration does not exist"},
    {"NoSuchKey", 404, "The specified key does not exist."},
    {"NoSuchLifecycleConfiguration", 404, "The lifecycle configuration does not exist"},
    {"NoSuchPublicAccessBlockConfiguration", 404,
     "The public access block configuration was not found"},
    {"NoSuchTagSet", 404, "The TagSet does not exist"},
    {"NoSuchUpload", 404,
     "The specified upload does not exist. The upload ID may be invalid, or the upload may have "
     "been aborted or completed."},
    {"NoSuchVersion", 404, "The specified version does not exist."},
    {"NoSuchWebsiteConfiguration", 404,
     "The specified bucket does not have a website configuration"},
    {"NotImplemented", 501},
    {"ObjectLockConfigurationNotFoundError", 404,
     "Object Lock configuration does not exist for this bucket"},
    {"OperationAborted", 409},
    {"PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold"},
    {"ReplicationConfigurationNotFoundError", 404, "The replication configuration was not found"},
    {"ServerSideEncryptionConfigurationNotFoundError", 404,
     "The server side encryption configuration was not found"},
};

const Row* find_row(std::string_view code) {
  for (const Row& row : kRows)
    if (row.code == code) return &row;
  return nullptr;
}

}  // namespace

Fault s3_fault(std::string_view code, std::string message) {
  return {Errc::kInvalidArgument, std::move(message), std::string(code)};
}

Fault s3_not_implemented(std::string_view what) {
  return {Errc::kUnsupported,
          fmt::format("{} is not available in this version of Sallyport.", what), "NotImplemented"};
}

Fault s3_malformed_xml() {
  return s3_fault("MalformedXML", "");
}

Fault s3_precondition_failed(std::string_view condition) {
  return Fault(Errc::kConflict, "", "PreconditionFailed")
      .about("Condition", std::string(condition));
}

Fault s3_invalid_argument(std::string message, std::string_view name, std::string_view value) {
  return s3_fault("InvalidArgument", std::move(message))
      .about(std::string(name), std::string(value.substr(0, 256)));
}

Fault s3_invalid_request(std::string message) {
  return s3_fault("InvalidRequest", std::move(message));
}

WireError s3_error(const Fault& fault) {
  const Row* named = find_row(fault.reason);
  const Row row = named != nullptr ? *named : by_errc(fault.code);
  WireError out{std::string(row.code),
                row.status,
                row.message.empty() ? public_message(fault) : std::string(row.message),
                {}};
  // An error by its code alone has S3's words as well.
  if (named == nullptr && row.code != "InvalidArgument") {
    if (const Row* known = find_row(row.code); known != nullptr && !known->message.empty())
      out.message = known->message;
  }
  if (row.code == "InvalidArgument" && !fault.resource_type.empty())
    out.members = {{"ArgumentName", fault.resource_type}, {"ArgumentValue", fault.resource}};
  if (row.code == "PreconditionFailed" && !fault.resource.empty())
    out.members = {{"Condition", fault.resource}};
  return out;
}

}  // namespace sallyport::api
