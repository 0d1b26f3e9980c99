// Parsing of message heads (RFC 9112 sections 2 to 6), strict against request smuggling: a bare CR
// or LF, white space around a field name, folded lines, control characters, differing or malformed
// Content-Length and Content-Length beside Transfer-Encoding are refused. Pure functions of bytes:
// no I/O. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "http/message.h"

namespace sallyport::http {

struct HeadLimits {
  std::size_t max_bytes = 16 * 1024;  // start line and fields with their line ends
  std::size_t max_fields = 100;
};

// Why a message was refused, as the status to answer with and a sentence.
struct ParseFailure {
  int status = 400;
  const char* reason = "";
};

enum class ParseStep : std::uint8_t { kNeedMore, kDone, kFailed };

// Finds and parses one head at the front of a buffer that grows between calls.
class HeadParser {
 public:
  explicit HeadParser(HeadLimits limits = {}) : limits_(limits) {}

  // `buffered` holds everything received since the head's first byte; bytes seen in an earlier call
  // are not scanned again. On kDone consumed() bytes were the head; on kFailed failure() says why.
  ParseStep parse_request(ByteView buffered, HttpRequest& out);
  // For the client side; only status and headers of `out` are set.
  ParseStep parse_response(ByteView buffered, HttpResponse& out, Version& version);

  std::size_t consumed() const { return consumed_; }
  const ParseFailure& failure() const { return failure_; }
  // True when no byte of a head has come yet (an idle connection may be closed silently).
  bool untouched() const { return scanned_ == 0; }
  // Ready for the next head.
  void reset();

 private:
  ParseStep find_end(std::string_view text);
  ParseStep fail(int status, const char* reason);
  ParseStep parse_fields(std::string_view lines, Headers& out);

  HeadLimits limits_;
  ParseFailure failure_;
  std::size_t start_ = 0;       // behind empty lines that precede the head
  std::size_t scanned_ = 0;     // how far the search for the end has come
  std::size_t line_start_ = 0;  // where the line that is being scanned begins
  std::size_t consumed_ = 0;
};

enum class BodyKind : std::uint8_t { kNone, kLength, kChunked, kUntilClose };

// How a message's body is delimited (RFC 9112 section 6).
struct BodyFraming {
  BodyKind kind = BodyKind::kNone;
  std::uint64_t length = 0;
};

// False when the framing headers contradict themselves or ask for an unknown coding; `failure` says
// why.
bool request_framing(const HttpRequest& request, BodyFraming& out, ParseFailure& failure);
bool response_framing(std::string_view request_method, const HttpResponse& response,
                      BodyFraming& out, ParseFailure& failure);

// Whether the peer allows another message on the connection (RFC 9112 section 9.3).
bool wants_keep_alive(Version version, const Headers& headers);

// Decimal digits only, no overflow.
bool parse_decimal(std::string_view text, std::uint64_t& out);
// RFC 9110 section 5.6.2.
bool is_token(std::string_view text);

}  // namespace sallyport::http
