// What the configuration file says of one S3 store elsewhere: [stores.NAME]. Plain data, checked by
// load(): the members that another one asks for are there, those that it excludes are not.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/secret.h"

namespace sallyport::config {

struct StoreSection {
  // Patterns of bucket names, with `*` and `?`. Which of several stores has a bucket:
  // s3/store_choice.h.
  std::vector<std::string> buckets = {"*"};
  std::string endpoint;  // "http://HOST[:PORT]" or "https://…"
  std::string region = "us-east-1";
  std::string addressing = "path";  // or "virtual"
  std::string ca_file;              // PEM; empty: the system's authorities

  // "static", "environment", "file", "web-identity" or "instance".
  std::string credentials = "static";
  std::string access_key_id;
  SecretString secret_access_key;
  std::string secret_access_key_file;
  std::string profile = "default";
  std::string credentials_file;  // empty: AWS_SHARED_CREDENTIALS_FILE, else ~/.aws/credentials
  std::string web_identity_token_file;
  std::string role_arn;  // of the web identity

  bool sts = true;            // the store enforces users' roles; false: they are evaluated here
  std::string sts_endpoint;   // empty: s3/store_setup.h says which
  std::string role_accounts;  // "keep", "drop", or empty: as the endpoint asks for

  std::int64_t connections = 64;  // of one event loop
  std::string encryption;         // "", "AES256" or "aws:kms"
  std::string kms_key_id;
  std::string acl;       // a canned one
  std::string checksum;  // "crc32c", "md5", "none", or empty: as the endpoint asks for
};

}  // namespace sallyport::config
