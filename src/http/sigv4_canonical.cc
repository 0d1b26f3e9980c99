// The canonical request and what is derived from it.
#include <algorithm>
#include <utility>

#include "crypto/digest.h"
#include "http/sigv4.h"
#include "http/sigv4_query.h"

namespace sallyport::http {
namespace {

// RFC 3986 section 5.2.4, and empty segments go too.
std::string normalize(std::string_view path) {
  std::vector<std::string_view> kept;
  std::size_t at = 0;
  while (at < path.size()) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view segment = path.substr(at, end - at);
    at = end + 1;
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (!segment.empty() && segment != ".") {
      kept.push_back(segment);
    }
  }
  std::string out;
  for (std::string_view segment : kept) out.append("/").append(segment);
  if (out.empty() || path.back() == '/') out.push_back('/');
  return out;
}

void append_path(std::string& out, std::string_view path, CanonicalRules rules) {
  const std::string normal = rules.normalize_path ? normalize(path) : std::string();
  if (rules.normalize_path) path = normal;
  if (rules.double_encode) {
    append_uri_encoded(out, path, Slash::kKeep);
  } else {
    append_reencoded(out, path, Slash::kKeep, false);
  }
}

void append_query(std::string& out, std::string_view query) {
  if (query.empty()) return;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string_view name;
  std::string_view value;
  while (next_query_field(query, name, value)) {
    if (name == "X-Amz-Signature") continue;
    auto& field = fields.emplace_back();
    append_reencoded(field.first, name, Slash::kEncode, true);
    append_reencoded(field.second, value, Slash::kEncode, true);
  }
  std::sort(fields.begin(), fields.end());
  bool first = true;
  for (const auto& [n, v] : fields) {
    if (!std::exchange(first, false)) out.push_back('&');
    out.append(n).append("=").append(v);
  }
}

// Trimmed, with every run of white space inside as one space.
void append_folded(std::string& out, std::string_view value) {
  bool gap = false;
  bool any = false;
  for (char c : value) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      gap = any;
      continue;
    }
    if (std::exchange(gap, false)) out.push_back(' ');
    out.push_back(c);
    any = true;
  }
}

void append_header(std::string& out, const Headers& headers, std::string_view name) {
  out.append(name).push_back(':');
  bool first = true;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const Headers::Field f = headers.at(i);
    if (!equals_ignore_case(f.name, name)) continue;
    if (!std::exchange(first, false)) out.push_back(',');
    append_folded(out, f.value);
  }
  out.push_back('\n');
}

ByteView key_bytes(const SigningKey& key) {
  return ByteView(key.data(), key.size());
}

}  // namespace

std::string canonical_request(const HttpRequest& request,
                              const std::vector<std::string>& signed_headers,
                              std::string_view body_hash, CanonicalRules rules) {
  std::string out;
  out.reserve(512 + request.target.size());
  out.append(request.method).push_back('\n');
  append_path(out, request.path(), rules);
  out.push_back('\n');
  append_query(out, request.query());
  out.push_back('\n');
  for (const std::string& name : signed_headers) append_header(out, request.headers, name);
  out.push_back('\n');
  for (std::size_t i = 0; i < signed_headers.size(); ++i) {
    if (i != 0) out.push_back(';');
    out.append(signed_headers[i]);
  }
  out.push_back('\n');
  out.append(body_hash);
  return out;
}

std::string string_to_sign(std::string_view timestamp, std::string_view scope,
                           std::string_view canonical) {
  std::string out;
  out.reserve(kSigV4Algorithm.size() + timestamp.size() + scope.size() + 70);
  out.append(kSigV4Algorithm).append("\n").append(timestamp).append("\n").append(scope);
  out.append("\n").append(sha256_hex(canonical));
  return out;
}

std::string sha256_hex(std::string_view data) {
  const crypto::Sha256Sum sum = crypto::sha256(data);
  return to_hex(sum);
}

std::string sign_string(const SigningKey& key, std::string_view text) {
  const crypto::Sha256Sum sum = crypto::hmac_sha256(key_bytes(key), as_bytes(text));
  return to_hex(sum);
}

SigningKey derive_signing_key(const SecretString& secret, std::string_view date,
                              std::string_view region, std::string_view service) {
  std::string seed = "AWS4";
  seed.reserve(4 + secret.reveal().size());
  seed.append(secret.reveal());
  SigningKey key = crypto::hmac_sha256(as_bytes(seed), as_bytes(date));
  wipe(seed.data(), seed.size());
  for (std::string_view part : {region, service, std::string_view("aws4_request")})
    key = crypto::hmac_sha256(key_bytes(key), as_bytes(part));
  return key;
}

}  // namespace sallyport::http
