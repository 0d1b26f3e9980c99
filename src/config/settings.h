// Every setting of the program, declared once: type and default here, name, unit, bounds and words in
// the table of settings.cc. Plain data once loaded; immutable while serving.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "config/store_section.h"

namespace sallyport::config {

// Limits of one user; 0: none; absent: as for the other users.
struct UserLimitSettings {
  std::optional<std::int64_t> max_sessions;
  std::optional<std::int64_t> bandwidth_in, bandwidth_out;  // bytes a second
  std::optional<std::int64_t> upload_bytes_per_day, upload_files_per_day;
};

// What the configuration file says of one server: [servers."s-…"], or [servers.default] for all others.
struct ServerSection {
  std::vector<std::string> allow;  // networks that may connect; empty: everyone
  // Public keys, one line each, of the authorities whose certificates let users in.
  std::vector<std::string> trusted_user_ca;
  std::string compatibility;       // "strict" or "extended"; empty: not said
  UserLimitSettings user_limits;   // of every user
  std::map<std::string, UserLimitSettings> users;  // of those named, in place of the above
};

// What it says of a file system of servers whose Domain is EFS: [file_systems."fs-…"].
struct FileSystemSection {
  std::string path;  // absolute
};

struct Settings {
  std::string data_dir = "sallyport-data";
  std::string region = "us-east-1";
  std::string account = "000000000000";

  std::string api_listen = "127.0.0.1:4566";
  bool api_allow_plain_http = false;
  bool api_allow_vpc_endpoint_type = false;
  std::int64_t api_rate = 0;
  std::int64_t api_burst = 100;

  std::string root_access_key_id;
  SecretString root_secret_access_key;
  SecretString master_key;

  std::string sftp_address = "127.0.0.1";
  std::string sftp_ports = "2222,2200-2299";
  std::string sftp_ident = "SSH-2.0-AWS_SFTP_1.1";
  std::int64_t sftp_login_timeout = 120;
  std::int64_t sftp_idle_timeout = 1800;
  std::int64_t sftp_dead_peer_timeout = 300;
  std::int64_t sftp_max_auth_attempts = 6;
  std::int64_t sftp_source_failures_slow = 30;
  std::int64_t sftp_source_failures_refuse = 200;
  std::int64_t sftp_source_failures_window = 600;
  std::int64_t sftp_source_delay = 2;
  std::string sftp_trusted_sources = "127.0.0.0/8,::1/128";
  bool sftp_announce_extensions = true;

  SecretString state_database;

  std::int64_t shutdown_grace = 10;

  std::string storage_sync = "full";
  std::int64_t storage_scan_interval = 60;
  std::int64_t storage_direct_from = std::int64_t(8) << 20;
  std::int64_t storage_upload_memory = std::int64_t(40) << 20;
  std::int64_t storage_download_memory = std::int64_t(32) << 20;
  std::int64_t storage_sweep_interval = 600;
  std::int64_t storage_spool_bytes = std::int64_t(4) << 30;
  std::int64_t storage_spool_file_bytes = std::int64_t(1) << 30;

  std::int64_t threads_loops = 0;
  std::int64_t threads_disk = 4;
  std::int64_t threads_crypto = 2;
  std::int64_t threads_files = 4;

  std::string log_level = "info";
  std::int64_t log_retention = 30;
  std::int64_t log_max_bytes = 1 << 30;
  std::int64_t log_queue_lines = 65536;

  bool audit_data_events = true;

  std::string hardening_seccomp = "on";

  bool events_file_events = true;

  std::string limits_profile = "seed";
  // Quotas in place of the profile's; 0: as the profile says.
  std::int64_t limits_servers = 0;
  std::int64_t limits_users_per_server = 0;
  std::int64_t limits_ssh_keys_per_user = 0;
  std::int64_t limits_home_directory_mappings = 0;
  std::int64_t limits_accesses_per_server = 0;
  std::int64_t limits_agreements_per_server = 0;
  std::int64_t limits_certificates = 0;
  std::int64_t limits_connectors = 0;
  std::int64_t limits_profiles = 0;
  std::int64_t limits_workflows = 0;
  std::int64_t limits_web_apps = 0;

  std::map<std::string, ServerSection> servers;
  std::map<std::string, StoreSection> stores;  // S3 stores elsewhere, by name
  std::map<std::string, FileSystemSection> file_systems;  // by id

  // The section of a server: its own, else "default", else an empty one.
  const ServerSection& server_section(const std::string& server_id) const;
};

// Where a value came from.
enum class Source : std::uint8_t { kDefault, kFile, kEnvironment, kCommandLine };

// One value given on the command line: a setting's name and its text.
struct Given {
  std::string name;
  std::string value;
};

struct Loaded {
  Settings settings;
  std::map<std::string, Source> sources;  // by setting name; absent: default
};

// Reads defaults, then the TOML file (`file` empty: none), then the environment (SALLYPORT_ and the
// name in capitals, dots as underscores), then `given`. Errors: kInvalidArgument naming the setting,
// what was wrong and what would be right; kNotFound (no such file).
Result<Loaded> load(const std::string& file, const std::vector<Given>& given);

// Every setting with value, unit, bounds, source and meaning, as TOML with comments; secrets hidden.
std::string print(const Loaded& loaded);

// "2222,2200-2299" in the order given, without repeats. Errors: kInvalidArgument.
Result<std::vector<std::uint16_t>> parse_ports(const std::string& text);

}  // namespace sallyport::config
