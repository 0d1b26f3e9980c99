// kill -9 at any moment leaves whole versions only: what was acknowledged, or what was under way.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>
#include <map>
#include <random>

#include "storage/testing/embedded_fixture.h"

namespace sallyport::storage {
namespace {

namespace fs = std::filesystem;
using testing::Driver;
using testing::EmbeddedInstance;
using testing::EmbeddedSetup;
using testing::Permits;

constexpr int kWorkers = 4;
constexpr int kRounds = 12;

// Keys that stand in each other's way, that need reserved names, and ordinary ones.
std::vector<std::string> keys_of(int worker) {
  const std::string w = "w" + std::to_string(worker);
  return {w, w + "/a", w + "/a/b", w + "/plain.txt", w + "//odd", "../" + w, "shared/deep/" + w};
}

// A body that tells its version in every byte's place.
std::string body_of(std::uint32_t version) {
  std::mt19937 random(version);
  const std::size_t sizes[] = {1, 300, 4096, 70'000, 200'000};
  std::string body = "version " + std::to_string(version) + "\n";
  const std::size_t size = body.size() + sizes[random() % 5];
  while (body.size() < size) body.push_back(static_cast<char>(random()));
  return body;
}

struct Record {
  enum class Kind : std::uint32_t { kPut, kRemove, kMove } kind;
  std::uint32_t worker;
  std::uint32_t key;
  std::uint32_t other;    // of a move: where it goes
  std::uint32_t version;  // of a put
  std::uint32_t done;     // 0: begins, 1: succeeded, 2: refused
};
static_assert(sizeof(Record) < 512);  // one write to a pipe is whole

void tell(int pipe, const Record& record) {
  if (::write(pipe, &record, sizeof record) != sizeof record) ::_exit(3);
}

Task<void> work(ObjectStore& store, std::uint32_t worker, std::uint32_t seed, int pipe) {
  const auto keys = keys_of(static_cast<int>(worker));
  std::mt19937 random(seed);
  for (;;) {
    Record r{};
    r.worker = worker;
    r.key = random() % keys.size();
    r.other = random() % keys.size();
    const unsigned dice = random() % 10;
    r.kind = dice < 6 ? Record::Kind::kPut : dice < 8 ? Record::Kind::kMove : Record::Kind::kRemove;
    r.version = static_cast<std::uint32_t>(random());
    tell(pipe, r);
    ObjectRef object{"crash", keys[r.key]};
    bool good = false;
    if (r.kind == Record::Kind::kPut) {
      const auto done = co_await testing::put_object(store, std::move(object), body_of(r.version));
      good = done.ok();
    } else if (r.kind == Record::Kind::kRemove) {
      auto permit = Permits::erase("crash", keys[r.key]);
      const auto done = co_await store.remove(std::move(permit), std::move(object));
      good = done.ok();
    } else {
      ObjectRef to{"crash", keys[r.other]};
      auto read = Permits::get("crash", keys[r.key]);
      auto write = Permits::put("crash", keys[r.other]);
      auto erase = Permits::erase("crash", keys[r.key]);
      const auto done = co_await store.move(std::move(read), std::move(write), std::move(erase),
                                            std::move(object), std::move(to));
      good = done.ok();
    }
    r.done = good ? 1 : 2;
    tell(pipe, r);
  }
}

Task<void> work_together(ObjectStore& store, std::uint32_t seed, int pipe) {
  net::TaskScope scope;
  for (std::uint32_t w = 0; w < kWorkers; ++w) scope.spawn(work(store, w, seed + w, pipe));
  co_await scope.join();
}

[[noreturn]] void run_child(const fs::path& folder, EmbeddedSetup setup, std::uint32_t seed,
                            int pipe) {
  EmbeddedInstance instance(folder, setup);
  net::sync_wait(work_together(instance.store(), seed, pipe));
  ::_exit(4);
}

// Each worker's keys as they must be; a missing key is absent.
using State = std::map<std::string, std::uint32_t>;

void advance(State& state, const Record& r) {
  const auto keys = keys_of(static_cast<int>(r.worker));
  const std::string& key = keys[r.key];
  if (r.kind == Record::Kind::kPut) {
    state[key] = r.version;
  } else if (r.kind == Record::Kind::kRemove) {
    state.erase(key);
  } else if (r.key != r.other && state.contains(key)) {
    state[keys[r.other]] = state[key];
    state.erase(key);
  }
}

std::map<std::string, std::string> bodies_in(Driver& driver, const std::vector<std::string>& keys) {
  std::map<std::string, std::string> out;
  for (const auto& key : keys) {
    auto body = driver.get(key);
    if (body.ok()) {
      out[key] = std::move(*body);
    } else {
      EXPECT_EQ(body.error().reason, "NoSuchKey") << body.error().message;
    }
  }
  return out;
}

bool agrees(const State& state, const std::vector<std::string>& keys,
            const std::map<std::string, std::string>& bodies) {
  for (const auto& key : keys) {
    const auto wanted = state.find(key);
    const auto found = bodies.find(key);
    if ((wanted == state.end()) != (found == bodies.end())) return false;
    if (wanted != state.end() && body_of(wanted->second) != found->second) return false;
  }
  return true;
}

class KillLoop : public ::testing::TestWithParam<bool> {
 protected:
  // Runs a child, kills it after some records, brings `states_` up to what it acknowledged and
  // fills `pending_` with what it had begun.
  void run_and_kill(std::uint32_t seed, std::size_t records) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) run_child(folder_.path(), setup_, seed, ends[1]);
    ::close(ends[1]);
    pending_.assign(kWorkers, std::nullopt);
    std::size_t seen = 0;
    Record r;
    while (::read(ends[0], &r, sizeof r) == sizeof r) {
      if (r.done == 2 && r.kind != Record::Kind::kMove) ADD_FAILURE() << "a call was refused";
      if (r.done == 0) {
        pending_[r.worker] = r;
      } else {
        if (r.done == 1) advance(states_[r.worker], r);
        pending_[r.worker].reset();
      }
      if (++seen == records) ::kill(child, SIGKILL);
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  }

  void check() {
    EmbeddedInstance instance(folder_.path(), setup_);
    Driver driver(instance.store(), "crash");
    for (std::uint32_t w = 0; w < kWorkers; ++w) {
      const auto keys = keys_of(static_cast<int>(w));
      const auto bodies = bodies_in(driver, keys);
      State after = states_[w];
      if (pending_[w]) advance(after, *pending_[w]);
      if (agrees(after, keys, bodies)) states_[w] = after;
      EXPECT_TRUE(agrees(states_[w], keys, bodies)) << "worker " << w;
    }
    const fs::path reserved = folder_.path() / "buckets/crash/.sallyport";
    EXPECT_TRUE(fs::is_empty(reserved / "staging"));
    EXPECT_EQ(std::distance(fs::directory_iterator(reserved / "content"), fs::directory_iterator()),
              instance.count("SELECT count(*) FROM storage_object WHERE location = 2"));
    EXPECT_EQ(instance.count("SELECT count(*) FROM storage_intent"), 0);
    const auto report = net::sync_wait(instance.store().scan());
    ASSERT_TRUE(report.ok());
    EXPECT_EQ(report->taken_in + report->renewed + report->dropped, 0u);
  }

  testing::TemporaryFolder folder_;
  EmbeddedSetup setup_{.sync_on_close = GetParam()};
  std::map<std::uint32_t, State> states_;
  std::vector<std::optional<Record>> pending_;
};

TEST_P(KillLoop, LeavesOldOrNewVersionsOnly) {
  {
    EmbeddedInstance instance(folder_.path(), setup_);
    ASSERT_TRUE(Driver(instance.store(), "crash").make_bucket().ok());
  }
  std::mt19937 random(2026);
  for (std::uint32_t round = 0; round < kRounds && !HasFailure(); ++round) {
    run_and_kill(static_cast<std::uint32_t>(random()), 1 + random() % 400);
    if (!HasFailure()) check();
  }
}

INSTANTIATE_TEST_SUITE_P(Sync, KillLoop, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "Synced" : "Unsynced"; });

}  // namespace
}  // namespace sallyport::storage
