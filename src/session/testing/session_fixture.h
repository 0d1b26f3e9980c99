// A session with everything around it: roles in a real resource store, buckets in memory, lines in
// a real log. For tests only.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "events/event_log.h"
#include "events/metrics.h"
#include "iam/testing/resources.h"
#include "net/blocking_pool.h"
#include "net/loop.h"
#include "session/session.h"
#include "session/testing/memory_object_store.h"

namespace sallyport::session::testing {

inline constexpr std::string_view kAllowAll =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]})";

class SessionTest : public ::testing::Test {
 protected:
  SessionTest() {
    server.id = model::ServerId("s-0123456789abcdef0");
    server.arn = model::Place().server_arn(server.id);
    ann.server_id = server.id;
    ann.user_name = "ann";
    ann.role = model::Place().role_arn("/", "demo");
    ann.home_directory = "/demo/ann";
    allow(kAllowAll);
    objects.buckets["demo"];
  }

  // Gives the role this one policy.
  void allow(std::string_view policy) {
    resources.put(iam::testing::Resources::role("demo", std::string(iam::testing::kTransferTrust),
                                                std::string(policy)));
  }
  void break_trust() {
    resources.put(
        iam::testing::Resources::role("demo", R"({"Statement":[]})", std::string(kAllowAll)));
  }
  void make_logical(std::vector<model::HomeDirectoryMapEntry> mappings) {
    ann.home_directory_type = model::HomeDirectoryType::kLogical;
    ann.home_directory = "";
    ann.home_directory_mappings = std::move(mappings);
  }

  // The session; made at the first call, from `server` and `ann` as they then are.
  Session& session() {
    if (session_ == nullptr)
      session_ = std::make_unique<Session>(
          SessionServices{objects, authorizer, log, metrics, clock, random, &bus}, server, ann,
          facts);
    return *session_;
  }
  void log_in_again() { session_.reset(); }

  template <class T>
  static T wait(Task<T> task) {
    return net::sync_wait(std::move(task));
  }

  std::unique_ptr<Upload> open_upload(std::string path, OpenMode mode) {
    auto upload = wait(session().open_upload(std::move(path), mode));
    EXPECT_TRUE(upload.ok()) << (upload.ok() ? "" : upload.error().message);
    return upload.ok() ? std::move(*upload) : nullptr;
  }
  static Result<void> write(Upload& upload, std::uint64_t offset, std::string text) {
    const iovec buffer{text.data(), text.size()};
    return wait(upload.write(offset, {&buffer, 1}));
  }
  // All entries, read `limit` at a time: "name" and "name/" for directories.
  Result<std::vector<std::string>> list(std::string path, std::uint32_t limit = 100) {
    auto reader = wait(session().open_directory(std::move(path)));
    if (!reader.ok()) return std::move(reader).error();
    std::vector<std::string> out;
    while (true) {
      auto entries = wait((*reader)->next(limit));
      if (!entries.ok()) return std::move(entries).error();
      if (entries->empty()) return out;
      EXPECT_LE(entries->size(), limit);
      for (const DirectoryEntry& entry : *entries)
        out.push_back(entry.name + (entry.attributes.directory ? "/" : ""));
    }
  }
  template <class T>
  static void expect_refused(const Result<T>& result, Errc code) {
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(errc_name(result.error().code), errc_name(code)) << result.error().message;
  }

  // The lines since the last call, oldest first.
  std::vector<nlohmann::json> lines() {
    state::LogQuery query;
    query.group = "/aws/transfer/" + server.id.str();
    query.after_id = seen_;
    const auto found = wait(log.query(query));
    EXPECT_TRUE(found.ok());
    std::vector<nlohmann::json> out;
    for (const state::LogLine& line : *found) {
      EXPECT_EQ(line.stream, server.id.str() + "/ann");
      out.push_back(nlohmann::json::parse(line.message, nullptr, false));
      EXPECT_EQ(out.back().value("resource-arn", ""), server.arn);
      EXPECT_EQ(out.back().value("session-id", ""), session().id());
      seen_ = line.id;
    }
    return out;
  }
  static std::set<std::string> keys_of(const nlohmann::json& line) {
    std::set<std::string> out;
    for (const auto& [key, value] : line.items()) {
      EXPECT_TRUE(value.is_string()) << key;
      out.insert(key);
    }
    return out;
  }

  static constexpr OpenMode kPut{.write = true, .create = true, .truncate = true};

  iam::testing::Resources resources;
  MemoryObjectStore objects;
  iam::Authorizer authorizer{resources.store(), {}, clock};
  net::BlockingPool pool{"log", 1};
  events::EventLog log{std::move(state::LogStore::open(resources.file("log.db"))).value(),
                       pool,
                       {.retention_days = 36500}};  // the test's clock stands still
  events::Metrics metrics;
  ManualClock clock{from_unix_ms(1767323045000)};
  SystemRandom random;
  events::EventBus bus{random};  // without sinks
  model::Server server;
  identity::Principal ann;
  ConnectionFacts facts;

 private:
  std::unique_ptr<Session> session_;
  std::uint64_t seen_ = 0;
};

}  // namespace sallyport::session::testing
