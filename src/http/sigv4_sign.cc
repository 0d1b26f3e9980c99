#include <algorithm>
#include <array>

#include "http/sigv4.h"
#include "http/sigv4_query.h"

namespace sallyport::http {
namespace {

// Headers that a hop on the way may change, or that are not the request's own.
bool is_signable(std::string_view name) {
  static constexpr std::array<std::string_view, 7> kUnsigned = {
      "authorization",     "connection",     "expect", "user-agent", "te",
      "transfer-encoding", "x-amzn-trace-id"};
  return std::none_of(kUnsigned.begin(), kUnsigned.end(),
                      [&](std::string_view u) { return equals_ignore_case(u, name); });
}

std::vector<std::string> signable_headers(const Headers& headers) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < headers.size(); ++i)
    if (is_signable(headers.at(i).name)) names.push_back(to_lower(headers.at(i).name));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string join(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& n : names) {
    if (!out.empty()) out.push_back(';');
    out.append(n);
  }
  return out;
}

struct Scope {
  std::string timestamp, date, text;
};

Scope scope_of(const SignOptions& options) {
  Scope s;
  s.timestamp = to_iso8601_basic(options.at);
  s.date = s.timestamp.substr(0, 8);
  s.text = s.date + "/" + options.region + "/" + options.service + "/aws4_request";
  return s;
}

std::string signature_of(const HttpRequest& request, const std::vector<std::string>& names,
                         std::string_view body_hash, const Credentials& credentials,
                         const SignOptions& options, const Scope& scope) {
  const bool s3 = options.service == "s3";
  const SigningKey key =
      derive_signing_key(credentials.secret, scope.date, options.region, options.service);
  return sign_string(key, string_to_sign(scope.timestamp, scope.text,
                                         canonical_request(request, names, body_hash, {!s3, !s3})));
}

}  // namespace

void sign(HttpRequest& request, const Credentials& credentials, std::string_view body_hash,
          const SignOptions& options) {
  const Scope scope = scope_of(options);
  Headers& h = request.headers;
  h.remove("Authorization");
  h.set("X-Amz-Date", scope.timestamp);
  if (!credentials.session_token.empty()) h.set("X-Amz-Security-Token", credentials.session_token);
  if (options.service == "s3") h.set("x-amz-content-sha256", body_hash);

  const std::vector<std::string> names = signable_headers(h);
  std::string value(kSigV4Algorithm);
  value.append(" Credential=").append(credentials.access_key).append("/").append(scope.text);
  value.append(", SignedHeaders=").append(join(names));
  value.append(", Signature=")
      .append(signature_of(request, names, body_hash, credentials, options, scope));
  h.add("Authorization", value);
}

void presign(HttpRequest& request, const Credentials& credentials, std::string_view body_hash,
             std::chrono::seconds expires, const SignOptions& options) {
  const Scope scope = scope_of(options);
  const std::vector<std::string> names = signable_headers(request.headers);
  std::string& target = request.target;
  const auto add = [&target](std::string_view name, std::string_view value) {
    target.push_back(target.find('?') == std::string::npos ? '?' : '&');
    target.append(name).append("=");
    append_uri_encoded(target, value, Slash::kEncode);
  };
  add("X-Amz-Algorithm", kSigV4Algorithm);
  add("X-Amz-Credential", credentials.access_key + "/" + scope.text);
  add("X-Amz-Date", scope.timestamp);
  add("X-Amz-Expires", std::to_string(expires.count()));
  if (!credentials.session_token.empty()) add("X-Amz-Security-Token", credentials.session_token);
  add("X-Amz-SignedHeaders", join(names));
  add("X-Amz-Signature", signature_of(request, names, body_hash, credentials, options, scope));
}

}  // namespace sallyport::http
