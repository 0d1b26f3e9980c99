#include "config/store_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "config/toml_text.h"

namespace sallyport::config {
namespace {

constexpr std::size_t kMaxStoreName = 64;
constexpr std::size_t kMaxPattern = 255;
constexpr std::int64_t kMaxConnections = 4096;

using StoreMember =
    std::variant<std::string StoreSection::*, bool StoreSection::*, SecretString StoreSection::*>;

struct StoreRow {
  std::string_view name;
  StoreMember member;
  std::string_view choices;  // separated by '|'; empty: any text
  std::string_view meaning;
};

constexpr StoreRow kStoreRows[] = {
    {"endpoint", &StoreSection::endpoint, "",
     "URL of the store, http or https, without a path. Needed"},
    {"region", &StoreSection::region, "", "Region of its buckets, as signatures name it"},
    {"addressing", &StoreSection::addressing, "path|virtual",
     "Where the bucket is named: path for ENDPOINT/BUCKET, virtual for BUCKET.ENDPOINT"},
    {"ca_file", &StoreSection::ca_file, "",
     "PEM file of the authorities that are trusted; empty: the system's"},
    {"credentials", &StoreSection::credentials, "static|environment|file|web-identity|instance",
     "Where this program's own keys to the store come from"},
    {"access_key_id", &StoreSection::access_key_id, "", "Of static credentials"},
    {"secret_access_key", &StoreSection::secret_access_key, "", "Of static credentials"},
    {"secret_access_key_file", &StoreSection::secret_access_key_file, "",
     "File with the secret of static credentials, in place of the secret itself"},
    {"profile", &StoreSection::profile, "", "Profile in the credentials file"},
    {"credentials_file", &StoreSection::credentials_file, "",
     "File of credentials = \"file\"; empty: AWS_SHARED_CREDENTIALS_FILE, else ~/.aws/credentials"},
    {"web_identity_token_file", &StoreSection::web_identity_token_file, "",
     "File with the token of web-identity credentials; read again at each use"},
    {"role_arn", &StoreSection::role_arn, "", "Role that the web identity assumes"},
    {"sts", &StoreSection::sts, "",
     "true: users' roles are assumed at the store's STS, and the store enforces them; false: they "
     "are evaluated here"},
    {"sts_endpoint", &StoreSection::sts_endpoint, "",
     "URL of the STS; empty: https://sts.REGION.amazonaws.com for Amazon S3, else the endpoint"},
    {"role_accounts", &StoreSection::role_accounts, "|keep|drop",
     "drop: the account number is taken out of users' role ARNs for the STS, as Ceph wants it; "
     "empty: keep for Amazon S3, else drop"},
    {"encryption", &StoreSection::encryption, "|AES256|aws:kms",
     "Encryption asked for with each new object; empty: as the bucket says"},
    {"kms_key_id", &StoreSection::kms_key_id, "",
     "Key of encryption aws:kms; empty: the account's own for S3"},
    {"acl", &StoreSection::acl,
     "|private|public-read|public-read-write|aws-exec-read|authenticated-read|bucket-owner-read|"
     "bucket-owner-full-control",
     "Canned ACL given to each new object; empty: none"},
    {"checksum", &StoreSection::checksum, "|crc32c|md5|none",
     "Checksum sent with each upload for the store to compare, which buckets with object lock may "
     "ask for; empty: crc32c for Amazon S3, else none"},
};

constexpr std::string_view kBucketsMeaning =
    "Buckets that are in this store: names with * and ?; the closest one of all sections counts";
constexpr std::string_view kConnectionsMeaning = "Most connections of one event loop to the store";

Error wrong_store(std::string_view name, std::string_view right) {
  return Error(Errc::kInvalidArgument, fmt::format("setting '{}': {}", name, right));
}

bool is_choice(std::string_view choices, std::string_view value) {
  while (true) {
    const auto bar = choices.find('|');
    if (choices.substr(0, bar) == value) return true;
    if (bar == std::string_view::npos) return false;
    choices.remove_prefix(bar + 1);
  }
}

bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

// Of all members: they become headers, signatures and file names.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

bool has_letters_of(std::string_view text, std::string_view more) {
  return std::all_of(text.begin(), text.end(), [more](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           more.find(c) != std::string_view::npos;
  });
}

Result<void> read_member(const std::string& name, const StoreRow& row, const toml::node& value,
                         StoreSection& section) {
  if (const auto* flag = std::get_if<bool StoreSection::*>(&row.member)) {
    const auto given = value.value_exact<bool>();
    if (!given) return wrong_store(name, "true or false is expected");
    section.** flag = *given;
    return ok();
  }
  const auto text = value.value_exact<std::string>();
  if (!text) return wrong_store(name, "a text in quotes is expected");
  if (!is_plain(*text)) return wrong_store(name, "control characters are not accepted");
  if (const auto* secret = std::get_if<SecretString StoreSection::*>(&row.member)) {
    section.** secret = SecretString(*text);
    return ok();
  }
  if (!row.choices.empty() && !is_choice(row.choices, *text))
    return wrong_store(name,
                       fmt::format("'{}' is not one of {}{}", *text,
                                   row.choices.starts_with('|') ? "(empty)" : "", row.choices));
  section.*std::get<std::string StoreSection::*>(row.member) = *text;
  return ok();
}

Result<void> read_buckets(const std::string& name, const toml::node& value, StoreSection& section) {
  const std::string_view right =
      "a list of bucket names in quotes is expected, which may hold * and ?";
  const toml::array* const list = value.as_array();
  if (list == nullptr || list->empty()) return wrong_store(name, right);
  section.buckets.clear();
  for (const toml::node& item : *list) {
    const auto text = item.value_exact<std::string>();
    if (!text || text->empty() || text->size() > kMaxPattern || !has_letters_of(*text, "-._*?"))
      return wrong_store(name, right);
    section.buckets.push_back(*text);
  }
  return ok();
}

// http://HOST[:PORT], with a path only where `path` is true. What http/url.h makes of it is checked
// when the store is set up.
Result<void> check_url(const std::string& name, std::string& url, bool path) {
  std::string_view rest = url;
  for (const std::string_view scheme : {"http://", "https://"})
    if (rest.starts_with(scheme)) rest.remove_prefix(scheme.size());
  const bool has_scheme = rest.size() != url.size();
  if (!path && rest.ends_with('/')) rest.remove_suffix(1);
  const auto host = rest.substr(0, rest.find('/'));
  const bool no_more = path ? rest.find_first_of("?#@") == std::string_view::npos
                            : rest.find_first_of("/?#@") == std::string_view::npos;
  if (!has_scheme || host.empty() || !is_visible(rest) || !no_more)
    return wrong_store(name, fmt::format("'{}' is not a URL such as https://s3.example.org{}", url,
                                         path ? "" : " without a path"));
  if (!path && url.ends_with('/')) url.pop_back();
  return ok();
}

Result<void> check_credentials(const std::string& name, const StoreSection& s) {
  const StoreSection none;
  const std::string_view from = s.credentials;
  struct Belongs {
    std::string_view member, to;
    bool given;
  };
  const Belongs all[] = {
      {"access_key_id", "static", !s.access_key_id.empty()},
      {"secret_access_key", "static", !s.secret_access_key.empty()},
      {"secret_access_key_file", "static", !s.secret_access_key_file.empty()},
      {"profile", "file", s.profile != none.profile},
      {"credentials_file", "file", !s.credentials_file.empty()},
      {"web_identity_token_file", "web-identity", !s.web_identity_token_file.empty()},
      {"role_arn", "web-identity", !s.role_arn.empty()},
  };
  for (const Belongs& one : all)
    if (one.given && one.to != from)
      return wrong_store(
          fmt::format("{}.{}", name, one.member),
          fmt::format("it belongs to credentials = \"{}\", and they are \"{}\"", one.to, from));
  if (from == "static") {
    if (s.access_key_id.empty() || !is_visible(s.access_key_id))
      return wrong_store(name + ".access_key_id",
                         "static credentials need one; or say where others come from with "
                         "credentials");
    if (s.secret_access_key.empty() == s.secret_access_key_file.empty())
      return wrong_store(name + ".secret_access_key",
                         "static credentials need it or secret_access_key_file, and not both");
  }
  if (from == "file" && s.profile.empty())
    return wrong_store(name + ".profile", "file credentials need a name");
  if (from == "web-identity") {
    if (s.web_identity_token_file.empty())
      return wrong_store(name + ".web_identity_token_file", "web-identity credentials need it");
    if (!s.role_arn.starts_with("arn:"))
      return wrong_store(name + ".role_arn",
                         "web-identity credentials need the role's ARN, arn:aws:iam::…:role/NAME");
  }
  return ok();
}

Result<void> check_store(const std::string& name, StoreSection& s) {
  TRY(check_url(name + ".endpoint", s.endpoint, false));
  if (!s.sts_endpoint.empty()) TRY(check_url(name + ".sts_endpoint", s.sts_endpoint, true));
  if (s.region.empty() || s.region.size() > kMaxStoreName || !has_letters_of(s.region, "-_."))
    return wrong_store(name + ".region", "a region's name is expected, such as us-east-1");
  if (!s.kms_key_id.empty() && s.encryption != "aws:kms")
    return wrong_store(name + ".kms_key_id", "it belongs to encryption = \"aws:kms\"");
  if (!is_visible(s.kms_key_id))
    return wrong_store(name + ".kms_key_id", "a key's id, ARN or alias is expected");
  if (!s.sts && (!s.sts_endpoint.empty() || !s.role_accounts.empty()))
    return wrong_store(name + ".sts", "false, though sts_endpoint or role_accounts is given");
  return check_credentials(name, s);
}

std::string member_names() {
  std::string out = "buckets";
  for (const StoreRow& row : kStoreRows) out += fmt::format(", {}", row.name);
  return out + ", connections";
}

Result<StoreSection> read_store(const std::string& name, const toml::node& value) {
  const toml::table* const table = value.as_table();
  if (table == nullptr) return wrong_store(name, "a table is expected");
  StoreSection section;
  for (const auto& [key, member] : *table) {
    const std::string full_name = fmt::format("{}.{}", name, key.str());
    const auto row = std::find_if(std::begin(kStoreRows), std::end(kStoreRows),
                                  [key = key.str()](const StoreRow& r) { return r.name == key; });
    if (row != std::end(kStoreRows)) {
      TRY(read_member(full_name, *row, member, section));
    } else if (key == "buckets") {
      TRY(read_buckets(full_name, member, section));
    } else if (key == "connections") {
      const auto number = member.value_exact<std::int64_t>();
      if (!number || *number < 1 || *number > kMaxConnections)
        return wrong_store(full_name,
                           fmt::format("a whole number from 1 to {} is expected", kMaxConnections));
      section.connections = *number;
    } else {
      return wrong_store(full_name, fmt::format("no such setting; a store has {}", member_names()));
    }
  }
  TRY(check_store(name, section));
  return section;
}

// Which of two sections is meant could not be told.
Result<void> check_patterns_differ(const StoreSections& stores) {
  std::map<std::string_view, std::string_view> taken;
  for (const auto& [name, section] : stores) {
    for (const std::string& pattern : section.buckets) {
      const auto [at, first] = taken.try_emplace(pattern, name);
      if (!first && at->second != name)
        return wrong_store(fmt::format("stores.{}.buckets", name),
                           fmt::format("'{}' stands in stores.{} as well; if there are no buckets "
                                       "in a section, it has '*'",
                                       pattern, at->second));
    }
  }
  return ok();
}

std::string member_text(const StoreSection& s, const StoreRow& row) {
  if (const auto* flag = std::get_if<bool StoreSection::*>(&row.member))
    return s.**flag ? "true" : "false";
  if (const auto* secret = std::get_if<SecretString StoreSection::*>(&row.member))
    return (s.**secret).empty() ? "\"\"" : "\"(hidden)\"";
  return quoted(s.*std::get<std::string StoreSection::*>(row.member));
}

std::string buckets_text(const StoreSection& section) {
  std::string out;
  for (const std::string& one : section.buckets) out += (out.empty() ? "" : ", ") + quoted(one);
  return "[" + out + "]";
}

}  // namespace

Result<void> read_stores(const toml::node& value, StoreSections& out) {
  const toml::table* const table = value.as_table();
  if (table == nullptr) return wrong_store("stores", "a table for each store is expected");
  for (const auto& [key, section] : *table) {
    const std::string id(key.str());
    const std::string name = "stores." + id;
    if (id.empty() || id.size() > kMaxStoreName || !has_letters_of(id, "-_"))
      return wrong_store(name, "a store's name has letters, digits, - and _, 64 at most");
    TRY_ASSIGN(out[id], read_store(name, section));
  }
  return check_patterns_differ(out);
}

std::string print_stores(const StoreSections& stores) {
  const StoreSection defaults;
  std::string out =
      "# Of S3 stores elsewhere, a section each; buckets that are in none of them are in DATA_DIR. "
      "What may stand\n# in one:\n# [stores.NAME]\n";
  out += fmt::format("# # {}.\n# buckets = {}\n", kBucketsMeaning, buckets_text(defaults));
  for (const StoreRow& row : kStoreRows) {
    out += fmt::format("# # {}.", row.meaning);
    if (!row.choices.empty())
      out +=
          fmt::format(" One of {}{}.", row.choices.starts_with('|') ? "(empty)" : "", row.choices);
    out += fmt::format("\n# {} = {}\n", row.name, member_text(defaults, row));
  }
  out += fmt::format("# # {}; from 1 to {}.\n# connections = {}\n\n", kConnectionsMeaning,
                     kMaxConnections, defaults.connections);
  for (const auto& [name, section] : stores) {
    out += fmt::format("[stores.{}]\n# {}. Source: file.\nbuckets = {}\n", name, kBucketsMeaning,
                       buckets_text(section));
    for (const StoreRow& row : kStoreRows) {
      const std::string text = member_text(section, row);
      if (text == member_text(defaults, row)) continue;
      const bool secret = std::holds_alternative<SecretString StoreSection::*>(row.member);
      out += fmt::format("# {}. Source: file.\n{}{} = {}\n", row.meaning, secret ? "# " : "",
                         row.name, text);
    }
    out += fmt::format("connections = {}\n\n", section.connections);
  }
  return out;
}

}  // namespace sallyport::config
