// A PostgreSQL server of the test program's own: made at the first use, on a Unix socket in a
// temporary folder, gone at the program's end. For tests only.
#pragma once

#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/secret.h"
#include "state/test_folder.h"

namespace sallyport::state {

class TestPostgres {
 public:
  // One of the test's own; running. REQUIRES: programs() is not empty.
  // The server refuses to run as root.
  TestPostgres() : owner_(::geteuid() == 0 ? ::getpwnam("postgres") : nullptr) {
    std::filesystem::create_directory(socket_);
    std::filesystem::permissions(std::filesystem::path(socket_).parent_path(),
                                 std::filesystem::perms(0755));
    std::filesystem::create_directory(data_);
    for (const auto& folder : {socket_, data_}) hand_over(folder);
    // Not the order of bytes, as on most servers people have.
    const pid_t made =
        run({"initdb", "-D", data_, "-A", "trust", "-U", "sallyport", "-E", "UTF8",
             "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en", "--no-sync"});
    ::waitpid(made, nullptr, 0);
    start();
  }

  // The folder of the newest server's programs; empty if none is installed.
  static std::string programs() {
    std::vector<std::string> found;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", ignored)) {
      const auto folder = entry.path() / "bin";
      if (std::filesystem::exists(folder / "initdb", ignored) &&
          std::filesystem::exists(folder / "postgres", ignored)) {
        found.push_back(folder.string());
      }
    }
    return found.empty() ? std::string() : *std::max_element(found.begin(), found.end());
  }

  // The one that all tests of the program use. REQUIRES: as above.
  static TestPostgres& shared() {
    static TestPostgres server;
    return server;
  }

  // As if the machine had stopped: no checkpoint, every connection cut.
  void crash() {
    ::kill(child_, SIGQUIT);
    ::waitpid(child_, nullptr, 0);
    child_ = -1;
  }
  void start() {
    child_ = run({"postgres", "-D", data_, "-k", socket_, "-c", "listen_addresses=", "-c",
                  "fsync=off", "-c", "shared_buffers=16MB", "-c", "max_connections=100"});
    while (PQping(target("").c_str()) != PQPING_OK) {
      if (::waitpid(child_, nullptr, WNOHANG) == child_) {
        ADD_FAILURE() << "PostgreSQL did not start; see " << log_;
        std::abort();
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }

  // A connection string; tables are looked for and made in `schema`.
  std::string target(const std::string& schema, const std::string& more = {}) const {
    std::string text = "host=" + socket_ + " user=sallyport dbname=postgres " + more;
    if (!schema.empty()) text += " options='-csearch_path=" + schema + "'";
    return text;
  }
  const std::string& socket_folder() const { return socket_; }
  // A schema that nobody else uses.
  std::string make_schema() {
    static std::atomic<int> made{0};
    std::string name = "t" + std::to_string(::getpid()) + "_" + std::to_string(++made);
    run_sql("CREATE SCHEMA " + name);
    return name;
  }
  // Past all of our code.
  void run_sql(const std::string& sql) const {
    PGconn* const connection = PQconnectdb(target("").c_str());
    PGresult* const result = PQexec(connection, sql.c_str());
    const auto status = PQresultStatus(result);
    EXPECT_TRUE(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        << sql << ": " << PQerrorMessage(connection);
    PQclear(result);
    PQfinish(connection);
  }
  // Gives a file or folder to the server.
  void hand_over(const std::string& path) const {
    if (owner_ != nullptr) EXPECT_EQ(::chown(path.c_str(), owner_->pw_uid, owner_->pw_gid), 0);
  }

  ~TestPostgres() {
    if (child_ > 0) crash();
  }
  TestPostgres(const TestPostgres&) = delete;
  TestPostgres& operator=(const TestPostgres&) = delete;

 private:
  pid_t run(std::vector<std::string> arguments) const {
    const std::string program = programs() + "/" + arguments[0];
    std::vector<char*> pointers;
    for (auto& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    const pid_t child = ::fork();
    if (child != 0) return child;
    (void)!::freopen(log_.c_str(), "a", stderr);
    ::dup2(::fileno(stderr), STDOUT_FILENO);
    if (owner_ != nullptr && (::setgid(owner_->pw_gid) != 0 || ::setuid(owner_->pw_uid) != 0)) {
      ::_exit(1);
    }
    ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
    // So that no folder of the caller's has to be readable.
    if (::chdir("/") == 0) ::execv(program.c_str(), pointers.data());
    ::_exit(1);
  }

  const TestFolder folder_;
  const std::string socket_ = folder_.file("s"), data_ = folder_.file("data"),
                    log_ = folder_.file("log");
  const passwd* const owner_;
  pid_t child_ = -1;
};

// True where a test has to go on; else it has been skipped, or failed where skipping is forbidden.
#define SALLYPORT_NEEDS_POSTGRESQL()                                \
  if (::sallyport::state::TestPostgres::programs().empty()) {       \
    ASSERT_EQ(std::getenv("SALLYPORT_REQUIRE_POSTGRESQL"), nullptr) \
        << "PostgreSQL's server is not installed";                  \
    GTEST_SKIP() << "PostgreSQL's server is not installed";         \
  }                                                                 \
  static_assert(true)

}  // namespace sallyport::state
