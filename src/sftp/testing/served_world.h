// A world whose server listens on loopback, for tests with real clients.
#pragma once

#include <sys/stat.h>
#include <sys/wait.h>

#include <atomic>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include "net/tcp.h"
#include "session/registry.h"
#include "sftp/connection.h"
#include "sftp/testing/pool_host_key_signer.h"
#include "sftp/testing/world.h"
#include "ssh/host_key.h"

namespace sallyport::sftp::testing {

struct Outcome {
  int status = -1;
  std::string output;  // both streams
};

class ServedWorld {
 public:
  ServedWorld() {
    add_key("key");
    add_key("other-key");
    world.put_user("ann", public_line("key"));
  }
  ~ServedWorld() { stop(); }

  // Settings may be changed until then.
  void start() {
    auto host_key = ssh::HostKey::generate(ssh::HostKeyType::kEd25519);
    auto ssh_settings = std::make_shared<ssh::ServerSettings>(ssh::default_server_settings());
    ssh_settings->host_keys.push_back(
        {std::string(host_key->public_key().type()), to_bytes(host_key->public_key().blob())});
    ssh_settings->max_auth_attempts = max_auth_attempts;
    ssh_settings->client_talks_first = client_talks_first;
    ssh_ = std::move(ssh_settings);
    signer_ =
        std::make_shared<PoolHostKeySigner>(std::vector<ssh::HostKey>{*host_key}, world.pool());
    server_ = std::make_shared<model::Server>(world.server());
    thread_ = std::thread([this] { loop_.run(); });
    auto listener =
        net::TcpListener::open(loop_, *net::Endpoint::parse("127.0.0.1:0"),
                               [this](net::TcpListener::Accepted accepted) { accept(accepted); });
    listener_ = std::move(*listener);
    port_ = listener_->local().port;
  }

  // Ends every connection and waits for it.
  void stop() {
    if (!listener_) return;
    wait_for_end([this] { registry.end_all(); });
    loop_.post(std::function<void()>([this] {
      listener_.reset();
      loop_.stop();
    }));
    thread_.join();
  }
  // Waits until no connection is left; `nudge` is called in between.
  template <class F>
  void wait_for_end(F nudge) {
    while (live_.load() > 0) {
      nudge();
      std::this_thread::yield();
    }
  }
  void wait_for_end() {
    wait_for_end([] {});
  }

  std::uint16_t port() const { return port_; }

  // OpenSSH's sftp with `commands` as its batch; the key is one of add_key().
  Outcome sftp(const std::string& commands, const std::string& user = "ann",
               const std::string& key = "key", const std::string& options = "") {
    std::ofstream(path("batch")) << commands;
    const std::string identity = key.empty() ? "-o PubkeyAuthentication=no" : "-i " + path(key);
    return run("sftp -F /dev/null -b " + path("batch") + " -P " + std::to_string(port_) + " " +
               identity +
               " -o IdentitiesOnly=yes -o IdentityAgent=none -o StrictHostKeyChecking=no"
               " -o UserKnownHostsFile=/dev/null -o BatchMode=yes -o LogLevel=ERROR " +
               options + " " + user + "@127.0.0.1");
  }
  static Outcome run(const std::string& command) {
    Outcome out;
    std::FILE* pipe = ::popen(("timeout 120 " + command + " 2>&1 </dev/null").c_str(), "r");
    char buffer[4096];
    while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) {
      out.output.append(buffer, n);
    }
    const int status = ::pclose(pipe);
    out.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return out;
  }

  // Files of the clients.
  std::string path(const std::string& name) const { return world.file(name); }
  void put_file(const std::string& name, const std::string& content) const {
    std::ofstream(path(name), std::ios::binary) << content;
  }
  std::string get_file(const std::string& name) const {
    std::ifstream in(path(name), std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
  }
  void add_key(const std::string& name) {
    auto key = ssh::HostKey::generate(ssh::HostKeyType::kEd25519);
    std::ofstream(path(name)) << key->to_pem().reveal();
    ::chmod(path(name).c_str(), 0600);
    std::ofstream(path(name + ".pub"))
        << key->public_key().type() << " " << key->public_key().base64_blob() << "\n";
  }
  std::string public_line(const std::string& name) const { return get_file(name + ".pub"); }
  std::string fingerprint(const std::string& name) const {
    return ssh::PublicKey::from_authorized_key(public_line(name))->fingerprint_sha256();
  }

  World world;
  ConnectionSettings settings;
  session::Registry registry;
  std::shared_ptr<PreAuthLimit> pre_auth;
  LoginRules login;
  int max_auth_attempts = 6;
  bool client_talks_first = false;
  std::shared_ptr<const net::AllowList> allowed_through_proxy;

 private:
  void accept(net::TcpListener::Accepted accepted) {
    ++live_;
    ConnectionContext context{server_,          ssh_,     signer_,         world.services(),
                              world.identity(), registry, world.pool(),    nullptr,
                              pre_auth,         settings, accepted.remote, allowed_through_proxy,
                              login};
    net::start_on(loop_,
                  serve_ssh_connection(net::TcpStream(loop_, accepted.fd), std::move(context)),
                  [this] { --live_; });
  }
  std::shared_ptr<const model::Server> server_;
  std::shared_ptr<const ssh::ServerSettings> ssh_;
  std::shared_ptr<HostKeySigner> signer_;
  net::Loop loop_;
  std::thread thread_;
  std::unique_ptr<net::TcpListener> listener_;
  std::uint16_t port_ = 0;
  std::atomic<int> live_{0};
};

}  // namespace sallyport::sftp::testing
