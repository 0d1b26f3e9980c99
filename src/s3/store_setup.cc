#include "s3/store_setup.h"

#include <utility>

#include "s3/bucket_regions.h"

namespace sallyport::s3 {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Error about(const std::string& name, std::string_view member, Error error) {
  error.code = Errc::kInvalidArgument;
  return std::move(error).with_context("setting 'stores." + name + "." + std::string(member) + "'");
}

Result<http::Url> url_of(const std::string& name, std::string_view member,
                         const std::string& text) {
  auto url = http::parse_url(text);
  if (!url.ok()) return about(name, member, std::move(url).error());
  return url;
}

Result<std::string> default_credentials_file(const std::string& name,
                                             const Environment& environment) {
  if (const auto file = environment("AWS_SHARED_CREDENTIALS_FILE")) return *file;
  if (const auto home = environment("HOME")) return *home + "/.aws/credentials";
  return about(name, "credentials_file",
               Error(Errc::kInvalidArgument,
                     "give one: neither AWS_SHARED_CREDENTIALS_FILE nor "
                     "HOME is set"));
}

}  // namespace

Result<Place> place_of(const std::string& name, const config::StoreSection& section) {
  Place out;
  out.name = name;
  TRY_ASSIGN(out.endpoint, url_of(name, "endpoint", section.endpoint));
  out.region = section.region;
  out.addressing = section.addressing == "virtual" ? Addressing::kVirtualHost : Addressing::kPath;
  return out;
}

Result<BodyCheck> body_check_of(const std::string& name, const config::StoreSection& section) {
  if (section.checksum == "none") return BodyCheck::kNone;
  if (section.checksum == "crc32c") return BodyCheck::kCrc32c;
  if (section.checksum == "md5") {
    if (crypto::digest_available(crypto::DigestKind::kMd5)) return BodyCheck::kMd5;
    return about(name, "checksum",
                 Error(Errc::kInvalidArgument, "this system's OpenSSL has no MD5; say crc32c"));
  }
  TRY_ASSIGN(const http::Url endpoint, url_of(name, "endpoint", section.endpoint));
  return amazon_domain(endpoint.host).empty() ? BodyCheck::kNone : BodyCheck::kCrc32c;
}

Result<StsOptions> sts_options_of(const std::string& name, const config::StoreSection& section) {
  StsOptions out;
  out.region = section.region;
  TRY_ASSIGN(out.endpoint, url_of(name, "endpoint", section.endpoint));
  const std::string_view domain = amazon_domain(out.endpoint.host);
  out.drop_accounts =
      section.role_accounts.empty() ? domain.empty() : section.role_accounts == "drop";
  std::string own = section.sts_endpoint;
  if (own.empty() && !domain.empty())
    own = "https://sts." + section.region + "." + std::string(domain);
  if (!own.empty()) {
    TRY_ASSIGN(out.endpoint, url_of(name, "sts_endpoint", own));
  }
  return out;
}

Result<std::unique_ptr<KeySource>> make_key_source(const std::string& name,
                                                   const config::StoreSection& section,
                                                   const KeyTools& tools,
                                                   const Environment& environment) {
  if (section.credentials == "environment" || section.credentials == "instance") {
    auto made = section.credentials == "environment" ? environment_keys(environment)
                                                     : instance_keys(environment, tools);
    if (!made.ok()) return about(name, "credentials", std::move(made).error());
    return made;
  }
  if (section.credentials == "file") {
    std::string file = section.credentials_file;
    if (file.empty()) {
      TRY_ASSIGN(file, default_credentials_file(name, environment));
    }
    return shared_file_keys(std::move(file), section.profile, tools);
  }
  if (section.credentials == "web-identity") {
    WebIdentityOptions options;
    TRY_ASSIGN(options.sts, sts_options_of(name, section));
    options.role_arn = section.role_arn;
    options.token_file = section.web_identity_token_file;
    return web_identity_keys(std::move(options), tools);
  }
  if (!section.secret_access_key_file.empty())
    return secret_file_keys(section.access_key_id, section.secret_access_key_file, tools);
  return fixed_keys({section.access_key_id, section.secret_access_key, ""});
}

http::PoolOptions key_pool_options() {
  http::PoolOptions out;
  out.max_connections = 8;
  out.client.dial.connect_timeout = milliseconds(3000);
  out.client.dial.handshake_timeout = milliseconds(5000);
  out.client.response_timeout = seconds(10);
  out.client.idle_timeout = seconds(10);
  out.client.max_body = 256 * 1024;
  out.retry.attempts = 3;
  out.retry.total = seconds(15);
  return out;
}

}  // namespace sallyport::s3
