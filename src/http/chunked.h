// The chunked transfer coding (RFC 9112 section 7.1) as an engine on buffers. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "http/head_parser.h"

namespace sallyport::http {

// "1a3f" or "1a3f;name=value": the size, and what follows the first `;`. False when it is not
// such a line, when the size does not fit 63 bits, or when it holds control characters.
bool parse_chunk_line(std::string_view line, std::uint64_t& size, std::string_view& extension);

// Decodes one chunked body. Lines are bounded: a chunk line to 4 KiB, all chunk extensions of a
// body to 16 KiB, the trailer section to 8 KiB.
class ChunkedDecoder {
 public:
  struct Progress {
    std::size_t consumed = 0;  // of `in`
    std::size_t produced = 0;  // of `out`
  };

  // Takes from `in` and copies body bytes to `out` until one of them is used up or the body ends.
  Progress decode(ByteView in, MutableBytes out);

  bool done() const { return state_ == State::kDone; }
  bool failed() const { return state_ == State::kFailed; }
  // Why it failed. REQUIRES: failed().
  const ParseFailure& failure() const { return failure_; }
  // Valid once done().
  const Headers& trailers() const { return trailers_; }

 private:
  enum class State : std::uint8_t { kLine, kData, kDataCr, kDataLf, kTrailer, kDone, kFailed };

  std::size_t take_line(ByteView in, bool& complete);
  void chunk_line();
  void trailer_line();
  void fail(const char* reason, int status = 400);

  State state_ = State::kLine;
  std::uint64_t left_ = 0;
  std::string line_;
  std::size_t overhead_ = 0;
  std::size_t trailer_bytes_ = 0;
  Headers trailers_;
  ParseFailure failure_;
};

// "<size in hexadecimal>\r\n". The caller adds the data and "\r\n".
std::string chunk_head(std::size_t size);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace sallyport::http
