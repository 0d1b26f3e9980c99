#include "http/sigv4_error.h"

namespace sallyport::http {
namespace {

struct Row {
  SigWireError json, query, s3;
};

Row row(SigError error) {
  switch (error) {
    case SigError::kMissingAuthenticationToken:
      return {{"MissingAuthenticationTokenException", 400},
              {"MissingAuthenticationToken", 403},
              {"AccessDenied", 403}};
    case SigError::kIncompleteSignature:
      return {{"IncompleteSignatureException", 400},
              {"IncompleteSignature", 400},
              {"AuthorizationHeaderMalformed", 400}};
    case SigError::kUnsupportedAlgorithm:
      return {{"IncompleteSignatureException", 400},
              {"IncompleteSignature", 400},
              {"InvalidRequest", 400}};
    case SigError::kInvalidQueryParameters:
      return {{"IncompleteSignatureException", 400},
              {"IncompleteSignature", 400},
              {"AuthorizationQueryParametersError", 400}};
    case SigError::kMultipleMechanisms:
      return {{"IncompleteSignatureException", 400},
              {"IncompleteSignature", 400},
              {"InvalidArgument", 400}};
    case SigError::kUnknownAccessKey:
      return {{"UnrecognizedClientException", 400},
              {"InvalidClientTokenId", 403},
              {"InvalidAccessKeyId", 403}};
    case SigError::kInvalidToken:
      return {{"UnrecognizedClientException", 400},
              {"InvalidClientTokenId", 403},
              {"InvalidToken", 400}};
    case SigError::kExpiredToken:
      return {{"ExpiredTokenException", 400}, {"ExpiredToken", 403}, {"ExpiredToken", 400}};
    case SigError::kInvalidSignature:
      return {{"InvalidSignatureException", 400},
              {"SignatureDoesNotMatch", 403},
              {"SignatureDoesNotMatch", 403}};
    case SigError::kHeadersNotSigned:
      return {{"InvalidSignatureException", 400},
              {"SignatureDoesNotMatch", 403},
              {"AccessDenied", 403}};
    case SigError::kInvalidScope:
      return {{"InvalidSignatureException", 400},
              {"SignatureDoesNotMatch", 403},
              {"AuthorizationHeaderMalformed", 400}};
    case SigError::kRequestTimeTooSkewed:
      return {{"InvalidSignatureException", 400},
              {"SignatureDoesNotMatch", 403},
              {"RequestTimeTooSkewed", 403}};
    case SigError::kRequestExpired:
      return {{"InvalidSignatureException", 400},
              {"SignatureDoesNotMatch", 403},
              {"AccessDenied", 403}};
    case SigError::kMissingPayloadHash:
    case SigError::kMalformedBody:
      return {{"InvalidSignatureException", 400},
              {"SignatureDoesNotMatch", 403},
              {"InvalidRequest", 400}};
    case SigError::kMalformedTrailer:
      return {{"InvalidSignatureException", 400},
              {"SignatureDoesNotMatch", 403},
              {"MalformedTrailerError", 400}};
    case SigError::kInvalidPayloadHash:
      return {{"InvalidSignatureException", 400},
              {"SignatureDoesNotMatch", 403},
              {"InvalidArgument", 400}};
    case SigError::kPayloadHashMismatch:
      return {{"InvalidSignatureException", 400},
              {"SignatureDoesNotMatch", 403},
              {"XAmzContentSHA256Mismatch", 400}};
    case SigError::kMissingDecodedLength:
      return {{"InvalidSignatureException", 400},
              {"SignatureDoesNotMatch", 403},
              {"MissingContentLength", 411}};
    case SigError::kIncompleteBody:
      return {{"InvalidSignatureException", 400},
              {"SignatureDoesNotMatch", 403},
              {"IncompleteBody", 400}};
    case SigError::kInvalidChecksum:
      return {{"InvalidSignatureException", 400},
              {"SignatureDoesNotMatch", 403},
              {"InvalidRequest", 400}};
    case SigError::kBadDigest:
      return {
          {"InvalidSignatureException", 400}, {"SignatureDoesNotMatch", 403}, {"BadDigest", 400}};
  }
  return {{"InternalFailure", 500}, {"InternalFailure", 500}, {"InternalError", 500}};
}

}  // namespace

SigWireError sig_wire_error(SigError error, SigDialect dialect) {
  const Row r = row(error);
  switch (dialect) {
    case SigDialect::kJson: return r.json;
    case SigDialect::kQuery: return r.query;
    case SigDialect::kS3: return r.s3;
  }
  return r.json;
}

}  // namespace sallyport::http
