#include "ssh/certificate.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace sallyport::ssh {
namespace {

constexpr std::string_view kSuffix = "-cert-v01@openssh.com";
constexpr std::uint32_t kUserCertificate = 1;
constexpr std::size_t kMaxPrincipals = 256;
constexpr std::size_t kMaxOptions = 64;
constexpr std::size_t kMaxSourceNetworks = 256;

Error refused_certificate() {
  return Error(Errc::kInvalidArgument, "Unsupported or invalid SSH certificate format");
}

Error denied(std::string why) {
  return Error(Errc::kPermissionDenied, std::move(why));
}

// The name in front of the suffix, or an empty view.
std::string_view plain_name(std::string_view name) {
  if (!name.ends_with(kSuffix)) return {};
  return name.substr(0, name.size() - kSuffix.size());
}

// How many strings make up the public key of a type, behind the nonce.
int key_fields(std::string_view key_type) {
  if (key_type == "ssh-ed25519") return 1;
  return key_type_of_signature_algorithm(key_type).empty() ? 0 : 2;
}

// A list of strings inside a string; nullopt when it is malformed or too long.
std::optional<std::vector<std::string>> read_names(ByteView list) {
  ByteReader reader(list);
  std::vector<std::string> out;
  while (reader.remaining() > 0) {
    out.emplace_back(reader.text());
    if (reader.failed() || out.size() > kMaxPrincipals) return std::nullopt;
  }
  return out;
}

bool any_holds(const std::vector<net::Cidr>& networks, const net::IpAddress& address) {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const net::Cidr& network) { return network.contains(address); });
}

// "10.0.0.0/8,2001:db8::/32"; nullopt when any part of it is malformed.
std::optional<std::vector<net::Cidr>> read_networks(ByteView data) {
  ByteReader reader(data);
  std::string_view rest = reader.text();
  if (!reader.done()) return std::nullopt;
  std::vector<net::Cidr> out;
  for (;;) {
    const std::size_t comma = rest.find(',');
    auto network = net::Cidr::parse(rest.substr(0, comma));
    if (!network.ok() || out.size() == kMaxSourceNetworks) return std::nullopt;
    out.push_back(*network);
    if (comma == std::string_view::npos) return out;
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace

std::string_view signature_algorithm_of_certificate(std::string_view algorithm) {
  const std::string_view plain = plain_name(algorithm);
  if (plain == "ssh-rsa" || key_type_of_signature_algorithm(plain).empty()) return {};
  return plain;
}

Result<Certificate> Certificate::parse(ByteView blob) {
  ByteReader reader(blob);
  const std::string_view key_type = plain_name(reader.text());
  const int fields = key_fields(key_type);
  // A key's type is what it is called in its own blob: "rsa-sha2-512" is none.
  if (fields == 0 || key_type_of_signature_algorithm(key_type) != key_type)
    return refused_certificate();
  (void)reader.string();  // nonce
  ByteWriter plain;
  plain.string(key_type);
  for (int i = 0; i < fields; ++i) plain.string(reader.string());

  const std::uint64_t serial = reader.u64();
  const std::uint32_t type = reader.u32();
  (void)reader.string();  // key id
  const ByteView principals = reader.string();
  const std::uint64_t valid_after = reader.u64();
  const std::uint64_t valid_before = reader.u64();
  ByteReader options(reader.string());
  ByteReader extensions(reader.string());
  (void)reader.string();  // reserved
  const ByteView authority = reader.string();
  const std::size_t signed_size = blob.size() - reader.remaining();
  const ByteView signature = reader.string();
  if (!reader.done()) return refused_certificate();

  auto key = PublicKey::from_blob(plain.bytes());
  auto signer = PublicKey::from_blob(authority);
  auto names = read_names(principals);
  if (!key.ok() || !signer.ok() || !names) return refused_certificate();

  Certificate out(std::move(*key), std::move(*signer));
  while (options.remaining() > 0) {
    Option option{std::string(options.text()), to_bytes(options.string())};
    if (options.failed() || out.critical_options_.size() == kMaxOptions)
      return refused_certificate();
    if (!out.critical_options_.empty() && option.name <= out.critical_options_.back().name)
      return refused_certificate();
    out.critical_options_.push_back(std::move(option));
  }
  while (extensions.remaining() > 0) {
    (void)extensions.string();
    (void)extensions.string();
    if (extensions.failed()) return refused_certificate();
  }
  out.serial_ = serial;
  out.type_ = type;
  out.principals_ = std::move(*names);
  out.valid_after_ = valid_after;
  out.valid_before_ = valid_before;
  out.signed_part_ = to_bytes(blob.first(signed_size));
  out.signature_ = to_bytes(signature);
  return out;
}

bool Certificate::is_signed_by_one_of(std::span<const PublicKey> trusted) const {
  if (std::find(trusted.begin(), trusted.end(), authority_) == trusted.end()) return false;
  const auto algorithms = signature_algorithms_of_key_type(authority_.type());
  return std::any_of(algorithms.begin(), algorithms.end(), [&](const std::string& algorithm) {
    return authority_.verify(algorithm, signed_part_, signature_, RsaSha1::kRefused);
  });
}

Result<void> Certificate::check(std::string_view user, const net::IpAddress& source,
                                WallTime now) const {
  if (type_ != kUserCertificate) return denied("it is not a user certificate");
  const auto since_1970 = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  const auto time = static_cast<std::uint64_t>(std::max<std::int64_t>(since_1970, 0));
  if (time < valid_after_) return denied("it is not valid yet");
  if (time >= valid_before_) return denied("it has expired");
  if (std::find(principals_.begin(), principals_.end(), user) == principals_.end())
    return denied("the user is not among its principals");
  for (const Option& option : critical_options_) {
    if (option.name == "force-command") return denied("it has a force-command");
    if (option.name != "source-address") return denied("it has a critical option not known here");
    const auto networks = read_networks(option.data);
    if (!networks) return denied("its source-address is malformed");
    if (!any_holds(*networks, source)) return denied("its source-address does not hold the client");
  }
  return ok();
}

}  // namespace sallyport::ssh
