#include "http/chunked.h"

#include <algorithm>
#include <cstring>

namespace sallyport::http {
namespace {

constexpr std::size_t kMaxLine = 4 * 1024;
constexpr std::size_t kMaxExtensions = 16 * 1024;
constexpr std::size_t kMaxTrailerBytes = 8 * 1024;
constexpr std::size_t kMaxTrailerFields = 32;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
}

}  // namespace

bool parse_chunk_line(std::string_view line, std::uint64_t& size, std::string_view& extension) {
  std::size_t digits = 0;
  std::uint64_t value = 0;
  for (; digits < line.size(); ++digits) {
    const int v = hex_value(line[digits]);
    if (v < 0) break;
    if (value >> 59 != 0) return false;
    value = value << 4 | static_cast<std::uint64_t>(v);
  }
  if (digits == 0 || digits > 16) return false;
  std::string_view rest = line.substr(digits);
  // RFC 9112 allows white space in front of an extension, and nothing else behind the size.
  std::string_view after = trim(rest);
  if (rest.empty()) {
    extension = {};
  } else if (!after.empty() && after.front() == ';') {
    extension = after.substr(1);
  } else {
    return false;
  }
  size = value;
  return !has_control(line);
}

void ChunkedDecoder::fail(const char* reason, int status) {
  state_ = State::kFailed;
  failure_ = {status, reason};
}

std::size_t ChunkedDecoder::take_line(ByteView in, bool& complete) {
  const auto* lf = static_cast<const std::uint8_t*>(std::memchr(in.data(), '\n', in.size()));
  const std::size_t n = lf == nullptr ? in.size() : static_cast<std::size_t>(lf - in.data()) + 1;
  complete = false;
  if (line_.size() + n > kMaxLine) {
    fail("a line of the chunked body is too long");
    return 0;
  }
  line_.append(as_text(in.first(n)));
  if (lf == nullptr) return n;
  if (line_.size() < 2 || line_[line_.size() - 2] != '\r') {
    fail("a line of the chunked body ends without a carriage return");
    return n;
  }
  line_.resize(line_.size() - 2);
  complete = true;
  return n;
}

void ChunkedDecoder::chunk_line() {
  std::string_view extension;
  if (!parse_chunk_line(line_, left_, extension)) return fail("a chunk size is malformed");
  overhead_ += extension.size();
  if (overhead_ > kMaxExtensions) return fail("the chunk extensions are too long");
  state_ = left_ == 0 ? State::kTrailer : State::kData;
  line_.clear();
}

void ChunkedDecoder::trailer_line() {
  if (line_.empty()) {
    state_ = State::kDone;
    return;
  }
  trailer_bytes_ += line_.size();
  const std::string_view line = line_;
  const std::size_t colon = line.find(':');
  if (trailer_bytes_ > kMaxTrailerBytes || trailers_.size() == kMaxTrailerFields)
    return fail("the trailer section is too long", 431);
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)) || has_control(line))
    return fail("a trailer line is malformed");
  trailers_.add(line.substr(0, colon), trim(line.substr(colon + 1)));
  line_.clear();
}

ChunkedDecoder::Progress ChunkedDecoder::decode(ByteView in, MutableBytes out) {
  Progress p;
  while (p.consumed < in.size() && !done() && !failed()) {
    const ByteView rest = in.subspan(p.consumed);
    switch (state_) {
      case State::kLine:
      case State::kTrailer: {
        bool complete = false;
        p.consumed += take_line(rest, complete);
        if (!complete) break;
        if (state_ == State::kLine) {
          chunk_line();
        } else {
          trailer_line();
        }
        break;
      }
      case State::kData: {
        const MutableBytes room = out.subspan(p.produced);
        if (room.empty()) return p;
        const std::size_t n = std::min({rest.size(), room.size(), static_cast<std::size_t>(left_)});
        std::memcpy(room.data(), rest.data(), n);
        p.consumed += n;
        p.produced += n;
        left_ -= n;
        if (left_ == 0) state_ = State::kDataCr;
        break;
      }
      case State::kDataCr:
      case State::kDataLf: {
        const bool cr = state_ == State::kDataCr;
        if (rest[0] != (cr ? '\r' : '\n')) {
          fail("a chunk is longer than it said");
          break;
        }
        ++p.consumed;
        state_ = cr ? State::kDataLf : State::kLine;
        break;
      }
      case State::kDone:
      case State::kFailed: break;
    }
  }
  return p;
}

std::string chunk_head(std::size_t size) {
  char digits[16];
  std::size_t at = sizeof digits;
  do {
    digits[--at] = "0123456789abcdef"[size & 15];
    size >>= 4;
  } while (size != 0);
  std::string out(digits + at, sizeof digits - at);
  out += "\r\n";
  return out;
}

}  // namespace sallyport::http
