#include "app/remote_stores.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <optional>
#include <utility>
#include <vector>

#include "app/store_checks.h"
#include "app/upload_sweeper.h"
#include "http/client_pool.h"
#include "net/tls_context.h"
#include "s3/key_sources.h"
#include "s3/object_store.h"
#include "s3/role_keys.h"
#include "s3/store_choice.h"
#include "s3/store_setup.h"

namespace sallyport::app {
namespace {

// Ceph's gateway closes a connection that was idle for 65 s, others later.
constexpr std::chrono::seconds kIdleConnection{30};

http::PoolOptions data_pool_options(std::int64_t connections) {
  http::PoolOptions options;
  options.max_connections = static_cast<std::size_t>(connections);
  options.idle_time = kIdleConnection;
  options.wait_timeout = std::chrono::seconds(60);
  options.retry.attempts = 1;  // s3::Requester signs each attempt anew, and counts them
  return options;
}

// One store and all it consists of; what uses comes after what is used.
struct OneStore {
  OneStore(std::shared_ptr<net::TlsContext> tls, http::Resolver& resolver, const RemoteTools& tools,
           std::int64_t connections)
      : dialer(resolver, std::move(tls)),
        data_pool(dialer, tools.clock, tools.random, data_pool_options(connections)),
        key_pool(dialer, tools.clock, tools.random, s3::key_pool_options()) {}

  http::Dialer dialer;
  http::ClientPool data_pool, key_pool;
  std::unique_ptr<s3::KeySource> own;
  std::optional<s3::Sts> sts;
  std::optional<s3::CachedRoleKeys> roles;
  std::unique_ptr<s3::RemoteObjectStore> objects;
  std::unique_ptr<UploadSweeper> sweeper;
  std::unique_ptr<const s3::StoreToCheck> check;
};

// One line in five seconds a store: a store that is away fails every call.
class TroubleLog {
 public:
  TroubleLog(std::string store, const Clock& clock) : store_(std::move(store)), clock_(clock) {}
  void tell(const Error& error) {
    const auto now = clock_.steady().time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
    auto last = last_.load();
    if ((last != 0 && seconds - last < 5) || !last_.compare_exchange_strong(last, seconds)) return;
    const std::string id = error.remote ? error.remote->request_id : std::string();
    spdlog::warn("store {}: {}{}{}", store_, error.message, id.empty() ? "" : ", request id ", id);
  }

 private:
  const std::string store_;
  const Clock& clock_;
  std::atomic<std::int64_t> last_ = 0;
};

Result<s3::WriteDefaults> write_defaults(const std::string& name,
                                         const config::StoreSection& section) {
  TRY_ASSIGN(const s3::BodyCheck check, s3::body_check_of(name, section));
  return s3::WriteDefaults{section.encryption, section.kms_key_id, section.acl, check};
}

}  // namespace

struct RemoteStores::Impl {
  Impl(const config::Settings& settings, const RemoteTools& t)
      : tools(t),
        choice(settings.stores),
        names("names", 1),
        resolver(names, t.clock),
        upload_memory(static_cast<std::size_t>(settings.storage_upload_memory)),
        download_memory(static_cast<std::size_t>(settings.storage_download_memory)),
        ledger(t.local, t.clock),
        part_files{settings.data_dir, t.files},
        sweep_interval(settings.storage_sweep_interval) {}

  RemoteTools tools;
  s3::StoreChoice choice;
  net::BlockingPool names;  // a resolver that is slow holds up nothing else
  http::Resolver resolver;
  s3::BlockMemory upload_memory, download_memory;
  s3::UploadLedger ledger;
  s3::PartFiles part_files;
  std::chrono::seconds sweep_interval;
  std::map<std::string, std::unique_ptr<OneStore>> stores;

  Result<void> add(const std::string& name, const config::StoreSection& section);
};

Result<void> RemoteStores::Impl::add(const std::string& name, const config::StoreSection& section) {
  TRY_ASSIGN(s3::Place place, s3::place_of(name, section));
  TRY_ASSIGN(s3::WriteDefaults defaults, write_defaults(name, section));
  auto tls = net::TlsContext::client({section.ca_file, "http/1.1"});
  if (!tls.ok())
    return std::move(tls).error().with_context("setting 'stores." + name + ".ca_file'");
  auto store = std::make_unique<OneStore>(std::move(*tls), resolver, tools, section.connections);
  const s3::KeyTools key_tools{store->key_pool, tools.files, tools.clock};
  TRY_ASSIGN(store->own, s3::make_key_source(name, section, key_tools, s3::process_environment()));
  TRY_ASSIGN(s3::StsOptions options, s3::sts_options_of(name, section));
  store->check.reset(new s3::StoreToCheck{place, section.sts, options, *store->own, key_tools});
  s3::RoleKeys* roles = nullptr;
  if (section.sts) {
    store->sts.emplace(std::move(options), store->key_pool, tools.clock);
    store->roles.emplace(*store->sts, *store->own, tools.clock);
    roles = &*store->roles;
  }
  const auto spawn = [&live = tools.live](Task<void> task) {
    live.start(*net::Loop::current(), std::move(task));
  };
  const auto trouble = [log = std::make_shared<TroubleLog>(name, tools.clock)](const Error& error) {
    log->tell(error);
  };
  s3::StoreServices services{store->data_pool, tools.clock,     tools.random, *store->own, roles,
                             upload_memory,    download_memory, ledger,       spawn,       trouble,
                             &part_files};
  services.recovery = [one = store.get()] { one->sweeper->wake(); };
  store->objects = std::make_unique<s3::RemoteObjectStore>(std::move(place), std::move(defaults),
                                                           std::move(services));
  store->sweeper = std::make_unique<UploadSweeper>(
      name,
      [objects = store->objects.get()](auto go_on) { return objects->sweep(std::move(go_on)); },
      UploadSweeper::Pauses{sweep_interval}, tools.home);
  stores.emplace(name, std::move(store));
  return ok();
}

RemoteStores::RemoteStores(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RemoteStores::~RemoteStores() = default;

Result<std::unique_ptr<RemoteStores>> RemoteStores::open(const config::Settings& settings,
                                                         RemoteTools tools) {
  auto impl = std::make_unique<Impl>(settings, tools);
  for (const auto& [name, section] : settings.stores) TRY(impl->add(name, section));
  return std::unique_ptr<RemoteStores>(new RemoteStores(std::move(impl)));
}

bool RemoteStores::empty() const {
  return impl_->stores.empty();
}

storage::ObjectStore* RemoteStores::find(std::string_view bucket) const {
  const std::string* const name = impl_->choice.store_of(bucket);
  return name == nullptr ? nullptr : impl_->stores.at(*name)->objects.get();
}

api::StoresElsewhere RemoteStores::for_doctor() const {
  api::StoresElsewhere out;
  if (empty()) return out;
  out.place_of = [impl = impl_.get()](std::string_view bucket) {
    const std::string* const name = impl->choice.store_of(bucket);
    if (name == nullptr) return api::BucketPlace::kHere;
    return impl->stores.at(*name)->sts ? api::BucketPlace::kEnforced : api::BucketPlace::kElsewhere;
  };
  out.examine = [impl = impl_.get()] {
    std::vector<const s3::StoreToCheck*> checks;
    for (const auto& [name, store] : impl->stores) checks.push_back(store->check.get());
    return examine_stores(std::move(checks));
  };
  return out;
}

void RemoteStores::start_sweeping() {
  for (const auto& [name, store] : impl_->stores)
    impl_->tools.live.start(impl_->tools.home, store->sweeper->run());
}

void RemoteStores::stop_sweeping() {
  for (const auto& [name, store] : impl_->stores) store->sweeper->stop();
}

}  // namespace sallyport::app
