// A whole API over a folder of its own, and a client that signs. For tests only.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "api/audit.h"
#include "api/front_door.h"
#include "crypto/seal.h"
#include "events/event_log.h"
#include "events/metrics.h"
#include "http/sigv4.h"
#include "iam/authorizer.h"
#include "iam/credentials.h"
#include "net/blocking_pool.h"
#include "net/loop.h"
#include "process/testing/local_vault.h"
#include "session/registry.h"
#include "state/database.h"
#include "state/resource_store.h"
#include "state/test_folder.h"
#include "state/transfer_repository.h"
#include "storage/embedded_object_store.h"

namespace sallyport::api::testing {

using nlohmann::json;

struct Answer {
  int status = 0;
  http::Headers headers;
  std::string body;

  json parsed() const { return json::parse(body, nullptr, false); }
  // Of an AWS JSON error; empty for an answer that is none.
  std::string type() const {
    const json all = parsed();
    return all.is_object() ? all.value("__type", "") : std::string();
  }
  std::string message() const {
    const json all = parsed();
    return all.value("Message", all.value("message", ""));
  }
};

// What the test says that listens.
class FixedEndpoints final : public EndpointDirectory {
 public:
  std::vector<ListeningEndpoint> endpoints() const override { return list; }
  std::vector<ListeningEndpoint> list;
};

class ApiFixture {
 public:
  static constexpr const char* kAccessKey = "AKIATESTTESTTESTTEST";
  static constexpr const char* kSecret = "a secret of the root for tests";

  explicit ApiFixture(TransferLimits limits = {}, bool allow_vpc_endpoint_type = false) {
    state::DatabaseOptions quick;
    quick.sync = state::DatabaseOptions::Sync::kOff;
    const state::MigrationSet sets[] = {state::resource_schema(),
                                        storage::EmbeddedObjectStore::migrations()};
    database = state::Database::open_sqlite(folder.file("state.db"), quick, sets).value();
    resources = std::make_unique<state::ResourceStore>(*database);
    authorizer = std::make_unique<iam::Authorizer>(*resources, model::Place{}, clock);
    credentials = std::make_unique<iam::CredentialStore>(
        *resources, *authorizer, box, clock, random, model::Place{}.account,
        iam::RootCredentials{kAccessKey, SecretString(kSecret)});
    storage::EmbeddedOptions disk;
    disk.data_dir = folder.file("");
    disk.sync_on_close = false;
    objects = storage::EmbeddedObjectStore::open(disk, *database, pool, clock, random).value();
    events::EventLogOptions keep_all;
    keep_all.retention_days = 100'000;  // tests write lines of 1970
    log = std::make_unique<events::EventLog>(state::LogStore::open(folder.file("log.db")).value(),
                                             pool, keep_all);
    ApiOptions options;
    options.page_token_key = SecretString(std::string(32, 'k'));
    options.limits = limits;
    options.allow_vpc_endpoint_type = allow_vpc_endpoint_type;
    front = FrontDoor::create(
                ApiServices{*resources, *authorizer, *credentials, *objects, *log, metrics,
                            sessions, *vault, pool, clock, random, endpoints, box},
                std::move(options))
                .value();
  }

  // As it comes from the wire.
  Answer send(http::HttpRequest request, std::string body) {
    return net::sync_wait(exchange(std::move(request), std::move(body)));
  }

  void sign(http::HttpRequest& request, const std::string& body, const std::string& service) {
    if (!request.headers.contains("Host")) request.headers.add("Host", "127.0.0.1:4566");
    http::sign(request, signer, http::sha256_hex(body), {"us-east-1", service, clock.wall()});
  }

  // A new IAM user with this policy (none: no rights) and a key of his.
  http::Credentials add_user(const std::string& name, const std::string& policy = {}) {
    model::IamUser user;
    user.name = name;
    user.id = "AIDA" + name;
    user.arn = "arn:aws:iam::000000000000:user/" + name;
    if (!policy.empty()) user.inline_policies["inline"] = policy;
    put(user);
    return add_key(name);
  }
  http::Credentials add_key(const std::string& user_name) {
    iam::NewAccessKey made = credentials->new_access_key(user_name).value();
    put(made.key);
    return {made.key.id, std::move(made.secret), ""};
  }
  // Temporary credentials of a new role with this policy, which trusts the account.
  http::Credentials add_session(const std::string& role_name, const std::string& policy = {}) {
    model::Role role;
    role.name = role_name;
    role.id = "AROA" + role_name;
    role.arn = model::Place{}.role_arn("/", role_name);
    role.assume_role_policy_document =
        R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":"sts:AssumeRole"}})";
    if (!policy.empty()) role.inline_policies["inline"] = policy;
    put(role);
    iam::AssumeRoleRequest request;
    request.role_arn = role.arn;
    request.session_name = "tour";
    auto session = net::sync_wait(
        authorizer->assume_role(iam::Identity::root("000000000000"), std::move(request)));
    auto issued = credentials->issue(session.value()).value();
    return {issued.access_key, std::move(issued.secret), issued.session_token};
  }
  // Into the resource store, over what is there.
  template <class T>
  void put(const T& value) {
    const state::ResourceKey key = state::key_of(value);
    const auto old = net::sync_wait(resources->get(key));
    std::vector<state::ResourceChange> change{
        old.ok() ? state::Repository<T>::updating(value, old->version)
                 : state::Repository<T>::insertion(value)};
    EXPECT_TRUE(net::sync_wait(resources->apply(std::move(change))).ok());
  }

  // The events of the audit log so far.
  std::vector<json> audit_events() {
    state::LogQuery query;
    query.group = kAuditLogGroup;
    const auto lines = net::sync_wait(log->query(std::move(query)));
    EXPECT_TRUE(lines.ok());
    std::vector<json> out;
    for (const state::LogLine& line : *lines)
      out.push_back(json::parse(line.message, nullptr, false));
    return out;
  }

  Answer send_signed(http::HttpRequest request, std::string body, const std::string& service) {
    sign(request, body, service);
    return send(std::move(request), std::move(body));
  }

  // Many requests to Transfer at the same time.
  std::vector<Answer> transfer_at_once(const std::string& operation,
                                       const std::vector<json>& requests) {
    std::vector<TransferCall> calls;
    for (const json& request : requests) calls.emplace_back(operation, request);
    return transfer_at_once(std::move(calls));
  }
  using TransferCall = std::pair<std::string, json>;
  std::vector<Answer> transfer_at_once(std::vector<TransferCall> calls) {
    return net::sync_wait(all_at_once(std::move(calls)));
  }

  Answer json_call(const std::string& service, const std::string& target, std::string body) {
    http::HttpRequest request;
    request.method = "POST";
    request.target = "/";
    request.headers.add("Content-Type", "application/x-amz-json-1.1");
    request.headers.add("X-Amz-Target", target);
    return send_signed(std::move(request), std::move(body), service);
  }

  Answer transfer(const std::string& operation, const json& members) {
    return json_call("transfer", "TransferService." + operation, members.dump());
  }
  Answer logs(const std::string& operation, const json& members) {
    return json_call("logs", "Logs_20140328." + operation, members.dump());
  }

  Answer query(const std::string& service, const std::string& form) {
    http::HttpRequest request;
    request.method = "POST";
    request.target = "/";
    request.headers.add("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
    return send_signed(std::move(request), form, service);
  }

  using HeaderList = std::vector<std::pair<std::string, std::string>>;
  Answer s3(const std::string& method, const std::string& target, std::string body = {},
            const HeaderList& headers = {}) {
    http::HttpRequest request;
    request.method = method;
    request.target = target;
    for (const auto& [name, value] : headers) request.headers.add(name, value);
    return send_signed(std::move(request), std::move(body), "s3");
  }

  std::string make_server(const json& members = json::object()) {
    const Answer answer = transfer("CreateServer", members);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.parsed().value("ServerId", "");
  }

  // A server without host keys, which take their time to make.
  std::string add_server() {
    model::Server server;
    server.id = model::ServerId("s-" + random.hex(17));
    server.arn = model::Place{}.server_arn(server.id);
    server.host_key_fingerprint = "SHA256:none=";
    const auto inserted =
        net::sync_wait(state::Repository<model::Server>(*resources).insert(server));
    EXPECT_TRUE(inserted.ok());
    return server.id.str();
  }

  json describe_server(const std::string& id) {
    const Answer answer = transfer("DescribeServer", {{"ServerId", id}});
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.parsed()["Server"];
  }

  // What the data plane's supervisor would write.
  void set_state(const std::string& id, model::ServerState state) {
    net::sync_wait(write_state(id, state));
  }

  // Who signs.
  http::Credentials signer{kAccessKey, SecretString(kSecret), ""};
  state::TestFolder folder;
  ManualClock clock{from_unix_ms(1'767'323'045'000)};  // 2026-01-02T03:04:05Z
  SystemRandom random;
  net::BlockingPool pool{"test", 2};
  std::unique_ptr<state::Database> database;
  std::unique_ptr<state::ResourceStore> resources;
  std::unique_ptr<iam::Authorizer> authorizer;
  std::unique_ptr<iam::CredentialStore> credentials;
  std::unique_ptr<storage::EmbeddedObjectStore> objects;
  std::unique_ptr<events::EventLog> log;
  events::Metrics metrics;
  session::Registry sessions;
  crypto::SecretBox box{SecretString(std::string(32, 'm'))};
  std::unique_ptr<process::KeyVault> vault =
      process::testing::local_vault(SecretString(std::string(32, 'm')));
  FixedEndpoints endpoints;
  std::unique_ptr<FrontDoor> front;

 private:
  Task<Answer> exchange(http::HttpRequest request, std::string body) {
    if (!request.headers.contains("Content-Length"))
      request.headers.add("Content-Length", std::to_string(body.size()));
    http::MemoryBodyReader reader(std::move(body));
    const http::RequestContext context{net::Endpoint{net::IpAddress::from_v4({127, 0, 0, 1}), 1}};
    auto response = co_await front->handle(request, reader, context);
    Answer answer{response.status, std::move(response.headers), std::move(response.body)};
    if (response.stream) {
      answer.body.clear();
      Bytes piece(4096);
      while (true) {
        auto got = co_await response.stream->read(piece);
        if (!got.ok()) {
          ADD_FAILURE() << got.error().message;
          break;
        }
        if (*got == 0) break;
        answer.body += as_text(ByteView(piece.data(), *got));
      }
    }
    co_return answer;
  }

  Task<void> keep_answer(http::HttpRequest request, std::string body, Answer& out) {
    out = co_await exchange(std::move(request), std::move(body));
  }

  Task<std::vector<Answer>> all_at_once(std::vector<TransferCall> calls) {
    std::vector<Answer> answers(calls.size());
    net::TaskScope scope;
    for (std::size_t i = 0; i < calls.size(); ++i) {
      const std::string body = calls[i].second.dump();
      http::HttpRequest request;
      request.method = "POST";
      request.target = "/";
      request.headers.add("Content-Type", "application/x-amz-json-1.1");
      request.headers.add("X-Amz-Target", "TransferService." + calls[i].first);
      sign(request, body, "transfer");
      scope.spawn(keep_answer(std::move(request), body, answers[i]));
    }
    co_await scope.join();
    co_return answers;
  }

  Task<void> write_state(std::string id, model::ServerState state) {
    state::Repository<model::Server> servers(*resources);
    auto stored = co_await servers.get("", id);
    if (!stored.ok()) {
      ADD_FAILURE() << stored.error().message;
      co_return;
    }
    stored->value.state = state;
    const auto updated = co_await servers.update(stored->value, stored->version);
    EXPECT_TRUE(updated.ok());
  }
};

inline constexpr const char* kRole = "arn:aws:iam::000000000000:role/transfer";
// Made with ssh-keygen; nobody holds the private halves.
inline constexpr const char* kEd25519Key =
    "ssh-ed25519 "
    "AAAAC3NzaC1lZDI1NTE5AAAAIDfpjmKXDGLCwgFiFRMUx2WIlCqEiu3Kygh7jylkgIA7 ann@example.com";
inline constexpr const char* kEcdsaKey =
    "ecdsa-sha2-nistp256 "
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBGNO0uSnX8yP5QzD05/jX4/h"
    "v0HALlNV5P/HsXH87E00fECy5b4WKhues6U7T9ntviaG/nC4EKgarfcoMkBTPBc=";

}  // namespace sallyport::api::testing
