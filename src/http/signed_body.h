// Reading the body of a verified S3 request: the hash in x-amz-content-sha256, aws-chunked bodies
// with their chain of chunk signatures ("Signature Calculations … Transferring Payload in Multiple
// Chunks", "… Including Trailing Headers"), and x-amz-checksum-* in headers or trailers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "http/checksum.h"
#include "http/message.h"
#include "http/sigv4.h"

namespace sallyport::http {

// Checks the body as it passes. Nothing may be kept of it until read() has returned 0: a chunk's
// signature comes in front of its bytes but can be checked only behind them, hash and checksum at
// the end. Errors beside BodyReader's: kPermissionDenied, kCorrupt, kInvalidArgument; failure()
// then names what AWS calls it.
class SignedBodyReader : public BodyReader {
 public:
  // Set when read() has failed for a reason of the signature, the framing or a checksum.
  virtual const std::optional<SigFailure>& failure() const = 0;
  // What the client says it sends, in a header or a trailer.
  virtual std::optional<ChecksumAlgorithm> announced_checksum() const = 0;
  // The checksum that the client sent and that matched, once read() has returned 0.
  virtual const std::optional<ChecksumValue>& checksum() const = 0;
};

// `inner` is the body as it comes from the wire; it outlives the reader.
SigResult<std::unique_ptr<SignedBodyReader>> open_signed_body(const HttpRequest& request,
                                                              const PresentedSignature& presented,
                                                              const VerifiedSignature& verified,
                                                              BodyReader& inner);
// The same for a request without a signature (a bucket policy lets it in).
SigResult<std::unique_ptr<SignedBodyReader>> open_unsigned_body(const HttpRequest& request,
                                                                BodyReader& inner);

}  // namespace sallyport::http
