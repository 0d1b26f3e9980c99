// HTTP messages as values, and the interfaces through which bodies stream.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "http/headers.h"

namespace sallyport::http {

enum class Version : std::uint8_t { kHttp10, kHttp11 };

// A request without its body. A plain value.
struct HttpRequest {
  std::string method;  // case-sensitive, e.g. "GET"
  std::string target;  // as on the wire, nothing decoded (RFC 9112 section 3.2)
  Version version = Version::kHttp11;
  Headers headers;

  // The part of the target before `?`, still percent-encoded; scheme and authority of an absolute
  // form are left out, an empty path is "/". Views into target.
  std::string_view path() const;
  // The part behind the first `?`, still percent-encoded; "" without one.
  std::string_view query() const;
};

// A body that arrives piece by piece. One reader at a time, on the loop of its connection.
class BodyReader {
 public:
  virtual ~BodyReader() = default;

  // At least one byte, or 0 at the end of the body and ever after. REQUIRES: `into` is not empty.
  // Errors: kClosed (the peer left before the end), kTimeout (nothing came for too long),
  // kInvalidArgument (the framing is wrong), kLimitExceeded, kIo, kCancelled; wrappers add
  // kPermissionDenied (a signature does not match) and kCorrupt (a checksum does not match).
  // What was read before an error must not be used as if it were the body.
  virtual Task<Result<std::size_t>> read(MutableBytes into) = 0;

  // The length that was announced, in bytes; unknown for chunked bodies.
  virtual std::optional<std::uint64_t> length() const = 0;
};

// A body that is produced piece by piece.
class BodySource {
 public:
  virtual ~BodySource() = default;
  // At least one byte, or 0 at the end. An error ends the connection, as the head is already sent.
  virtual Task<Result<std::size_t>> read(MutableBytes into) = 0;
  // When known it is announced as Content-Length and exactly so many bytes must come; otherwise
  // the body is sent chunked.
  virtual std::optional<std::uint64_t> length() const = 0;
};

// A response. Content-Length, Transfer-Encoding, Connection and Date are the serialiser's; a
// handler sets Content-Length only in an answer to HEAD, for a body that it does not produce.
struct HttpResponse {
  int status = 200;
  Headers headers;
  std::string body;
  std::unique_ptr<BodySource> stream;  // when set, `body` is ignored
};

// The reason phrase of RFC 9110 section 15, "" for a status it does not name.
std::string_view reason_phrase(int status);

// A response of one line of text/plain.
HttpResponse plain_response(int status, std::string_view text);

// The rest of the body. kLimitExceeded when it is longer than `limit` bytes; then what follows is
// unread. `body` outlives the task.
Task<Result<std::string>> read_all(BodyReader& body, std::size_t limit);

// A body that lies in memory; for tests and for wrappers around bodies that were read whole.
class MemoryBodyReader final : public BodyReader {
 public:
  explicit MemoryBodyReader(std::string data) : data_(std::move(data)) {}
  Task<Result<std::size_t>> read(MutableBytes into) override;
  std::optional<std::uint64_t> length() const override { return data_.size(); }

 private:
  std::string data_;
  std::size_t at_ = 0;
};

}  // namespace sallyport::http
