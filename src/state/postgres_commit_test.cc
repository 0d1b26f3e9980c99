// A commit whose answer is lost, and a server whose disk is full.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <atomic>
#include <cstring>
#include <fstream>
#include <list>
#include <thread>

#include "base/unique_fd.h"
#include "state/database.h"
#include "state/test_notes.h"
#include "state/test_postgres.h"

namespace sallyport::state {
namespace {

constexpr std::string_view kSocketName = "/.s.PGSQL.5432";  // of the default port

sockaddr_un address_of(const std::string& folder) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = folder + std::string(kSocketName);
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  return address;
}

// Stands between a node and the server, and cuts the connection at the next commit when told.
class CuttingProxy {
 public:
  enum class Cut : std::uint8_t { kNever, kBeforeCommit, kBeforeAnswer };

  explicit CuttingProxy(const std::string& server) : server_(server) {
    const sockaddr_un address = address_of(folder());
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
    EXPECT_EQ(::listen(listener_.get(), 16), 0);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~CuttingProxy() {
    ::eventfd_write(stop_.get(), 1);
    acceptor_.join();
    for (auto& thread : threads_) thread.join();
  }
  std::string folder() const { return folder_.file(""); }
  void cut_next(Cut cut) { cut_ = cut; }
  bool has_cut() const { return cut_ == Cut::kNever; }

 private:
  void accept_all() {
    for (;;) {
      pollfd fds[] = {{stop_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
      ::poll(fds, 2, -1);
      if (fds[0].revents != 0) return;
      threads_.emplace_back(
          [this, client = ::accept(listener_.get(), nullptr, nullptr)] { serve(client); });
    }
  }
  void serve(int accepted) {
    const UniqueFd client(accepted), server(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_un address = address_of(server_);
    if (::connect(server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      return;
    }
    for (;;) {
      pollfd fds[] = {
          {stop_.get(), POLLIN, 0}, {client.get(), POLLIN, 0}, {server.get(), POLLIN, 0}};
      ::poll(fds, 3, -1);
      if (fds[0].revents != 0) return;
      if (fds[1].revents != 0 && !forward(client.get(), server.get())) return;
      if (fds[2].revents != 0 && !forward(server.get(), client.get())) return;
    }
  }
  // False: the connection ends.
  bool forward(int from, int to) {
    char bytes[65536];
    const ssize_t size = ::read(from, bytes, sizeof bytes);
    if (size <= 0) return false;
    // A simple query is sent alone.
    constexpr std::string_view kCommit(
        "Q\0\0\0\x0b"
        "COMMIT\0",
        12);
    const bool commit = std::string_view(bytes, static_cast<std::size_t>(size)) == kCommit;
    const Cut cut = commit ? cut_.exchange(Cut::kNever) : Cut::kNever;
    if (cut == Cut::kBeforeCommit) return false;
    if (::write(to, bytes, static_cast<std::size_t>(size)) != size) return false;
    if (cut == Cut::kNever) return true;
    // The server has answered, and nobody hears it.
    (void)!::read(to, bytes, sizeof bytes);
    return false;
  }

  const TestFolder folder_;
  const std::string server_;
  const UniqueFd stop_{::eventfd(0, EFD_CLOEXEC)};
  const UniqueFd listener_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::atomic<Cut> cut_{Cut::kNever};
  std::list<std::thread> threads_;
  std::thread acceptor_;
};

class PostgreSQLCommit : public testing::TestWithParam<CuttingProxy::Cut> {};

TEST_P(PostgreSQLCommit, IsAnsweredTrulyThoughTheConnectionIsLostInIt) {
  SALLYPORT_NEEDS_POSTGRESQL();
  TestPostgres& server = TestPostgres::shared();
  CuttingProxy proxy(server.socket_folder());
  const std::string target =
      server.target(server.make_schema(), "host=" + proxy.folder());  // the last host counts
  auto opened = Database::open_postgres(SecretString(target), {}, kNoteSets);
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  Database& db = **opened;
  std::vector<std::string> heard;
  const auto handle = db.listen("note", [&](std::string_view p) { heard.emplace_back(p); });
  const bool committed = GetParam() == CuttingProxy::Cut::kBeforeAnswer;
  int calls = 0;
  const auto insert = [&](std::int64_t id) {
    return db.write_blocking([&](Connection& c) -> Result<std::int64_t> {
      ++calls;
      TRY(c.notify("note", std::to_string(id)));
      return c.execute("INSERT INTO note VALUES ($1, '')", {id});
    });
  };
  ASSERT_TRUE(insert(1).ok());
  proxy.cut_next(GetParam());
  const auto r = insert(2);
  EXPECT_TRUE(proxy.has_cut());
  EXPECT_EQ(r.ok(), committed) << (r.ok() ? "" : r.error().message);
  if (!r.ok()) EXPECT_EQ(r.error().code, Errc::kUnavailable);
  EXPECT_EQ(
      *db.read_blocking([](Connection& c) { return c.query_integer("SELECT COUNT(*) FROM note"); }),
      committed ? 2 : 1);
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(heard,
            committed ? std::vector<std::string>({"1", "2"}) : std::vector<std::string>({"1"}));
}

INSTANTIATE_TEST_SUITE_P(AtBothMoments, PostgreSQLCommit,
                         testing::Values(CuttingProxy::Cut::kBeforeCommit,
                                         CuttingProxy::Cut::kBeforeAnswer));

TEST(PostgreSQLFullDisk, FailsWritesKeepsReadsAndWorksAgainWhenSpaceIsBack) {
  SALLYPORT_NEEDS_POSTGRESQL();
  // Without its disk a server does not start again.
  TestPostgres server;
  const std::string disk = server.socket_folder() + "/disk";
  std::filesystem::create_directory(disk);
  if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=4m") != 0) {
    GTEST_SKIP() << "mounting is not permitted here";
  }
  server.hand_over(disk);
  const std::string space = disk + "/space";
  std::filesystem::create_directory(space);
  server.hand_over(space);
  server.run_sql("CREATE TABLESPACE small LOCATION '" + space + "'");
  {
    const std::string schema = server.make_schema();
    auto opened =
        Database::open_postgres(SecretString(server.target("", "options='-csearch_path=" + schema +
                                                                   " -cdefault_tablespace=small'")),
                                {}, kNoteSets);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    Database& db = **opened;
    const auto insert = [&](std::int64_t id) {
      return db.write_blocking([&](Connection& c) {
        return c.execute("INSERT INTO note (id, body) VALUES ($1, $2)",
                         {id, std::string(3000, 'x')});
      });
    };
    const auto count = [&] {
      return *db.read_blocking(
          [](Connection& c) { return c.query_integer("SELECT COUNT(*) FROM note"); });
    };
    ASSERT_TRUE(insert(0).ok());
    {
      std::ofstream filler(disk + "/filler", std::ios::binary);
      const std::string page(4096, 'f');
      while (filler.write(page.data(), 4096).flush()) {
      }
    }
    std::int64_t id = 1;
    Result<std::int64_t> last = 0;
    while (id < 5000 && (last = insert(id)).ok()) ++id;
    ASSERT_FALSE(last.ok());
    EXPECT_EQ(last.error().code, Errc::kUnavailable) << last.error().message;
    EXPECT_EQ(count(), id);
    std::filesystem::remove(disk + "/filler");
    const auto again = insert(id);
    EXPECT_TRUE(again.ok()) << again.error().message;
    EXPECT_EQ(count(), id + 1);
  }
  EXPECT_EQ(::umount2(disk.c_str(), MNT_DETACH), 0);
}

}  // namespace
}  // namespace sallyport::state
