// One request to a remote store, before it is signed.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "http/dialer.h"
#include "http/message.h"
#include "s3/body_proof.h"
#include "s3/place.h"

namespace sallyport::s3 {

class PartFileBody;

// In memory, in pieces, or in a file; both outlive the call's task.
struct CallBody {
  std::vector<ByteView> pieces;
  PartFileBody* file = nullptr;
};

// Plain data, except that what the body points to is the caller's.
struct Call {
  std::string what;  // the operation's name, e.g. "PutObject"; for error texts
  std::string method = "GET";
  std::string bucket;                                      // empty: the store as a whole
  std::string key;                                         // empty: the bucket as a whole
  std::vector<std::pair<std::string, std::string>> query;  // not encoded
  http::Headers headers;
  CallBody body;
  // Lower-case hexadecimal SHA-256 of the body, where the caller has it already (of a file always),
  // or http::kUnsignedPayload; else empty.
  std::string body_sha256;
  // Sending it twice does what sending it once does.
  bool repeatable = true;
  // A 200 may bring an error that came up after the answer had begun (CopyObject, UploadPartCopy,
  // CompleteMultipartUpload), and the answer may take minutes.
  bool fails_late = false;
};

// Whom the request goes to.
http::Origin origin_of(const Place& place, const Call& call);
// With Host, unsigned. Keys keep every byte: "a//b", "..", a leading "/".
http::HttpRequest wire_request(const Place& place, const Call& call);

// `proof` is of the call's body.
void add_proof(Call& call, BodyCheck check, BodyProof proof);

// "bucket/key" encoded as x-amz-copy-source wants it.
std::string copy_source(std::string_view bucket, std::string_view key);

}  // namespace sallyport::s3
