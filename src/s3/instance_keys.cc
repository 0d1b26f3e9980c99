#include <algorithm>
#include <array>
#include <utility>

#include "http/url.h"
#include "s3/key_file.h"
#include "s3/key_sources.h"
#include "s3/renewed_keys.h"
#include "s3/sts_answer.h"

namespace sallyport::s3 {
namespace {

constexpr std::string_view kMetadataService = "http://169.254.169.254";
constexpr std::string_view kContainerService = "http://169.254.170.2";
constexpr std::string_view kRolePath = "/latest/meta-data/iam/security-credentials/";
constexpr std::size_t kMaxMetadataToken = 4096;
constexpr std::size_t kMaxRoleName = 256;

bool is_plain_word(std::string_view text, std::size_t most) {
  return !text.empty() && text.size() <= most &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

// Requests to a service that is near and small.
class MetadataCaller {
 public:
  // `secret_paths`: who knows one can have the keys, so that no error names it.
  MetadataCaller(http::Url at, std::string_view name, bool secret_paths, http::ClientPool& pool)
      : at_(std::move(at)),
        name_(std::string(name) + " at " + at_.authority()),
        secret_paths_(secret_paths),
        pool_(pool) {}

  // The body of a 200.
  Task<Result<std::string>> call(std::string method, std::string target, http::Headers headers) {
    http::PooledRequest pooled;
    pooled.origin = http::Origin::of(at_);
    pooled.request.method = std::move(method);
    pooled.request.target = std::move(target);
    pooled.request.headers = std::move(headers);
    pooled.request.headers.add("Host", at_.authority());
    pooled.repeatable = true;
    auto response = co_await pool_.send(pooled);
    if (!response.ok()) {
      Error error = std::move(response).error();
      const bool known = error.code == Errc::kTimeout || error.code == Errc::kCancelled;
      if (!known) error.code = Errc::kUnavailable;
      co_return std::move(error).with_context(name_);
    }
    if (response->status != 200) co_return refusal(response->status, pooled.request);
    co_return std::move(response->body);
  }
  Error with_name(Error error) const { return std::move(error).with_context(name_); }
  const http::Url& at() const { return at_; }

 private:
  Error refusal(int status, const http::HttpRequest& request) const {
    const Errc code = status == 401 || status == 403 ? Errc::kPermissionDenied : Errc::kUnavailable;
    std::string text = name_ + " answers " + std::to_string(status);
    if (!secret_paths_) text += " to " + request.method + " " + std::string(request.path());
    return Error(code, std::move(text));
  }

  const http::Url at_;
  const std::string name_;
  const bool secret_paths_;
  http::ClientPool& pool_;
};

class InstanceKeys final : public KeyFetcher {
 public:
  InstanceKeys(http::Url at, const KeyTools& tools)
      : caller_(std::move(at), "the instance metadata service", false, tools.pool) {}

  Task<Result<FetchedKeys>> fetch() override {
    // A token costs one request more each time, and hours pass between these.
    http::Headers lifetime;
    lifetime.add("X-aws-ec2-metadata-token-ttl-seconds", "300");
    CO_TRY_ASSIGN(const std::string token,
                  co_await caller_.call("PUT", "/latest/api/token", std::move(lifetime)));
    if (!is_plain_word(token, kMaxMetadataToken))
      co_return caller_.with_name(Error(Errc::kUnavailable, "it gives no token"));
    http::Headers with_token;
    with_token.add("X-aws-ec2-metadata-token", token);
    std::string path(kRolePath);
    CO_TRY_ASSIGN(const std::string listed, co_await caller_.call("GET", path, with_token));
    const std::string_view role =
        trimmed_key(std::string_view(listed).substr(0, listed.find('\n')));
    if (!is_plain_word(role, kMaxRoleName) || role.find_first_of("/?#%") != std::string_view::npos)
      co_return caller_.with_name(Error(Errc::kUnavailable, "the instance has no role"));
    path += role;
    CO_TRY_ASSIGN(const std::string body, co_await caller_.call("GET", path, with_token));
    auto keys = parse_metadata_keys(body);
    if (!keys.ok()) co_return caller_.with_name(std::move(keys).error());
    co_return FetchedKeys{std::move(*keys), std::nullopt};
  }

 private:
  MetadataCaller caller_;
};

class ContainerKeys final : public KeyFetcher {
 public:
  ContainerKeys(http::Url at, SecretString token, std::string token_file, const KeyTools& tools)
      : caller_(std::move(at), "the container's credentials service", true, tools.pool),
        token_(std::move(token)),
        token_file_(std::move(token_file)),
        files_(tools.files) {}

  Task<Result<FetchedKeys>> fetch() override {
    SecretString token = token_;
    if (!token_file_.empty()) {
      CO_TRY_ASSIGN(const KeyFile file, co_await read_key_file(token_file_, std::nullopt, files_));
      token = SecretString(std::string(trimmed_key(file.text->reveal())));
      if (!is_plain_token(token.reveal()))
        co_return Error(Errc::kInvalidArgument, "the file " + token_file_ + " holds no token");
    }
    http::Headers headers;
    if (!token.empty()) headers.add("Authorization", token.reveal());
    CO_TRY_ASSIGN(const std::string body,
                  co_await caller_.call("GET", caller_.at().target, std::move(headers)));
    auto keys = parse_metadata_keys(body);
    if (!keys.ok()) co_return caller_.with_name(std::move(keys).error());
    co_return FetchedKeys{std::move(*keys), std::nullopt};
  }

  // "Basic abc=": a header's value.
  static bool is_plain_token(std::string_view text) {
    return !text.empty() && text.size() <= kMaxSessionTokenBytes &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  }

 private:
  MetadataCaller caller_;
  const SecretString token_;
  const std::string token_file_;
  net::BlockingPool& files_;
};

// The token must not go in the clear to whoever a variable names.
bool is_near(const http::Url& url) {
  if (url.scheme == "https" || url.host == "localhost") return true;
  for (const char* host : {"169.254.170.2", "169.254.170.23", "fd00:ec2::23"})
    if (url.host == host) return true;
  const auto address = net::IpAddress::parse(url.host);
  return address.ok() && address->is_loopback();
}

Result<http::Url> url_in(const std::string& text, std::string_view variable) {
  auto url = http::parse_url(text);
  if (!url.ok())
    return Error(Errc::kInvalidArgument,
                 "the environment variable " + std::string(variable) + ": " + url.error().message);
  return url;
}

Result<std::unique_ptr<KeySource>> container_keys(http::Url at, const Environment& environment,
                                                  const KeyTools& tools) {
  std::string token = environment("AWS_CONTAINER_AUTHORIZATION_TOKEN").value_or("");
  if (!token.empty() && !ContainerKeys::is_plain_token(token))
    return Error(Errc::kInvalidArgument,
                 "the environment variable AWS_CONTAINER_AUTHORIZATION_TOKEN is no header's value");
  auto fetcher = std::make_unique<ContainerKeys>(
      std::move(at), SecretString(std::move(token)),
      environment("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE").value_or(""), tools);
  return std::unique_ptr<KeySource>(std::make_unique<RenewedKeys>(std::move(fetcher), tools.clock));
}

}  // namespace

Result<std::unique_ptr<KeySource>> instance_keys(const Environment& environment,
                                                 const KeyTools& tools) {
  constexpr const char* kRelative = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
  constexpr const char* kFull = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
  constexpr const char* kEndpoint = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
  if (const auto relative = environment(kRelative)) {
    if (!relative->starts_with('/'))
      return Error(Errc::kInvalidArgument,
                   "the environment variable " + std::string(kRelative) + " is no path");
    TRY_ASSIGN(http::Url url, url_in(std::string(kContainerService) + *relative, kRelative));
    return container_keys(std::move(url), environment, tools);
  }
  if (const auto full = environment(kFull)) {
    TRY_ASSIGN(http::Url url, url_in(*full, kFull));
    if (!is_near(url))
      return Error(Errc::kInvalidArgument,
                   "the environment variable " + std::string(kFull) +
                       ": plain http goes to this host and the services of ECS and EKS only");
    return container_keys(std::move(url), environment, tools);
  }
  TRY_ASSIGN(http::Url url,
             url_in(environment(kEndpoint).value_or(std::string(kMetadataService)), kEndpoint));
  auto fetcher = std::make_unique<InstanceKeys>(std::move(url), tools);
  return std::unique_ptr<KeySource>(std::make_unique<RenewedKeys>(std::move(fetcher), tools.clock));
}

}  // namespace sallyport::s3
