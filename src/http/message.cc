#include "http/message.h"

#include <algorithm>
#include <cstring>

namespace sallyport::http {
namespace {

// The target without scheme and authority.
std::string_view origin_form(std::string_view target) {
  if (target.empty() || target.front() == '/') return target;
  const std::size_t scheme = target.find("://");
  if (scheme == std::string_view::npos) return target;
  const std::size_t end = target.find_first_of("/?", scheme + 3);
  return end == std::string_view::npos ? std::string_view() : target.substr(end);
}

constexpr std::size_t kReadPiece = 64 * 1024;

}  // namespace

std::string_view HttpRequest::path() const {
  const std::string_view t = origin_form(target);
  const std::string_view p = t.substr(0, t.find('?'));
  return p.empty() ? std::string_view("/") : p;
}

std::string_view HttpRequest::query() const {
  const std::string_view t = origin_form(target);
  const std::size_t mark = t.find('?');
  return mark == std::string_view::npos ? std::string_view() : t.substr(mark + 1);
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 203: return "Non-Authoritative Information";
    case 204: return "No Content";
    case 205: return "Reset Content";
    case 206: return "Partial Content";
    case 300: return "Multiple Choices";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "";
  }
}

HttpResponse plain_response(int status, std::string_view text) {
  HttpResponse response;
  response.status = status;
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.body.reserve(text.size() + 1);
  response.body.append(text).push_back('\n');
  return response;
}

Task<Result<std::string>> read_all(BodyReader& body, std::size_t limit) {
  const auto too_long = [limit] {
    return Error(Errc::kLimitExceeded,
                 "the body is longer than " + std::to_string(limit) + " bytes");
  };
  const std::optional<std::uint64_t> length = body.length();
  if (length && *length > limit) co_return too_long();

  std::string out;
  std::size_t used = 0;
  while (true) {
    if (used == out.size()) {
      // An announced length is trusted only piece by piece: memory follows what has really come.
      const std::size_t want = length ? std::size_t(*length) - std::min(used, std::size_t(*length))
                                      : std::max<std::size_t>(4096, used);
      // One more byte, so that the end of the body is seen and an excess noticed.
      out.resize(used + std::min(want, std::max(kReadPiece, used)) + 1);
    }
    const MutableBytes room(reinterpret_cast<std::uint8_t*>(out.data()) + used, out.size() - used);
    auto n = co_await body.read(room);
    if (!n.ok()) co_return std::move(n).error();
    if (*n == 0) break;
    used += *n;
    if (used > limit) co_return too_long();
  }
  out.resize(used);
  co_return out;
}

Task<Result<std::size_t>> MemoryBodyReader::read(MutableBytes into) {
  const std::size_t n = std::min(into.size(), data_.size() - at_);
  if (n != 0) std::memcpy(into.data(), data_.data() + at_, n);
  at_ += n;
  co_return n;
}

}  // namespace sallyport::http
