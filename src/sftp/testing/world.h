// Everything a session stands on, with embedded stores in a folder of its own: for tests.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "events/event_log.h"
#include "events/metrics.h"
#include "iam/authorizer.h"
#include "iam/testing/permit_for_test.h"
#include "identity/principal.h"
#include "model/server.h"
#include "net/blocking_pool.h"
#include "net/loop.h"
#include "session/session.h"
#include "session/site_rules.h"
#include "state/database.h"
#include "state/repository.h"
#include "state/resource_store.h"
#include "state/test_folder.h"
#include "storage/embedded_object_store.h"

namespace sallyport::sftp::testing {

inline Task<std::string> read_object(storage::ObjectStore& store, std::string key) {
  storage::ObjectRef object{"demo", key};
  auto reader = co_await store.open(iam::PermitForTest::get("demo", key), std::move(object));
  if (!reader.ok()) co_return "(none)";
  std::string content((*reader)->info().size, '\0');
  const iovec place{content.data(), content.size()};
  auto got = co_await (*reader)->read_at(0, {&place, 1});
  co_return got.ok() ? content : "(unreadable)";
}

inline Task<void> write_object(storage::ObjectStore& store, std::string key, std::string content) {
  storage::ObjectRef object{"demo", key};
  storage::PutOptions options;
  auto writer = co_await store.create(iam::PermitForTest::put("demo", key), std::move(object),
                                      std::move(options));
  if (!writer.ok()) std::abort();
  const iovec all{content.data(), content.size()};
  const auto written = co_await (*writer)->write({&all, 1});
  if (!written.ok()) std::abort();
  const auto committed = co_await (*writer)->commit();
  if (!committed.ok()) std::abort();
}

// One server, one bucket "demo", one role that may do everything to it, and one user "ann" whose
// home is
// "/demo/ann". Blocking calls; not from a loop. Ends the program when something cannot be made.
class World {
 public:
  World() {
    const state::MigrationSet sets[] = {state::resource_schema(),
                                        storage::EmbeddedObjectStore::migrations()};
    state::DatabaseOptions options;
    options.sync = state::DatabaseOptions::Sync::kOff;
    database_ = must(state::Database::open_sqlite(folder_.file("state.db"), options, sets));
    resources_ = std::make_unique<state::ResourceStore>(*database_);
    authorizer_ = std::make_unique<iam::Authorizer>(*resources_, place_, clock_);
    identity_ = std::make_unique<identity::ServiceManaged>(*resources_);
    storage::EmbeddedOptions embedded;
    embedded.data_dir = folder_.file("");
    embedded.sync_on_close = false;
    objects_ =
        must(storage::EmbeddedObjectStore::open(embedded, *database_, pool_, clock_, random_));
    log_ = std::make_unique<events::EventLog>(must(state::LogStore::open(folder_.file("log.db"))),
                                              pool_, events::EventLogOptions());
    server_.id = model::ServerId("s-0123456789abcdef0");
    server_.arn = place_.server_arn(server_.id);
    put_role(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*",)"
             R"("Resource":["arn:aws:s3:::demo","arn:aws:s3:::demo/*"]}]})");
    (void)must(net::sync_wait(
        objects_->create_bucket(iam::PermitForTest::create_bucket("demo"), std::string("demo"))));
  }
  ~World() {
    log_.reset();
    objects_.reset();
  }

  // Of all servers. Before the first session().
  void make_extended(std::uint64_t spool_bytes = 1 << 20) {
    session::SpoolOptions options{folder_.file("spool"), spool_bytes, spool_bytes};
    site_ = std::make_unique<session::SiteRules>(must(session::Spool::open(options, pool_)), clock_);
    site_->set_compatibility({{"default", model::Compatibility::kExtended}});
  }
  session::SiteRules& site() { return *site_; }

  model::Server& server() { return server_; }
  identity::Principal principal() const {
    identity::Principal out;
    out.server_id = server_.id;
    out.user_name = "ann";
    out.role = place_.role_arn("/", "demo");
    out.home_directory = "/demo/ann";
    return out;
  }
  session::SessionServices services() {
    return {*objects_, *authorizer_, *log_, metrics_, clock_, random_, nullptr, site_.get()};
  }
  std::unique_ptr<session::Session> session() {
    return std::make_unique<session::Session>(services(), server_, principal(),
                                              session::ConnectionFacts());
  }
  // A stored user, for the real identity provider; `key` in authorized_keys form.
  void put_user(std::string name, std::string key) {
    model::User user;
    user.server_id = server_.id;
    user.user_name = name;
    user.role = place_.role_arn("/", "demo");
    user.home_directory = "/demo/" + name;
    user.ssh_public_keys.push_back(
        {model::SshPublicKeyId("key-0123456789abcdef0"), std::move(key), clock_.wall()});
    (void)must(net::sync_wait(state::Repository<model::User>(*resources_).insert(std::move(user))));
  }
  identity::ServiceManaged& identity() { return *identity_; }
  net::BlockingPool& pool() { return pool_; }
  const Clock& clock() const { return clock_; }
  Random& random() { return random_; }
  std::string file(const std::string& name) const { return folder_.file(name); }

  // The content of an object of "demo", or "(none)".
  std::string object(std::string key) {
    return net::sync_wait(read_object(*objects_, std::move(key)));
  }
  void put_object(std::string key, std::string content) {
    net::sync_wait(write_object(*objects_, std::move(key), std::move(content)));
  }
  // The messages of all log lines written so far, oldest first, as "<stream> <json>".
  std::vector<std::string> log_lines() {
    std::vector<std::string> out;
    for (const state::LogLine& line : must(net::sync_wait(log_->query(state::LogQuery())))) {
      out.push_back(line.stream + " " + line.message);
    }
    return out;
  }
  // Those that hold `word`.
  std::vector<std::string> log_lines_with(std::string_view word) {
    std::vector<std::string> out;
    for (std::string& line : log_lines()) {
      if (line.find(word) != std::string::npos) out.push_back(std::move(line));
    }
    return out;
  }

 private:
  template <class T>
  static T must(Result<T> result) {
    if (!result.ok()) {
      std::fprintf(stderr, "%s\n", result.error().message.c_str());
      std::abort();
    }
    return std::move(result).value();
  }

  void put_role(std::string policy) {
    model::Role role;
    role.name = "demo";
    role.id = "AROAAAAAAAAAAAAAAAAAA";
    role.arn = place_.role_arn("/", "demo");
    role.assume_role_policy_document =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
        R"("Principal":{"Service":"transfer.amazonaws.com"},"Action":"sts:AssumeRole"}]})";
    role.inline_policies["all"] = std::move(policy);
    (void)must(net::sync_wait(state::Repository<model::Role>(*resources_).insert(std::move(role))));
  }

  state::TestFolder folder_;
  const SystemClock clock_;
  SystemRandom random_;
  const model::Place place_;
  net::BlockingPool pool_{"test", 2};
  std::unique_ptr<state::Database> database_;
  std::unique_ptr<state::ResourceStore> resources_;
  std::unique_ptr<iam::Authorizer> authorizer_;
  std::unique_ptr<identity::ServiceManaged> identity_;
  std::unique_ptr<storage::EmbeddedObjectStore> objects_;
  std::unique_ptr<events::EventLog> log_;
  events::Metrics metrics_;
  std::unique_ptr<session::SiteRules> site_;
  model::Server server_;
};

}  // namespace sallyport::sftp::testing
