#include "app/data_plane.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <future>
#include <iterator>
#include <utility>

#include "api/transfer/host_keys.h"
#include "app/port_memory.h"
#include "app/port_plan.h"
#include "app/server_gate.h"
#include "app/ssh_policy.h"
#include "app/unknown_servers.h"
#include "model/compatibility.h"
#include "sftp/proxy_preface.h"
#include "ssh/ident.h"
#include "state/repository.h"

namespace sallyport::app {
namespace {

constexpr std::uint32_t kPageSize = 1000;
constexpr std::size_t kMaxUnauthenticated = 4096, kMaxUnauthenticatedOfOne = 512;
constexpr std::size_t kMaxWaiting = 1024;
constexpr int kNodesAtOnce = 8;
// The reason of errors that are the store's, may pass, and are no fault of the server's.
constexpr std::string_view kOfStore = "Store";
// Three for a file that is edited (old content, new object, spool), and one for everything else.
constexpr std::size_t kDescriptorsPerHandle = 4;

std::size_t handles_for_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return SIZE_MAX;
  return limit.rlim_cur / kDescriptorsPerHandle;
}

Error of_store(Error error) {
  if (Unsettled::may_pass(error)) error.reason = kOfStore;
  return error;
}

Result<std::map<std::string, std::shared_ptr<const net::AllowList>>> parse_allow_lists(const config::Settings& settings) {
  std::map<std::string, std::shared_ptr<const net::AllowList>> out;
  for (const auto& [id, section] : settings.servers) {
    std::vector<net::Cidr> networks;
    for (const std::string& text : section.allow) {
      auto network = net::Cidr::parse(text);
      if (!network.ok()) return std::move(network).error().with_context(fmt::format("servers.{}.allow", id));
      networks.push_back(*network);
    }
    out.emplace(id, std::make_shared<const net::AllowList>(std::move(networks)));
  }
  return out;
}

}  // namespace

Result<std::unique_ptr<DataPlane>> DataPlane::create(DataPlaneParts parts, const config::Settings& settings) {
  auto addresses = parse_addresses(settings.sftp_address);
  if (!addresses.ok()) return std::move(addresses).error().with_context("setting 'sftp.address'");
  if (auto ident = ssh::check_ident(settings.sftp_ident); !ident.ok())
    return std::move(ident).error().with_context("setting 'sftp.ident'");
  auto ports = config::parse_ports(settings.sftp_ports);
  if (!ports.ok()) return std::move(ports).error().with_context("setting 'sftp.ports'");
  TRY_ASSIGN(AllowLists allow, parse_allow_lists(settings));
  TRY_ASSIGN(TrustedUserCas trusted_cas, TrustedUserCas::parse(settings));
  TRY_ASSIGN(auto sources, make_source_guard(settings, parts.services.clock));
  return std::unique_ptr<DataPlane>(new DataPlane(parts, settings, std::move(*addresses), std::move(*ports),
                                                  std::move(allow), std::move(trusted_cas), std::move(sources)));
}

DataPlane::DataPlane(DataPlaneParts parts, const config::Settings& settings,
                     std::vector<net::IpAddress> addresses, std::vector<std::uint16_t> ports, AllowLists allow,
                     TrustedUserCas trusted_cas, std::shared_ptr<sftp::SourceGuard> sources)
    : parts_(parts),
      ident_(settings.sftp_ident),
      max_auth_attempts_(static_cast<int>(settings.sftp_max_auth_attempts)),
      pre_auth_(std::make_shared<sftp::PreAuthLimit>(kMaxUnauthenticated, kMaxUnauthenticatedOfOne)),
      sources_(std::move(sources)),
      addresses_(std::move(addresses)),
      ports_(std::move(ports)),
      control_(parts.loops.at(0)),
      allow_(std::move(allow)),
      trusted_cas_(std::move(trusted_cas)),
      unsettled_(control_, parts_.live, [this](std::string id) { changed(std::move(id)); }) {
  connection_settings_.login_timeout = std::chrono::seconds(settings.sftp_login_timeout);
  connection_settings_.idle_timeout = std::chrono::seconds(settings.sftp_idle_timeout);
  connection_settings_.dead_peer_timeout = std::chrono::seconds(settings.sftp_dead_peer_timeout);
  connection_settings_.sftp.announce_extensions = settings.sftp_announce_extensions;
  connection_settings_.sftp.handles = std::make_shared<session::SharedQuota>(handles_for_descriptors());
  for (std::size_t i = 0; i < parts_.loops.size(); ++i) buffers_.push_back(ssh::BufferPool::create());
}

DataPlane::~DataPlane() { subscription_.reset(); }

void DataPlane::on_control_loop(std::function<void()> work) {
  std::promise<void> done;
  control_.post(std::function<void()>([&] {
    work();
    done.set_value();
  }));
  done.get_future().wait();
}

void DataPlane::start() {
  subscription_ = parts_.resources.subscribe([this](const state::ResourceEvent& event) {
    if (event.key.kind == state::kind::kServer) {
      control_.post(std::function<void()>([this, id = event.key.id] { changed(id); }));
    } else if (event.key.kind == state::kind::kHostKey) {
      control_.post(std::function<void()>([this, id = event.key.parent] { changed(id); }));
    }
  });
  std::promise<void> done;
  net::start_on(control_, reconcile_all(), [&done] { done.set_value(); });
  done.get_future().wait();
}

void DataPlane::stop_listening() {
  subscription_.reset();
  on_control_loop([this] {
    ending_ = true;
    unsettled_.stop();
    for (auto& [id, running] : running_) running.listeners.clear();
    while (!waiting_.empty()) admit_waiting(std::string(waiting_.begin()->first));
  });
}

std::vector<std::string> DataPlane::section_ids() const {
  std::vector<std::string> out;
  for (const auto& [id, allowed] : allow_) out.push_back(id);
  return out;
}

Result<void> DataPlane::apply_server_sections(const config::Settings& settings) {
  TRY_ASSIGN(AllowLists allow, parse_allow_lists(settings));
  TRY_ASSIGN(TrustedUserCas trusted_cas, TrustedUserCas::parse(settings));
  on_control_loop([&] {
    allow_ = std::move(allow);
    trusted_cas_ = std::move(trusted_cas);
    for (auto& [id, running] : running_)
      if (auto set = set_filters(id); !set.ok()) spdlog::error("server {}: {}", id, set.error().message);
    parts_.live.start(control_, warn_of_unknown_servers(parts_.resources, section_ids()));
  });
  return ok();
}

std::vector<api::ListeningEndpoint> DataPlane::endpoints() const {
  const std::lock_guard lock(directory_mutex_);
  std::vector<api::ListeningEndpoint> out;
  for (const auto& [id, ports] : directory_) out.insert(out.end(), ports.begin(), ports.end());
  return out;
}

void DataPlane::changed(std::string server_id) {
  pending_.insert(std::move(server_id));
  if (!reconciling_.empty() || ending_) return;
  reconciling_ = *pending_.begin();
  parts_.live.start(control_, reconcile_pending());
}

// One server at a time: states follow one another in the order they were asked for.
Task<void> DataPlane::reconcile_pending() {
  while (!pending_.empty() && !ending_) {
    reconciling_ = std::move(pending_.extract(pending_.begin()).value());
    co_await reconcile(reconciling_);
    if (!pending_.contains(reconciling_)) admit_waiting(reconciling_);
  }
  reconciling_.clear();
}

Task<void> DataPlane::reconcile_all() {
  state::Repository<model::Server> servers(parts_.resources);
  std::string after;
  for (;;) {
    auto page = co_await servers.list("", after, kPageSize);
    if (!page.ok()) {
      spdlog::error("reading the servers: {}", page.error().message);
      co_return;
    }
    for (auto& item : page->items) {
      after = item.value.id.str();
      co_await reconcile(after, true);
    }
    if (!page->more) break;
  }
  co_await warn_of_unknown_servers(parts_.resources, section_ids());
}

// What kept a server from starting may be gone at the next start of the program.
Task<void> DataPlane::reconcile(std::string server_id, bool at_start) {
  state::Repository<model::Server> servers(parts_.resources);
  auto found = co_await servers.get("", server_id);
  if (!found.ok()) {
    if (found.error().code != Errc::kNotFound) {
      unsettled_.add(server_id, found.error());
      co_return;
    }
    unsettled_.remove(server_id);
    take_down(server_id);
    parts_.registry.end_server(model::ServerId(server_id));
    (void)co_await parts_.resources.apply(forget_endpoint(server_id));
    const std::lock_guard lock(directory_mutex_);
    directory_.erase(server_id);
    co_return;
  }

  model::Server server = std::move(found->value);
  const model::ServerState before = server.state;
  if (at_start && before == model::ServerState::kStartFailed) server.state = model::ServerState::kStarting;
  switch (server.state) {
    case model::ServerState::kStarting:
    case model::ServerState::kOnline: {
      const auto up = co_await bring_up(server);
      if (!up.ok() && up.error().reason == kOfStore) {
        take_down(server_id);
        unsettled_.add(server_id, up.error());
        co_return;
      }
      server.state = up.ok() ? model::ServerState::kOnline : model::ServerState::kStartFailed;
      server.state_reason = up.ok() ? "" : up.error().message;
      if (!up.ok()) {
        take_down(server_id);
        spdlog::error("server {} cannot start: {}", server_id, up.error().message);
      }
      break;
    }
    case model::ServerState::kStopping:
      take_down(server_id);
      parts_.registry.end_server(server.id);
      server.state = model::ServerState::kOffline;
      server.state_reason.clear();
      break;
    case model::ServerState::kOffline:
    case model::ServerState::kStartFailed:
    case model::ServerState::kStopFailed:
      take_down(server_id);
      break;
  }
  if (server.state != before) {
    const auto saved = co_await servers.update(server, found->version);
    // Somebody changed it meanwhile: look again.
    if (!saved.ok()) {
      if (saved.error().code == Errc::kConflict || saved.error().code == Errc::kNotFound)
        pending_.insert(server_id);
      else
        unsettled_.add(server_id, saved.error());
      co_return publish(server);
    }
  }
  unsettled_.remove(server_id);
  publish(server);
}

Task<Result<void>> DataPlane::bring_up(const model::Server& server) {
  CO_TRY(check_served(server, parts_.services.files != nullptr));
  CO_TRY_ASSIGN(ListenPlan plan, listen_plan(server, addresses_));
  CO_TRY_ASSIGN(auto bundle, co_await load_bundle(server));
  auto talks_later = std::make_shared<ssh::ServerSettings>(*bundle->ssh);
  talks_later->client_talks_first = true;
  auto client_first = std::make_shared<Bundle>(*bundle);
  client_first->ssh = std::move(talks_later);
  Running& running = running_[server.id.str()];
  running.bundle = std::move(bundle);
  running.client_first = std::move(client_first);
  if (running.plan != plan) running.listeners.clear();
  if (running.listeners.empty()) CO_TRY(co_await listen(server.id.str(), std::move(plan)));
  co_return set_filters(server.id.str());
}

Task<Result<std::shared_ptr<const DataPlane::Bundle>>> DataPlane::load_bundle(model::Server server) {
  if (const auto said = model::tagged_compatibility(server.tags); !said.ok())
    spdlog::warn("server {}: {}; it is strict", server.id.str(), said.error().message);
  const auto records = co_await api::load_host_keys(parts_.resources, server.id);
  if (!records.ok()) co_return of_store(records.error());
  std::vector<std::shared_ptr<const process::SealedKey>> keys;
  std::vector<ssh::PublicHostKey> public_halves;
  for (const model::HostKeyRecord& record : *records) {
    keys.push_back(std::make_shared<const process::SealedKey>(record.sealed_private_key,
                                                              api::host_key_seal_context(server.id, record.id)));
    auto half = co_await parts_.host_keys.open(keys.back());
    if (!half.ok()) co_return std::move(half).error().with_context("host key " + record.id.str());
    public_halves.push_back(std::move(*half));
  }
  if (keys.empty()) co_return Error(Errc::kNotFound, "the server has no host key; import one");

  const model::SecurityPolicy* policy = model::find_security_policy(server.security_policy_name);
  if (policy == nullptr) {
    co_return Error(Errc::kNotFound,
                    fmt::format("there is no security policy {}; set another with update-server", server.security_policy_name));
  }
  auto settings = std::make_shared<ssh::ServerSettings>();
  apply_security_policy(*policy, *settings);
  settings->ident = ident_;
  settings->max_auth_attempts = max_auth_attempts_;
  settings->banner = server.pre_authentication_login_banner;
  settings->host_keys = std::move(public_halves);
  auto bundle = std::make_shared<Bundle>();
  bundle->server = std::make_shared<const model::Server>(std::move(server));
  bundle->ssh = std::move(settings);
  bundle->signer = std::make_shared<process::VaultSigner>(std::move(keys), parts_.host_keys);
  co_return std::shared_ptr<const Bundle>(std::move(bundle));
}

// At every address, or not at all.
Result<void> DataPlane::open_port(const std::string& server_id, model::SftpPort port) {
  Running& running = running_[server_id];
  std::vector<Listener> opened;
  for (const net::IpAddress& address : running.plan.addresses) {
    const bool client_first = port.client_talks_first;
    TRY_ASSIGN(auto socket, net::TcpListener::open(control_, {address, port.port}, [=, this](auto accepted) {
                 on_accept(server_id, {accepted, client_first});
               }));
    TRY(set_filter(*socket, server_id));
    opened.push_back({std::move(socket), client_first});
  }
  std::move(opened.begin(), opened.end(), std::back_inserter(running.listeners));
  return ok();
}

const net::AllowList& DataPlane::kernel_list(const std::string& server_id) {
  static const net::AllowList kEveryone;
  const AllowListPtr allowed = allow_list(server_id);
  const bool header_decides = sftp::proxy_header_enforced(*running_[server_id].bundle->server);
  return header_decides || !allowed ? kEveryone : *allowed;
}

Result<void> DataPlane::set_filters(const std::string& server_id) {
  for (const Listener& listener : running_[server_id].listeners)
    TRY(set_filter(*listener.socket, server_id));
  return ok();
}

// admit() turns away whom the kernel does not.
Result<void> DataPlane::set_filter(net::TcpListener& listener, const std::string& server_id) {
  auto set = listener.set_allowed(kernel_list(server_id));
  if (set.ok() || set.error().code != Errc::kPermissionDenied) return set;
  if (!std::exchange(told_of_filter_, true))
    spdlog::warn("this kernel lets only holders of CAP_NET_ADMIN filter connection requests: sources that are not "
                 "allowed can connect and are closed unanswered then");
  return ok();
}

Task<Result<void>> DataPlane::listen(std::string server_id, ListenPlan plan) {
  running_[server_id].plan = plan;
  std::vector<model::SftpPort> any;
  for (const model::SftpPort& port : plan.ports) {
    if (port.port == 0)
      any.push_back(port);
    else
      CO_TRY(open_port(server_id, port));
  }
  if (any.empty()) co_return ok();
  // Another node may choose at the same time, and clients of both want one port.
  for (int more = kNodesAtOnce; more > 0; --more) {
    const std::size_t opened_before = running_[server_id].listeners.size();
    const auto listening = co_await listen_anywhere(server_id, any.front().client_talks_first);
    if (listening.ok() || listening.error().code != Errc::kConflict) co_return listening;
    if (more > 1) running_[server_id].listeners.resize(opened_before);
  }
  co_return ok();
}

Task<Result<void>> DataPlane::listen_anywhere(std::string server_id, bool client_talks_first) {
  const auto stored = co_await parts_.resources.get(endpoint_key(server_id));
  if (!stored.ok() && stored.error().code != Errc::kNotFound) co_return of_store(stored.error());
  std::optional<std::uint16_t> previous;
  if (stored.ok()) previous = remembered_port(stored->document);
  for (const std::uint16_t port : candidate_ports(ports_, previous, ports_in_use())) {
    const auto opened = open_port(server_id, {port, client_talks_first});
    if (!opened.ok()) {
      // Taken, or one of those that the kernel keeps for root.
      if (opened.error().code == Errc::kUnavailable || opened.error().code == Errc::kPermissionDenied) continue;
      co_return Error(opened.error());
    }
    if (previous != port) {
      const auto saved =
          co_await parts_.resources.apply(remember_port(server_id, port, stored.ok() ? stored->version : 0));
      if (!saved.ok() && changed_by_another(saved.error())) co_return Error(Errc::kConflict, saved.error().message);
      if (!saved.ok()) co_return of_store(saved.error());
    }
    co_return ok();
  }
  co_return Error(Errc::kUnavailable, fmt::format("no port of sftp.ports is free on {}",
                                                  running_[server_id].plan.addresses.front().to_string()));
}

void DataPlane::take_down(const std::string& server_id) { running_.erase(server_id); }

// Who connects after UpdateServer has answered meets the server as it then is: the feed tells of a change
// before the call is answered, and both come through this loop.
void DataPlane::on_accept(const std::string& server_id, Arrival arrival) {
  const bool changing = server_id == reconciling_ || pending_.contains(server_id);
  if (!changing || ending_) return admit(server_id, arrival);
  auto& queue = waiting_[server_id];
  if (queue.size() < kMaxWaiting) {
    queue.push_back(arrival);
  } else {
    ::close(arrival.accepted.fd);
  }
}

void DataPlane::admit_waiting(const std::string& server_id) {
  const auto queue = waiting_.extract(server_id);
  if (queue.empty()) return;
  for (const Arrival& arrival : queue.mapped()) admit(server_id, arrival);
}

void DataPlane::admit(const std::string& server_id, Arrival arrival) {
  const auto& [accepted, client_first] = arrival;
  const auto found = running_.find(server_id);
  if (found == running_.end() || ending_) {
    ::close(accepted.fd);
    return;
  }
  const Running& running = found->second;
  AllowListPtr allowed = allow_list(server_id);
  const bool header_decides = sftp::proxy_header_enforced(*running.bundle->server);
  // The filter in the kernel keeps others out already, where it may be set.
  if (!header_decides && allowed && !allowed->allows(accepted.remote.address)) {
    ::close(accepted.fd);
    return;
  }
  net::Loop& loop = parts_.loops.next();
  sftp::LoginRules login{trusted_cas_.of(server_id), sources_};
  parts_.live.start(loop, serve(accepted.fd, loop, client_first ? running.client_first : running.bundle,
                                accepted.remote, std::move(allowed), std::move(login)));
}

Task<void> DataPlane::serve(int fd, net::Loop& loop, std::shared_ptr<const Bundle> bundle, net::Endpoint remote,
                            AllowListPtr allowed_through_proxy, sftp::LoginRules login) {
  std::size_t index = 0;
  while (&parts_.loops.at(index) != &loop) ++index;
  sftp::ConnectionContext context{bundle->server, bundle->ssh, bundle->signer, parts_.services, parts_.identity,
                                  parts_.registry, parts_.crypto_pool, buffers_[index], pre_auth_,
                                  connection_settings_, remote, std::move(allowed_through_proxy), std::move(login)};
  net::TcpStream stream(loop, fd);
  co_await sftp::serve_ssh_connection(std::move(stream), std::move(context));
}

std::set<std::uint16_t> DataPlane::ports_in_use() const {
  std::set<std::uint16_t> out;
  for (const auto& [id, running] : running_)
    for (const auto& listener : running.listeners) out.insert(listener.socket->local().port);
  return out;
}

// Null: everyone.
DataPlane::AllowListPtr DataPlane::allow_list(const std::string& server_id) const {
  if (const auto own = allow_.find(server_id); own != allow_.end()) return own->second;
  if (const auto common = allow_.find("default"); common != allow_.end()) return common->second;
  return nullptr;
}

void DataPlane::publish(const model::Server& server) {
  api::ListeningEndpoint none{server.id, "SFTP", "", 0, std::string(model::server_state_name(server.state)),
                              server.state_reason, "", ""};
  std::vector<api::ListeningEndpoint> ports;
  const auto running = running_.find(server.id.str());
  if (running != running_.end()) {
    const bool proxied = sftp::proxy_header_enforced(*running->second.bundle->server);
    for (const Listener& listener : running->second.listeners) {
      const net::Endpoint at = listener.socket->local();
      api::ListeningEndpoint& endpoint = ports.emplace_back(none);
      endpoint.address = at.address.to_string();
      endpoint.port = at.port;
      endpoint.communication_mode = model::communication_mode_name(listener.client_first);
      endpoint.proxy_mode = proxied ? "PROXY_PROTOCOL_V2_ENFORCED" : "NONE";
    }
  }
  if (ports.empty()) ports.push_back(std::move(none));
  const std::lock_guard lock(directory_mutex_);
  directory_[server.id.str()] = std::move(ports);
}

}  // namespace sallyport::app
