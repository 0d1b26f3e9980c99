#include "config/settings_table.h"

namespace sallyport::config {
namespace {

using S = Settings;

const Row kRows[] = {
    {"data_dir", &S::data_dir, "", 0, 0, "", "Folder of the state, the buckets, the log and the keys"},
    {"region", &S::region, "", 0, 0, "", "Region named in ARNs and signatures"},
    {"account", &S::account, "", 0, 0, "", "Account number named in ARNs"},
    {"master_key", &S::master_key, "64 hex digits", 0, 0, "",
     "Seals secrets at rest; generated into DATA_DIR/master.key when empty"},

    {"api.listen", &S::api_listen, "", 0, 0, "", "Address and port of the API"},
    {"api.allow_plain_http", &S::api_allow_plain_http, "", 0, 0, "",
     "Let the API listen without TLS on an address that is not loopback"},
    {"api.allow_vpc_endpoint_type", &S::api_allow_vpc_endpoint_type, "", 0, 0, "",
     "Let servers of EndpointType VPC_ENDPOINT be made, as accounts could that had some before May 19, 2021"},
    {"api.rate", &S::api_rate, "calls/second", 0, 1'000'000, "",
     "Calls of one access key to Transfer, IAM, STS and Logs on average, more get ThrottlingException; 0: any number"},
    {"api.burst", &S::api_burst, "calls", 1, 1'000'000, "", "How many of them at once after a pause"},

    {"root.access_key_id", &S::root_access_key_id, "", 0, 0, "",
     "Access key of the root credentials; generated into DATA_DIR/credentials when empty"},
    {"root.secret_access_key", &S::root_secret_access_key, "", 0, 0, "",
     "Secret key of the root credentials"},

    {"sftp.address", &S::sftp_address, "", 0, 0, "", 
     "Addresses that SFTP servers listen on, e.g. 0.0.0.0,::"},
    {"sftp.ports", &S::sftp_ports, "", 0, 0, "",
     "Ports given to SFTP servers in this order, when their tag sallyport:sftp-port names none"},
    {"sftp.ident", &S::sftp_ident, "", 0, 0, "", "SSH identification line (RFC 4253 section 4.2)"},
    {"sftp.login_timeout", &S::sftp_login_timeout, "seconds", 1, 3600, "",
     "Time from connecting to being authenticated"},
    {"sftp.idle_timeout", &S::sftp_idle_timeout, "seconds", 1, 86400, "",
     "Time without a request after which a session ends"},
    {"sftp.dead_peer_timeout", &S::sftp_dead_peer_timeout, "seconds", 2, 86400, "",
     "Time without any sign of life after which a session ends; one is asked for after half of it"},
    {"sftp.max_auth_attempts", &S::sftp_max_auth_attempts, "", 1, 100, "",
     "Refused attempts after which a connection is ended"},
    {"sftp.source_failures_slow", &S::sftp_source_failures_slow, "logins", 0, 1'000'000, "",
     "Failed logins of a source (IPv6: a /64) from which its refusals are answered late; 0: never"},
    {"sftp.source_failures_refuse", &S::sftp_source_failures_refuse, "logins", 0, 1'000'000, "",
     "Failed logins of a source at which its connections are closed at once; 0: never"},
    {"sftp.source_failures_window", &S::sftp_source_failures_window, "seconds", 1, 86400, "",
     "Time in which half of a source's failed logins are forgotten, and for which it is refused"},
    {"sftp.source_delay", &S::sftp_source_delay, "seconds", 0, 30, "",
     "How late the refusals of a slowed source are answered"},
    {"sftp.trusted_sources", &S::sftp_trusted_sources, "", 0, 0, "",
     "Networks, separated by commas, whose failed logins and connections without a user are not counted"},
    {"sftp.announce_extensions", &S::sftp_announce_extensions, "", 0, 0, "",
     "Name limits@openssh.com in the VERSION reply, so that OpenSSH sends larger requests"},

    {"state.database", &S::state_database, "PostgreSQL connection string", 0, 0, "",
     "Where servers, users, roles and all other resources are kept, shared by every node that names it; empty: an "
     "SQLite file in DATA_DIR. The index of DATA_DIR's buckets and the log stay in DATA_DIR"},

    {"shutdown.grace", &S::shutdown_grace, "seconds", 0, 86400, "",
     "Time that live transfers are given when the program is asked to end"},

    {"storage.sync", &S::storage_sync, "", 0, 0, "full|off",
     "full: what was acknowledged survives a power cut; off: it survives a crash of the program only"},
    {"storage.scan_interval", &S::storage_scan_interval, "seconds", 0, 86400, "",
     "How often bucket folders are searched for files put there by other programs; 0: at start only"},
    {"storage.direct_from", &S::storage_direct_from, "bytes", 0, std::int64_t(1) << 50, "",
     "Uploads go past the page cache from so many bytes on, if the file system can; 0: never"},
    {"storage.upload_memory", &S::storage_upload_memory, "bytes", 0, std::int64_t(1) << 50, "",
     "Memory of all uploads together for that, 2 MiB each; those that get none go through the page cache. As much "
     "again for uploads to stores elsewhere; those that get none wait in a file in DATA_DIR"},
    {"storage.download_memory", &S::storage_download_memory, "bytes", 0, std::int64_t(1) << 50, "",
     "Memory of all downloads from stores elsewhere together for reading ahead; those that get none read by small pieces"},
    {"storage.sweep_interval", &S::storage_sweep_interval, "seconds", 1, 86400, "",
     "How often uploads without an end are aborted at stores elsewhere, besides at start and when a store answers again"},
    {"storage.spool_bytes", &S::storage_spool_bytes, "bytes", 0, std::int64_t(1) << 50, "",
     "Room in DATA_DIR/spool for files that clients of extended servers do not write in order; one user may have half"},
    {"storage.spool_file_bytes", &S::storage_spool_file_bytes, "bytes", 0, std::int64_t(1) << 50, "",
     "Size of one such file, holes included, beyond which its writes fail"},

    {"threads.loops", &S::threads_loops, "", 0, 256, "", "Event loops; 0: one a core"},
    {"threads.disk", &S::threads_disk, "", 1, 256, "", "Threads for disk calls"},
    {"threads.crypto", &S::threads_crypto, "", 1, 64, "", "Threads for key exchange, and processes that sign with the host keys"},
    {"threads.files", &S::threads_files, "", 1, 64, "",
     "Processes that act as users, and as many threads that read and write, for each of the file systems"},

    {"log.level", &S::log_level, "", 0, 0, "debug|info|warning|error",
     "Least severity of the program's own log on standard error"},
    {"log.retention", &S::log_retention, "days", 1, 36500, "", "Age at which log events are removed"},
    {"log.max_bytes", &S::log_max_bytes, "bytes", 1 << 20, std::int64_t(1) << 50, "",
     "Size of the log store beyond which the oldest events are removed"},
    {"log.queue_lines", &S::log_queue_lines, "lines", 1024, 1 << 24, "",
     "Events that may wait to be written before some are shed and counted"},

    {"audit.data_events", &S::audit_data_events, "", 0, 0, "",
     "Whether the audit log has the calls on S3 objects too, or only those that manage"},

    {"hardening.seccomp", &S::hardening_seccomp, "", 0, 0, "on|off",
     "Whether the kernel refuses system calls that are never needed; off for debuggers and old kernels"},

    {"events.file_events", &S::events_file_events, "", 0, 0, "",
     "Whether what becomes of files and directories is told as events of EventBridge's shape, in the log group "
     "/aws/events/transfer"},

    {"limits.profile", &S::limits_profile, "", 0, 0, "seed|current",
     "Quotas: seed for those of the 2021 documents, current for today's"},
    {"limits.servers", &S::limits_servers, "", 0, 1'000'000, "",
     "Servers; 0: as the profile says"},
    {"limits.users_per_server", &S::limits_users_per_server, "", 0, 1'000'000, "",
     "Users of a server; 0: as the profile says"},
    {"limits.ssh_keys_per_user", &S::limits_ssh_keys_per_user, "", 0, 1'000'000, "",
     "SSH keys of a user; 0: as the profile says"},
    {"limits.home_directory_mappings", &S::limits_home_directory_mappings, "", 0, 1'000'000, "",
     "HomeDirectoryMappings of a user; 0: as the profile says"},
    {"limits.accesses_per_server", &S::limits_accesses_per_server, "", 0, 1'000'000, "",
     "Accesses of a server; 0: as the profile says"},
    {"limits.agreements_per_server", &S::limits_agreements_per_server, "", 0, 1'000'000, "",
     "Agreements of a server; 0: as the profile says"},
    {"limits.certificates", &S::limits_certificates, "", 0, 1'000'000, "",
     "Certificates; 0: as the profile says"},
    {"limits.connectors", &S::limits_connectors, "", 0, 1'000'000, "",
     "Connectors of AS2, and as many of SFTP; 0: as the profile says"},
    {"limits.profiles", &S::limits_profiles, "", 0, 1'000'000, "",
     "AS2 profiles; 0: as the profile says"},
    {"limits.workflows", &S::limits_workflows, "", 0, 1'000'000, "",
     "Workflows; 0: as the profile says"},
    {"limits.web_apps", &S::limits_web_apps, "", 0, 1'000'000, "",
     "Web apps; 0: as the profile says"},
};

}  // namespace

std::span<const Row> rows() { return kRows; }

}  // namespace sallyport::config
