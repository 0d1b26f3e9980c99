#include "app/data_plane.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <future>
#include <nlohmann/json.hpp>

#include "api/transfer/host_keys.h"
#include "app/port_plan.h"
#include "app/server_gate.h"
#include "app/ssh_policy.h"
#include "state/repository.h"

namespace sallyport::app {
namespace {

constexpr std::uint32_t kPageSize = 1000;
constexpr std::size_t kMaxUnauthenticated = 4096;
constexpr std::size_t kMaxWaiting = 1024;

state::ResourceKey endpoint_key(const std::string& server_id) {
  return {std::string(state::kind::kEndpoint), server_id, "SFTP"};
}

// Made outside the coroutines: g++ 12 takes no braced lists inside their awaited calls.
std::vector<state::ResourceChange> forget_endpoint(const std::string& server_id) {
  state::ResourceChange change{state::ResourceChange::Op::kRemoveChildren, endpoint_key(server_id), 0, ""};
  return {std::move(change)};
}

std::vector<state::ResourceChange> remember_port(const std::string& server_id, std::uint16_t port,
                                                 std::int64_t version) {
  using Op = state::ResourceChange::Op;
  state::ResourceChange change{version == 0 ? Op::kInsert : Op::kUpdate, endpoint_key(server_id), version,
                               nlohmann::json{{"Port", port}}.dump()};
  return {std::move(change)};
}

Result<std::map<std::string, net::AllowList>> parse_allow_lists(const config::Settings& settings) {
  std::map<std::string, net::AllowList> out;
  for (const auto& [id, section] : settings.servers) {
    std::vector<net::Cidr> networks;
    for (const std::string& text : section.allow) {
      auto network = net::Cidr::parse(text);
      if (!network.ok()) return std::move(network).error().with_context(fmt::format("servers.{}.allow", id));
      networks.push_back(*network);
    }
    out.emplace(id, net::AllowList(std::move(networks)));
  }
  return out;
}

}  // namespace

Result<std::unique_ptr<DataPlane>> DataPlane::create(DataPlaneParts parts, const config::Settings& settings) {
  auto address = net::IpAddress::parse(settings.sftp_address);
  if (!address.ok()) return std::move(address).error().with_context("setting 'sftp.address'");
  auto ports = config::parse_ports(settings.sftp_ports);
  if (!ports.ok()) return std::move(ports).error().with_context("setting 'sftp.ports'");
  TRY_ASSIGN(AllowLists allow, parse_allow_lists(settings));
  return std::unique_ptr<DataPlane>(
      new DataPlane(parts, settings, *address, std::move(*ports), std::move(allow)));
}

DataPlane::DataPlane(DataPlaneParts parts, const config::Settings& settings, net::IpAddress address,
                     std::vector<std::uint16_t> ports, AllowLists allow)
    : parts_(parts),
      ident_(settings.sftp_ident),
      max_auth_attempts_(static_cast<int>(settings.sftp_max_auth_attempts)),
      pre_auth_(std::make_shared<sftp::PreAuthLimit>(kMaxUnauthenticated)),
      address_(address),
      ports_(std::move(ports)),
      control_(parts.loops.at(0)),
      allow_(std::move(allow)) {
  connection_settings_.login_timeout = std::chrono::seconds(settings.sftp_login_timeout);
  connection_settings_.idle_timeout = std::chrono::seconds(settings.sftp_idle_timeout);
  connection_settings_.sftp.announce_extensions = settings.sftp_announce_extensions;
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
    for (auto& [id, running] : running_) running.listeners.clear();
    while (!waiting_.empty()) admit_waiting(std::string(waiting_.begin()->first));
  });
}

Result<void> DataPlane::apply_server_sections(const config::Settings& settings) {
  TRY_ASSIGN(AllowLists allow, parse_allow_lists(settings));
  on_control_loop([&] {
    allow_ = std::move(allow);
    for (auto& [id, running] : running_) {
      for (auto& listener : running.listeners)
        if (auto set = listener->set_allowed(allow_list(id)); !set.ok())
          spdlog::error("server {}: {}", id, set.error().message);
    }
  });
  return ok();
}

std::vector<api::ListeningEndpoint> DataPlane::endpoints() const {
  const std::lock_guard lock(directory_mutex_);
  std::vector<api::ListeningEndpoint> out;
  for (const auto& [id, endpoint] : directory_) out.push_back(endpoint);
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
      co_await reconcile(after);
    }
    if (!page->more) co_return;
  }
}

Task<void> DataPlane::reconcile(std::string server_id) {
  state::Repository<model::Server> servers(parts_.resources);
  auto found = co_await servers.get("", server_id);
  if (!found.ok()) {
    if (found.error().code != Errc::kNotFound) {
      spdlog::error("server {}: {}", server_id, found.error().message);
      co_return;
    }
    take_down(server_id);
    parts_.registry.end_server(model::ServerId(server_id));
    (void)co_await parts_.resources.apply(forget_endpoint(server_id));
    const std::lock_guard lock(directory_mutex_);
    directory_.erase(server_id);
    co_return;
  }

  model::Server server = std::move(found->value);
  const model::ServerState before = server.state;
  switch (server.state) {
    case model::ServerState::kStarting:
    case model::ServerState::kOnline: {
      const auto up = co_await bring_up(server);
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
        spdlog::error("server {}: {}", server_id, saved.error().message);
    }
  }
  publish(server);
}

Task<Result<void>> DataPlane::bring_up(const model::Server& server) {
  CO_TRY(check_served(server));
  CO_TRY_ASSIGN(const auto requested, requested_ports(server));
  CO_TRY_ASSIGN(auto bundle, co_await load_bundle(server));
  Running& running = running_[server.id.str()];
  running.bundle = std::move(bundle);
  if (!running.listeners.empty()) co_return ok();
  co_return co_await listen(server.id.str(), requested);
}

Task<Result<std::shared_ptr<const DataPlane::Bundle>>> DataPlane::load_bundle(model::Server server) {
  CO_TRY_ASSIGN(const auto records, co_await api::load_host_keys(parts_.resources, server.id));
  std::vector<std::shared_ptr<const process::SealedKey>> keys;
  std::vector<ssh::PublicHostKey> public_halves;
  for (const model::HostKeyRecord& record : records) {
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

Task<Result<void>> DataPlane::listen(const std::string& server_id, const std::vector<std::uint16_t>& requested) {
  const auto open = [&](std::uint16_t port) -> Result<void> {
    auto listener = net::TcpListener::open(control_, {address_, port},
                                           [this, server_id](auto accepted) { on_accept(server_id, accepted); });
    if (!listener.ok()) return std::move(listener).error();
    TRY((*listener)->set_allowed(allow_list(server_id)));
    running_[server_id].listeners.push_back(std::move(*listener));
    return ok();
  };
  for (const std::uint16_t port : requested) CO_TRY(open(port));
  if (!requested.empty()) co_return ok();

  std::optional<std::uint16_t> previous;
  auto stored = co_await parts_.resources.get(endpoint_key(server_id));
  if (stored.ok()) {
    const auto document = nlohmann::json::parse(stored->document, nullptr, false);
    if (document.is_object()) previous = document.value("Port", std::uint16_t{0});
  }
  for (const std::uint16_t port : candidate_ports(ports_, previous, ports_in_use())) {
    if (!open(port).ok()) continue;
    if (previous != port) {
      const auto saved =
          co_await parts_.resources.apply(remember_port(server_id, port, stored.ok() ? stored->version : 0));
      if (!saved.ok()) co_return Error(saved.error());
    }
    co_return ok();
  }
  co_return Error(Errc::kUnavailable, fmt::format("no port of sftp.ports is free on {}", address_.to_string()));
}

void DataPlane::take_down(const std::string& server_id) { running_.erase(server_id); }

// Who connects after UpdateServer has answered meets the server as it then is: the feed tells of a change
// before the call is answered, and both come through this loop.
void DataPlane::on_accept(const std::string& server_id, net::TcpListener::Accepted accepted) {
  const bool changing = server_id == reconciling_ || pending_.contains(server_id);
  if (!changing || ending_) return admit(server_id, accepted);
  auto& queue = waiting_[server_id];
  if (queue.size() < kMaxWaiting) {
    queue.push_back(accepted);
  } else {
    ::close(accepted.fd);
  }
}

void DataPlane::admit_waiting(const std::string& server_id) {
  const auto queue = waiting_.extract(server_id);
  if (queue.empty()) return;
  for (const auto& accepted : queue.mapped()) admit(server_id, accepted);
}

void DataPlane::admit(const std::string& server_id, net::TcpListener::Accepted accepted) {
  const auto running = running_.find(server_id);
  // The filter in the kernel keeps others out already; this holds should it not be there.
  if (running == running_.end() || ending_ || !allow_list(server_id).allows(accepted.remote.address)) {
    ::close(accepted.fd);
    return;
  }
  net::Loop& loop = parts_.loops.next();
  parts_.live.start(loop, serve(accepted.fd, loop, running->second.bundle, accepted.remote));
}

Task<void> DataPlane::serve(int fd, net::Loop& loop, std::shared_ptr<const Bundle> bundle, net::Endpoint remote) {
  std::size_t index = 0;
  while (&parts_.loops.at(index) != &loop) ++index;
  sftp::ConnectionContext context{bundle->server, bundle->ssh, bundle->signer, parts_.services, parts_.identity,
                                  parts_.registry, parts_.crypto_pool, buffers_[index], pre_auth_,
                                  connection_settings_, remote};
  net::TcpStream stream(loop, fd);
  co_await sftp::serve_ssh_connection(std::move(stream), std::move(context));
}

std::set<std::uint16_t> DataPlane::ports_in_use() const {
  std::set<std::uint16_t> out;
  for (const auto& [id, running] : running_)
    for (const auto& listener : running.listeners) out.insert(listener->local().port);
  return out;
}

const net::AllowList& DataPlane::allow_list(const std::string& server_id) const {
  static const net::AllowList kEveryone;
  if (const auto own = allow_.find(server_id); own != allow_.end()) return own->second;
  if (const auto common = allow_.find("default"); common != allow_.end()) return common->second;
  return kEveryone;
}

void DataPlane::publish(const model::Server& server) {
  api::ListeningEndpoint endpoint{server.id, "SFTP", "", 0, std::string(model::server_state_name(server.state)),
                                  server.state_reason};
  if (const auto running = running_.find(server.id.str());
      running != running_.end() && !running->second.listeners.empty()) {
    const net::Endpoint at = running->second.listeners.front()->local();
    endpoint.address = at.address.to_string();
    endpoint.port = at.port;
  }
  const std::lock_guard lock(directory_mutex_);
  directory_[server.id.str()] = std::move(endpoint);
}

}  // namespace sallyport::app
