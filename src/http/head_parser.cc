#include "http/head_parser.h"

#include <array>
#include <cstring>
#include <limits>

namespace sallyport::http {
namespace {

constexpr std::size_t kMaxMethod = 32;
// RFC 9112 section 2.2 asks to ignore at least one empty line in front of a request.
constexpr std::size_t kMaxLeadingBytes = 8;

constexpr std::array<bool, 256> token_table() {
  std::array<bool, 256> t{};
  for (char c = '0'; c <= '9'; ++c) t[static_cast<unsigned char>(c)] = true;
  for (char c = 'A'; c <= 'Z'; ++c) t[static_cast<unsigned char>(c)] = true;
  for (char c = 'a'; c <= 'z'; ++c) t[static_cast<unsigned char>(c)] = true;
  for (char c : {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'})
    t[static_cast<unsigned char>(c)] = true;
  return t;
}
constexpr std::array<bool, 256> kToken = token_table();

bool is_token_char(char c) {
  return kToken[static_cast<unsigned char>(c)];
}
bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool is_field_value(std::string_view text) {
  for (char c : text)
    if (is_control(c) && c != '\t') return false;
  return true;
}

bool is_target(std::string_view text) {
  for (char c : text)
    if (is_control(c) || c == ' ') return false;
  return !text.empty();
}

// host[:port]; enough to keep other syntax out, the server routes by nothing finer.
bool is_host(std::string_view text) {
  for (char c : text)
    if (is_control(c) || std::strchr(" /\\@?#,<>\"", c) != nullptr) return false;
  return true;
}

std::string_view text_of(ByteView bytes) {
  return as_text(bytes);
}

// Cuts the first line off; its CR LF is known to be there.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end - 1);
  text.remove_prefix(end + 1);
  return line;
}

bool parse_version(std::string_view text, Version& out) {
  if (text == "HTTP/1.1") {
    out = Version::kHttp11;
  } else if (text == "HTTP/1.0") {
    out = Version::kHttp10;
  } else {
    return false;
  }
  return true;
}

bool looks_like_version(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return text.size() == 8 && text.substr(0, 5) == "HTTP/" && digit(text[5]) && text[6] == '.' &&
         digit(text[7]);
}

ParseFailure check_target(const HttpRequest& r) {
  if (r.method == "CONNECT") return {501, "CONNECT is not offered here"};
  if (r.target.front() == '/') return {0, ""};
  if (r.target == "*")
    return r.method == "OPTIONS" ? ParseFailure{0, ""}
                                 : ParseFailure{400, "the target * belongs to OPTIONS"};
  const std::string_view t = r.target;
  if (equals_ignore_case(t.substr(0, 7), "http://") ||
      equals_ignore_case(t.substr(0, 8), "https://"))
    return {0, ""};
  return {400, "the request target is malformed"};
}

bool single_content_length(const Headers& headers, std::uint64_t& out) {
  return headers.count("Content-Length") == 1 && parse_decimal(headers.get("Content-Length"), out);
}

}  // namespace

bool is_token(std::string_view text) {
  for (char c : text)
    if (!is_token_char(c)) return false;
  return !text.empty();
}

bool parse_decimal(std::string_view text, std::uint64_t& out) {
  if (text.empty()) return false;
  std::uint64_t v = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return false;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (v > (std::numeric_limits<std::int64_t>::max() - digit) / 10) return false;
    v = v * 10 + digit;
  }
  out = v;
  return true;
}

void HeadParser::reset() {
  start_ = scanned_ = line_start_ = consumed_ = 0;
  failure_ = {};
}

ParseStep HeadParser::fail(int status, const char* reason) {
  failure_ = {status, reason};
  return ParseStep::kFailed;
}

ParseStep HeadParser::find_end(std::string_view text) {
  // Something that is no HTTP at all (a TLS hello, say) is refused at its first byte.
  if (!text.empty() && scanned_ == 0 && text[0] != '\r' && text[0] != '\n' &&
      !is_token_char(text[0]))
    return fail(400, "this is not an HTTP request");
  while (true) {
    const std::size_t lf = text.find('\n', scanned_);
    if (lf == std::string_view::npos) break;
    if (lf == line_start_ || text[lf - 1] != '\r')
      return fail(400, "a line ends without a carriage return");
    const bool empty = lf - 1 == line_start_;
    const bool first = line_start_ == start_;
    line_start_ = scanned_ = lf + 1;
    if (lf + 1 - start_ > limits_.max_bytes)
      return first ? fail(414, "the request line is too long")
                   : fail(431, "the header section is too long");
    if (!empty) continue;
    if (!first) {
      consumed_ = lf + 1;
      return ParseStep::kDone;
    }
    start_ = lf + 1;
    if (start_ > kMaxLeadingBytes) return fail(400, "empty lines instead of a request");
  }
  scanned_ = text.size();
  if (text.size() - start_ > limits_.max_bytes)
    return line_start_ == start_ ? fail(414, "the request line is too long")
                                 : fail(431, "the header section is too long");
  return ParseStep::kNeedMore;
}

ParseStep HeadParser::parse_fields(std::string_view lines, Headers& out) {
  out.clear();
  out.reserve(16, lines.size());
  while (!lines.empty()) {
    const std::string_view line = take_line(lines);
    if (line.front() == ' ' || line.front() == '\t')
      return fail(400, "folded header lines are not accepted");
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return fail(400, "a header line has no colon");
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trim(line.substr(colon + 1));
    if (!is_token(name)) return fail(400, "a header name is malformed");
    if (!is_field_value(value)) return fail(400, "a header value holds control characters");
    if (out.size() == limits_.max_fields) return fail(431, "too many header fields");
    out.add(name, value);
  }
  return ParseStep::kDone;
}

ParseStep HeadParser::parse_request(ByteView buffered, HttpRequest& out) {
  const std::string_view text = text_of(buffered);
  if (const ParseStep step = find_end(text); step != ParseStep::kDone) return step;
  std::string_view lines = text.substr(start_, consumed_ - 2 - start_);

  const std::string_view line = take_line(lines);
  const std::size_t sp1 = line.find(' ');
  const std::size_t sp2 = line.rfind(' ');
  if (sp1 == std::string_view::npos || sp1 == sp2)
    return fail(400, "the request line is malformed");
  const std::string_view method = line.substr(0, sp1);
  const std::string_view target = line.substr(sp1 + 1, sp2 - sp1 - 1);
  const std::string_view version = line.substr(sp2 + 1);
  if (!is_token(method) || method.size() > kMaxMethod || !is_target(target))
    return fail(400, "the request line is malformed");
  if (!parse_version(version, out.version))
    return looks_like_version(version) ? fail(505, "only HTTP/1.1 and HTTP/1.0 are spoken here")
                                       : fail(400, "the request line is malformed");
  out.method = method;
  out.target = target;
  if (const ParseFailure bad = check_target(out); bad.status != 0)
    return fail(bad.status, bad.reason);

  if (const ParseStep step = parse_fields(lines, out.headers); step != ParseStep::kDone)
    return step;
  const std::size_t hosts = out.headers.count("Host");
  if (hosts > 1 || (hosts == 0 && out.version == Version::kHttp11))
    return fail(400, "exactly one Host header is needed");
  if (hosts == 1 && !is_host(out.headers.get("Host")))
    return fail(400, "the Host header is malformed");
  return ParseStep::kDone;
}

ParseStep HeadParser::parse_response(ByteView buffered, HttpResponse& out, Version& version) {
  const std::string_view text = text_of(buffered);
  if (const ParseStep step = find_end(text); step != ParseStep::kDone) return step;
  std::string_view lines = text.substr(start_, consumed_ - 2 - start_);

  // HTTP/1.1 200 OK, where the phrase and the space before it may be missing.
  const std::string_view line = take_line(lines);
  std::uint64_t status = 0;
  if (line.size() < 12 || line[8] != ' ' || !parse_version(line.substr(0, 8), version) ||
      !parse_decimal(line.substr(9, 3), status) || status < 100 ||
      (line.size() > 12 && line[12] != ' ') || !is_field_value(line))
    return fail(400, "the status line is malformed");
  out.status = static_cast<int>(status);
  return parse_fields(lines, out.headers);
}

bool request_framing(const HttpRequest& request, BodyFraming& out, ParseFailure& failure) {
  const Headers& h = request.headers;
  const std::size_t codings = h.count("Transfer-Encoding");
  const std::size_t lengths = h.count("Content-Length");
  out = {};
  if (codings != 0) {
    if (lengths != 0) {
      failure = {400, "Content-Length beside Transfer-Encoding"};
      return false;
    }
    if (request.version == Version::kHttp10) {
      failure = {400, "Transfer-Encoding in HTTP/1.0"};
      return false;
    }
    if (codings != 1 || !equals_ignore_case(h.get("Transfer-Encoding"), "chunked")) {
      failure = {501, "the only transfer coding here is chunked"};
      return false;
    }
    out.kind = BodyKind::kChunked;
    return true;
  }
  if (lengths == 0) return true;
  if (!single_content_length(h, out.length)) {
    failure = {400, "Content-Length is malformed or repeated"};
    return false;
  }
  if (out.length != 0) out.kind = BodyKind::kLength;
  return true;
}

bool response_framing(std::string_view request_method, const HttpResponse& response,
                      BodyFraming& out, ParseFailure& failure) {
  const Headers& h = response.headers;
  out = {};
  if (request_method == "HEAD" || response.status < 200 || response.status == 204 ||
      response.status == 304)
    return true;
  if (const std::size_t codings = h.count("Transfer-Encoding"); codings != 0) {
    if (codings != 1 || !equals_ignore_case(h.get("Transfer-Encoding"), "chunked") ||
        h.contains("Content-Length")) {
      failure = {502, "the response's framing is not understood"};
      return false;
    }
    out.kind = BodyKind::kChunked;
    return true;
  }
  if (!h.contains("Content-Length")) {
    out.kind = BodyKind::kUntilClose;
    return true;
  }
  if (!single_content_length(h, out.length)) {
    failure = {502, "the response's Content-Length is malformed or repeated"};
    return false;
  }
  if (out.length != 0) out.kind = BodyKind::kLength;
  return true;
}

bool wants_keep_alive(Version version, const Headers& headers) {
  if (headers.has_token("Connection", "close")) return false;
  return version == Version::kHttp11 || headers.has_token("Connection", "keep-alive");
}

}  // namespace sallyport::http
