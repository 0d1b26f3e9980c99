#include "http/serialize.h"

#include <charconv>

namespace sallyport::http {
namespace {

void append_number(std::string& out, std::uint64_t v) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, v);
  out.append(digits, end.ptr);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  const std::size_t at = out.size();
  out.append(value);
  // A line end in a value would let its author write headers of his own.
  for (std::size_t i = at; i < out.size(); ++i)
    if (out[i] == '\r' || out[i] == '\n' || out[i] == '\0') out[i] = ' ';
  out.append("\r\n");
}

bool is_connection_field(std::string_view name) {
  return equals_ignore_case(name, "Content-Length") ||
         equals_ignore_case(name, "Transfer-Encoding") || equals_ignore_case(name, "Connection");
}

void append_fields(std::string& out, const Headers& headers) {
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const Headers::Field f = headers.at(i);
    if (is_token(f.name) && !is_connection_field(f.name)) append_field(out, f.name, f.value);
  }
}

void append_length(std::string& out, std::uint64_t length) {
  out.append("Content-Length: ");
  append_number(out, length);
  out.append("\r\n");
}

bool never_has_body(int status) {
  return status < 200 || status == 204 || status == 304;
}

}  // namespace

ResponsePlan plan_response(const HttpResponse& response, std::string_view request_method,
                           Version version, bool keep_alive, std::string_view date) {
  ResponsePlan plan;
  plan.keep_alive = keep_alive;
  const bool head = request_method == "HEAD";
  const std::optional<std::uint64_t> length =
      response.stream ? response.stream->length()
                      : std::optional<std::uint64_t>(response.body.size());

  std::string& out = plan.head;
  out.reserve(256 + response.headers.size() * 64);
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::uint64_t>(response.status));
  out.append(" ").append(reason_phrase(response.status)).append("\r\n");
  if (!date.empty() && !response.headers.contains("Date")) append_field(out, "Date", date);
  append_fields(out, response.headers);

  std::uint64_t stated = 0;
  if (never_has_body(response.status)) {
    plan.body = BodyKind::kNone;
  } else if (head && parse_decimal(response.headers.get("Content-Length"), stated)) {
    append_length(out, stated);
  } else if (length) {
    append_length(out, *length);
    if (!head && *length != 0) plan.body = BodyKind::kLength;
  } else if (version == Version::kHttp11) {
    out.append("Transfer-Encoding: chunked\r\n");
    if (!head) plan.body = BodyKind::kChunked;
  } else if (!head) {
    plan.body = BodyKind::kUntilClose;
    plan.keep_alive = false;
  }

  if (!plan.keep_alive) {
    out.append("Connection: close\r\n");
  } else if (version == Version::kHttp10) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append("\r\n");
  return plan;
}

std::string request_head(const HttpRequest& request, std::uint64_t length) {
  std::string out;
  out.reserve(256 + request.target.size() + request.headers.size() * 96);
  out.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\n");
  append_fields(out, request.headers);
  const std::string_view m = request.method;
  if (length != 0 || m == "POST" || m == "PUT" || m == "PATCH") append_length(out, length);
  if (request.headers.has_token("Connection", "close")) out.append("Connection: close\r\n");
  out.append("\r\n");
  return out;
}

}  // namespace sallyport::http
