// The data plane's supervisor: follows the servers in the state store and makes the listeners what the
// states say. STARTING becomes ONLINE or START_FAILED, STOPPING becomes OFFLINE; a server that is gone
// loses its listener and its sessions.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "api/services.h"
#include "app/live_tasks.h"
#include "app/login_rules.h"
#include "app/port_plan.h"
#include "app/unsettled.h"
#include "base/result.h"
#include "base/task.h"
#include "config/settings.h"
#include "model/server.h"
#include "net/blocking_pool.h"
#include "net/loop.h"
#include "net/tcp.h"
#include "process/key_vault.h"
#include "session/registry.h"
#include "session/session.h"
#include "sftp/connection.h"
#include "state/resource_store.h"

namespace sallyport::app {

// What connections and listeners need; everything outlives the data plane.
struct DataPlaneParts {
  state::ResourceStore& resources;
  process::KeyVault& host_keys;
  session::SessionServices services;
  identity::ServiceManaged& identity;
  session::Registry& registry;
  net::BlockingPool& crypto_pool;
  net::LoopGroup& loops;
  LiveTasks& live;
};

class DataPlane final : public api::EndpointDirectory {
 public:
  // Errors: kInvalidArgument (a setting: ports, address, allow lists).
  static Result<std::unique_ptr<DataPlane>> create(DataPlaneParts parts, const config::Settings& settings);
  ~DataPlane() override;

  // Brings up every server that should be up. Blocks until each was tried once; not on a loop.
  void start();
  // Closes all listeners, without changing any server's state. Blocks; not on a loop.
  void stop_listening();
  // Takes the [servers] sections of new settings over: they count at once for new connections.
  // Errors: kInvalidArgument; then nothing is changed.
  Result<void> apply_server_sections(const config::Settings& settings);

  std::vector<api::ListeningEndpoint> endpoints() const override;
  std::size_t refused_sources() const override { return sources_->refused(); }

 private:
  // Everything a new connection is given, as of the last change of the server.
  struct Bundle {
    std::shared_ptr<const model::Server> server;
    std::shared_ptr<const ssh::ServerSettings> ssh;
    std::shared_ptr<sftp::HostKeySigner> signer;
  };
  struct Listener {
    std::unique_ptr<net::TcpListener> socket;
    bool client_first;
  };
  struct Running {
    ListenPlan plan;
    std::vector<Listener> listeners;
    std::shared_ptr<const Bundle> bundle;
    // The same for ports where the client talks first.
    std::shared_ptr<const Bundle> client_first;
  };
  struct Arrival {
    net::TcpListener::Accepted accepted;
    bool client_first;
  };
  using AllowListPtr = std::shared_ptr<const net::AllowList>;
  using AllowLists = std::map<std::string, AllowListPtr>;

  DataPlane(DataPlaneParts parts, const config::Settings& settings, std::vector<net::IpAddress> addresses,
            std::vector<std::uint16_t> ports, AllowLists allow, TrustedUserCas trusted_cas,
            std::shared_ptr<sftp::SourceGuard> sources);

  // The following run on the control loop.
  std::vector<std::string> section_ids() const;
  void changed(std::string server_id);
  Task<void> reconcile_pending();
  Task<void> reconcile_all();
  Task<void> reconcile(std::string server_id, bool at_start = false);
  Task<Result<void>> bring_up(const model::Server& server);
  Task<Result<std::shared_ptr<const Bundle>>> load_bundle(model::Server server);
  Task<Result<void>> listen(std::string server_id, ListenPlan plan);
  // On one of the configured ports. Error kConflict: it listens, and meanwhile another node has
  // remembered a port for the server.
  Task<Result<void>> listen_anywhere(std::string server_id, bool client_talks_first);
  Result<void> open_port(const std::string& server_id, model::SftpPort port);
  // Who gets past the kernel: behind a balancer everybody, as only its header says who comes.
  const net::AllowList& kernel_list(const std::string& server_id);
  Result<void> set_filters(const std::string& server_id);
  // Where the kernel keeps filters for holders of CAP_NET_ADMIN, it is said once in the log, and none is set.
  Result<void> set_filter(net::TcpListener& listener, const std::string& server_id);
  void take_down(const std::string& server_id);
  void on_accept(const std::string& server_id, Arrival arrival);
  void admit(const std::string& server_id, Arrival arrival);
  void admit_waiting(const std::string& server_id);
  Task<void> serve(int fd, net::Loop& loop, std::shared_ptr<const Bundle> bundle, net::Endpoint remote,
                   AllowListPtr allowed_through_proxy, sftp::LoginRules login);
  std::set<std::uint16_t> ports_in_use() const;
  AllowListPtr allow_list(const std::string& server_id) const;
  void publish(const model::Server& server);
  void on_control_loop(std::function<void()> work);

  DataPlaneParts parts_;
  sftp::ConnectionSettings connection_settings_;
  std::string ident_;
  int max_auth_attempts_;
  std::shared_ptr<sftp::PreAuthLimit> pre_auth_;
  std::shared_ptr<sftp::SourceGuard> sources_;
  std::vector<std::shared_ptr<ssh::BufferPool>> buffers_;  // one a loop
  std::vector<net::IpAddress> addresses_;
  std::vector<std::uint16_t> ports_;
  net::Loop& control_;

  // Of the control loop.
  AllowLists allow_;
  TrustedUserCas trusted_cas_;
  std::map<std::string, Running> running_;
  std::set<std::string> pending_;
  // The server that is being brought in line with its state; empty: none.
  std::string reconciling_;
  Unsettled unsettled_;
  // Accepted after a change of their server was committed and before it is in force here.
  std::map<std::string, std::vector<Arrival>> waiting_;
  bool ending_ = false;
  bool told_of_filter_ = false;

  mutable std::mutex directory_mutex_;
  std::map<std::string, std::vector<api::ListeningEndpoint>> directory_;

  std::shared_ptr<void> subscription_;
};

}  // namespace sallyport::app
