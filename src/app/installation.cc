#include "app/installation.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <future>
#include <thread>

#include "api/front_door.h"
#include "app/data_dir.h"
#include "app/data_plane.h"
#include "app/file_system_paths.h"
#include "app/file_systems.h"
#include "app/host_facts.h"
#include "app/master_key_check.h"
#include "app/remote_stores.h"
#include "app/site_rules.h"
#include "crypto/seal.h"
#include "events/file_events.h"
#include "http/server.h"
#include "iam/credentials.h"
#include "process/hardening.h"
#include "process/signing_process.h"
#include "state/database.h"
#include "state/log_store.h"
#include "state/resource_store.h"
#include "s3/upload_ledger.h"
#include "storage/embedded_object_store.h"
#include "storage/routed_object_store.h"

namespace sallyport::app {
namespace {

using std::chrono::milliseconds;

// For sessions that were told to end, after the grace, and for what blocks after them: less than 30 s in all.
constexpr milliseconds kPatience(20'000);
constexpr milliseconds kLastWait(1000);

Result<net::Endpoint> api_endpoint(const config::Settings& settings) {
  auto at = net::Endpoint::parse(settings.api_listen);
  if (!at.ok()) return std::move(at).error().with_context("setting 'api.listen'");
  if (!at->address.is_loopback() && !settings.api_allow_plain_http)
    return Error(Errc::kInvalidArgument,
                 fmt::format("setting 'api.listen': {} is not a loopback address and the API has no TLS; put a TLS "
                             "proxy in front of a loopback address, or accept plain HTTP with "
                             "api.allow_plain_http = true", settings.api_listen));
  return at;
}

// A secret on the command line is seen by everyone on the machine.
Result<void> check_credentials_source(const config::Loaded& loaded, const net::Endpoint& at) {
  const auto source = loaded.sources.find("root.secret_access_key");
  if (source == loaded.sources.end() || source->second != config::Source::kCommandLine || at.address.is_loopback())
    return ok();
  return Error(Errc::kInvalidArgument,
               "--credentials is for a loopback API only; give SALLYPORT_ROOT_ACCESS_KEY_ID and "
               "SALLYPORT_ROOT_SECRET_ACCESS_KEY in the environment instead");
}

struct LimitSetting {
  std::int64_t config::Settings::*setting;
  std::uint32_t api::TransferLimits::*limit;
};
constexpr LimitSetting kLimitSettings[] = {
    {&config::Settings::limits_servers, &api::TransferLimits::servers},
    {&config::Settings::limits_users_per_server, &api::TransferLimits::users_per_server},
    {&config::Settings::limits_ssh_keys_per_user, &api::TransferLimits::ssh_keys_per_user},
    {&config::Settings::limits_home_directory_mappings, &api::TransferLimits::home_directory_mappings},
    {&config::Settings::limits_accesses_per_server, &api::TransferLimits::accesses_per_server},
    {&config::Settings::limits_agreements_per_server, &api::TransferLimits::agreements_per_server},
    {&config::Settings::limits_certificates, &api::TransferLimits::certificates},
    {&config::Settings::limits_connectors, &api::TransferLimits::connectors},
    {&config::Settings::limits_profiles, &api::TransferLimits::profiles},
    {&config::Settings::limits_workflows, &api::TransferLimits::workflows},
    {&config::Settings::limits_web_apps, &api::TransferLimits::web_apps},
};

api::TransferLimits limits_of(const config::Settings& settings) {
  api::TransferLimits limits;
  if (settings.limits_profile == "seed") limits.home_directory_mappings = 50;
  for (const auto& [setting, limit] : kLimitSettings)
    if (const std::int64_t own = settings.*setting; own > 0) limits.*limit = static_cast<std::uint32_t>(own);
  return limits;
}

// Root that has given up its rights is refused others' files like anybody; that alone says little.
Error of_folder(Error error, const std::string& folder) {
  struct stat status {};
  if (error.code != Errc::kPermissionDenied || ::geteuid() != 0 ||
      ::stat(folder.c_str(), &status) != 0 || status.st_uid == 0)
    return error;
  error.message += fmt::format(
      "; {} belongs to the user with uid {}: run as that user, since root gives up its rights "
      "over the files of others",
      folder, status.st_uid);
  return error;
}

// The processes first, as from then on this one can start none.
Result<std::unique_ptr<process::SigningProcess>> start_hardened(const SecretString& master,
                                                                const config::Settings& settings) {
  process::SigningOptions options;
  options.processes = static_cast<unsigned>(settings.threads_crypto);
  options.seccomp = settings.hardening_seccomp == "on";
  TRY_ASSIGN(auto signing, process::SigningProcess::start(master, options));
  TRY(process::harden_server(options.seccomp));
  return signing;
}

}  // namespace

// Members end in the reverse order: what uses comes after what is used.
struct Installation::Impl {
  Impl(config::Settings s, net::Endpoint at, DataDir d, std::unique_ptr<process::SigningProcess> keepers,
       std::unique_ptr<process::FileProcess> users)
      : settings(std::move(s)),
        api_at(at),
        dir(std::move(d)),
        signing(std::move(keepers)),
        host_keys(signing->take_channels()),
        acting(std::move(users)),
        file_systems(make_file_systems(acting.get(), settings)),
        disk_pool("disk", static_cast<unsigned>(settings.threads_disk)),
        log_pool("log", 1),
        host_pool("host", 1),
        crypto_pool("crypto", static_cast<unsigned>(settings.threads_crypto)),
        loops(static_cast<unsigned>(settings.threads_loops)) {}

  config::Settings settings;
  net::Endpoint api_at;
  DataDir dir;
  std::unique_ptr<process::SigningProcess> signing;
  process::MessageVault host_keys;
  std::unique_ptr<process::FileProcess> acting;  // null: no file systems
  std::unique_ptr<files::FileSystems> file_systems;
  SystemClock clock;
  SystemRandom random;
  events::Metrics metrics;
  net::BlockingPool disk_pool, log_pool, host_pool, crypto_pool;
  net::LoopGroup loops;
  LiveTasks live;
  std::unique_ptr<state::Database> local;   // in the data folder
  std::unique_ptr<state::Database> shared;  // PostgreSQL, where the settings name it
  std::unique_ptr<storage::EmbeddedObjectStore> objects;
  std::unique_ptr<RemoteStores> remote;
  std::unique_ptr<storage::RoutedObjectStore> sessions_objects;  // here and elsewhere
  std::unique_ptr<events::EventLog> log;
  events::EventBus bus{random};
  std::unique_ptr<state::ResourceStore> resources;
  std::unique_ptr<iam::Authorizer> authorizer;
  std::unique_ptr<identity::ServiceManaged> identity;
  std::unique_ptr<crypto::SecretBox> secrets;
  std::unique_ptr<iam::CredentialStore> credentials;
  std::unique_ptr<session::SiteRules> site;
  session::Registry registry;
  std::unique_ptr<DataPlane> data_plane;
  std::unique_ptr<api::FrontDoor> front_door;
  std::unique_ptr<http::Server> api_server;
  bool running = false;

  Result<void> open_databases();
  Result<void> open_stores();
  Result<void> open_api(const SecretString& master, RootKey root);
  bool wait_for_sessions(milliseconds grace);
  void write_down();
};

// The index of the embedded buckets lies beside the files it describes, whatever holds the resources.
Result<void> Installation::Impl::open_databases() {
  state::DatabaseOptions options;
  const bool sync = settings.storage_sync == "full";
  options.sync = sync ? state::DatabaseOptions::Sync::kFull : state::DatabaseOptions::Sync::kOff;
  std::vector<state::MigrationSet> sets = {storage::EmbeddedObjectStore::migrations(),
                                             s3::UploadLedger::migrations()};
  if (settings.state_database.empty()) {
    sets.push_back(state::resource_schema());
  } else {
    // A call waits for the network, not for a processor.
    state::DatabaseOptions remote = options;
    remote.reader_threads = 4;
    const std::array shared_sets = {state::resource_schema()};
    auto opened = state::Database::open_postgres(settings.state_database, remote, shared_sets);
    if (!opened.ok()) return std::move(opened).error().with_context("setting 'state.database'");
    shared = std::move(*opened);
  }
  TRY_ASSIGN(local, state::Database::open_sqlite(dir.file("state.db"), options, sets));
  return ok();
}

Result<void> Installation::Impl::open_stores() {
  TRY(open_databases());
  const bool sync = settings.storage_sync == "full";
  TRY_ASSIGN(auto log_store, state::LogStore::open(dir.file("log.db")));
  events::EventLogOptions log_options;
  log_options.queue_lines = static_cast<std::uint32_t>(settings.log_queue_lines);
  log_options.retention_days = static_cast<std::uint64_t>(settings.log_retention);
  log_options.max_bytes = static_cast<std::uint64_t>(settings.log_max_bytes);
  log = std::make_unique<events::EventLog>(std::move(log_store), log_pool, log_options);
  if (settings.events_file_events) bus.add(std::make_unique<events::LogSink>(*log));
  const storage::EmbeddedOptions store_options{dir.path(), settings.region, sync,
                                               static_cast<std::uint64_t>(settings.storage_direct_from),
                                               static_cast<std::uint64_t>(settings.storage_upload_memory)};
  TRY_ASSIGN(objects,
             storage::EmbeddedObjectStore::open(store_options, *local, disk_pool, clock, random));
  TRY_ASSIGN(remote, RemoteStores::open(settings, {*local, disk_pool, clock, random, live, loops.at(0)}));
  sessions_objects = std::make_unique<storage::RoutedObjectStore>(
      [here = objects.get(), elsewhere = remote.get()](std::string_view bucket) -> storage::ObjectStore& {
        storage::ObjectStore* const found = elsewhere->find(bucket);
        return found == nullptr ? *here : *found;
      });
  return ok();
}

Result<void> Installation::Impl::open_api(const SecretString& master, RootKey root) {
  const model::Place place{settings.region, settings.account};
  resources = std::make_unique<state::ResourceStore>(shared ? *shared : *local);
  authorizer = std::make_unique<iam::Authorizer>(*resources, place, clock);
  identity = std::make_unique<identity::ServiceManaged>(*resources);
  secrets = std::make_unique<crypto::SecretBox>(master);
  TRY_ASSIGN(site, open_site_rules(settings, dir.file("spool"), disk_pool, clock));
  const session::SessionServices services{*sessions_objects, *authorizer, *log, metrics, clock, random, &bus,
                                          site.get(), file_systems.get()};
  TRY_ASSIGN(data_plane, DataPlane::create({*resources, host_keys, services, *identity, registry, crypto_pool, loops,
                                            live},
                                           settings));
  credentials = std::make_unique<iam::CredentialStore>(
      *resources, *authorizer, *secrets, clock, random, place.account,
      iam::RootCredentials{std::move(root.access_key_id), std::move(root.secret_access_key)});
  api::ApiOptions options;
  options.place = place;
  options.page_token_key = derived_key(master, "page-tokens");
  options.key_check = key_check(master);
  options.limits = limits_of(settings);
  options.allow_vpc_endpoint_type = settings.api_allow_vpc_endpoint_type;
  options.audit_data_events = settings.audit_data_events;
  options.calls_per_second = static_cast<double>(settings.api_rate);
  options.calls_at_once = static_cast<double>(settings.api_burst);
  options.host_pool = &host_pool;
  options.host_facts = [this] {
    api::HostFacts facts = host_facts(dir.path(), clock);
    facts.file_systems = file_system_facts(settings, file_systems.get());
    return facts;
  };
  options.stores = remote->for_doctor();
  TRY_ASSIGN(front_door,
             api::FrontDoor::create({*resources, *authorizer, *credentials, *objects, *log, metrics, registry, host_keys,
                                     crypto_pool, clock, random, *data_plane, *secrets},
                                    std::move(options)));
  api_server = std::make_unique<http::Server>(loops, *front_door, clock);
  return ok();
}

Installation::Installation(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<Installation>> Installation::open(config::Loaded loaded) {
  TRY_ASSIGN(const net::Endpoint at, api_endpoint(loaded.settings));
  TRY(check_credentials_source(loaded, at));
  // First, while there are no secrets in memory but those that the settings hold.
  TRY_ASSIGN(auto acting, start_file_process(loaded.settings));
  TRY_ASSIGN(DataDir dir, DataDir::open(loaded.settings.data_dir));
  TRY(check_file_system_paths(loaded.settings));
  SystemRandom random;
  TRY_ASSIGN(RootKey root, root_key(loaded.settings, dir, random));
  TRY_ASSIGN(const SecretString master, master_key(loaded.settings, dir, random));
  TRY_ASSIGN(auto signing, start_hardened(master, loaded.settings));
  auto impl = std::make_unique<Impl>(std::move(loaded.settings), at, std::move(dir), std::move(signing),
                                     std::move(acting));
  if (auto opened = impl->open_stores(); !opened.ok())
    return of_folder(std::move(opened).error(), impl->dir.path());
  TRY(check_master_key(impl->shared ? *impl->shared : *impl->local, master));
  TRY(impl->open_api(master, std::move(root)));
  return std::unique_ptr<Installation>(new Installation(std::move(impl)));
}

Installation::~Installation() {
  if (impl_->running && !stop()) ::_exit(EXIT_FAILURE);
}

Result<void> Installation::start() {
  if (auto listening = impl_->api_server->listen(impl_->api_at); !listening.ok()) {
    Error error = std::move(listening).error();
    error.message += "; --api gives the API another address";
    return error;
  }
  impl_->loops.start();
  impl_->running = true;
  scan_buckets();
  impl_->remote->start_sweeping();
  impl_->data_plane->start();
  impl_->front_door->set_ready(true);
  return ok();
}

bool Installation::healthy() {
  return impl_->signing->alive() && (impl_->acting == nullptr || impl_->acting->alive());
}

std::string Installation::api_address() const { return impl_->api_server->local().to_string(); }

Result<void> Installation::apply_server_sections(const config::Settings& settings) {
  TRY(impl_->data_plane->apply_server_sections(settings));
  apply_site_rules(settings, *impl_->site);
  return ok();
}

namespace {

Task<void> scan_once(storage::EmbeddedObjectStore& objects) {
  const auto report = co_await objects.scan();
  if (!report.ok()) {
    spdlog::error("looking for files in bucket folders: {}", report.error().message);
  } else if (report->taken_in + report->renewed + report->dropped > 0) {
    spdlog::info("bucket folders: {} files taken in, {} renewed, {} gone", report->taken_in, report->renewed,
                 report->dropped);
  }
}

}  // namespace

void Installation::scan_buckets() { impl_->live.start(impl_->loops.at(0), scan_once(*impl_->objects)); }

bool Installation::Impl::wait_for_sessions(milliseconds grace) {
  const auto until = clock.steady() + grace;
  do {
    registry.end_idle(milliseconds(1000));
    if (live.wait_none(milliseconds(50))) return true;
  } while (clock.steady() < until);
  return false;
}

// What was asked for before is written before this.
void Installation::Impl::write_down() {
  log->flush();
  const auto drained = local->write_blocking([](state::Connection&) { return ok(); });
  if (!drained.ok()) spdlog::error("the state's last changes: {}", drained.error().message);
}

bool Installation::stop() {
  Impl& i = *impl_;
  std::vector<std::string> left;
  i.front_door->set_ready(false);
  i.data_plane->stop_listening();
  i.remote->stop_sweeping();
  if (!i.wait_for_sessions(std::chrono::seconds(i.settings.shutdown_grace))) {
    const auto cut = i.registry.end_all();
    if (cut > 0) spdlog::warn("{} sessions were ended in the middle of transfers", cut);
    if (!i.live.wait_none(kPatience)) left.emplace_back("sessions that do not end");
  }
  if (!i.api_server->stop(std::chrono::seconds(2))) left.emplace_back("calls of the API");
  i.loops.stop();
  i.running = false;
  if (i.file_systems != nullptr)
    if (auto busy = i.file_systems->wait_idle(kLastWait); !busy.empty()) left.push_back(std::move(busy));
  if (!i.host_pool.wait_idle(kLastWait)) left.emplace_back("a look at file systems for the doctor");
  i.write_down();
  if (left.empty()) return true;
  if (i.acting != nullptr) i.acting->kill();
  spdlog::error("ending without waiting any longer for: {}", fmt::join(left, "; "));
  // A thread in a call that nothing interrupts keeps the process, and what it has open, beyond its end.
  i.dir.unlock();
  return false;
}

}  // namespace sallyport::app
