// kill -9 at any moment leaves whole versions only: what was acknowledged, or what was under way.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>
#include <cstring>
#include <map>
#include <random>

#include "storage/testing/bucket_driver.h"

namespace sallyport::storage {
namespace {

namespace fs = std::filesystem;
using testing::BucketDriver;
using testing::EmbeddedInstance;
using testing::EmbeddedSetup;
using testing::Permits;

constexpr int kWorkers = 4;
constexpr std::uint32_t kRounds = 8;

// Keys that stand in each other's way, that need reserved names, and ordinary ones.
std::vector<std::string> keys_of(int worker) {
  const std::string w = "w" + std::to_string(worker);
  return {w, w + "/a", w + "/a/b", w + "/plain.txt", w + "//odd", "../" + w, "shared/deep/" + w};
}

// A few bodies are long enough for two parts.
bool is_long(std::uint32_t version) {
  return version % 64 == 0;
}

// A body that tells its version in every byte's place.
std::string body_of(std::uint32_t version) {
  std::mt19937 random(version);
  const std::size_t sizes[] = {1, 300, 4096, 70'000, 200'000};
  std::string body = "version " + std::to_string(version) + "\n";
  const std::size_t size = body.size() + sizes[random() % 5];
  while (body.size() < size) body.push_back(static_cast<char>(random()));
  if (is_long(version)) body.insert(0, kMinPartBytes, static_cast<char>(version >> 8));
  return body;
}

struct Record {
  enum class Kind : std::uint32_t { kPut, kRemove, kMove, kComplete } kind;
  std::uint32_t worker;
  std::uint32_t key;
  std::uint32_t other;    // of a move: where it goes
  std::uint32_t version;  // of a put or an upload in parts
  std::uint32_t done;     // 0: begins, 1: succeeded, 2: refused
  char upload[72];        // of an upload in parts
  char etags[2][40];
  char version_id[40];  // of what was put
};
static_assert(sizeof(Record) < 512);  // one write to a pipe is whole

void tell(int pipe, const Record& record) {
  if (::write(pipe, &record, sizeof record) != sizeof record) ::_exit(3);
}

template <std::size_t N>
void set(char (&out)[N], const std::string& text) {
  ASSERT_LT(text.size(), N);
  std::memcpy(out, text.c_str(), text.size() + 1);
}

Task<Result<std::string>> put_part(BucketStore& store, UploadRef upload, std::uint32_t number,
                                   std::string body) {
  auto permit = Permits::put(upload.bucket, upload.key);
  CO_TRY_ASSIGN(auto writer,
                co_await store.create_part(std::move(permit), std::move(upload), number));
  const iovec all{body.data(), body.size()};
  CO_TRY(co_await writer->write({&all, 1}));
  CO_TRY_ASSIGN(auto info, co_await writer->commit());
  co_return std::move(info.etag);
}

// Uploads the parts and notes what a completion has to name.
Task<Result<void>> prepare_upload(BucketStore& store, std::string key, Record& r) {
  ObjectRef object{"crash", key};
  auto permit = Permits::put("crash", key);
  PutOptions options;
  CO_TRY_ASSIGN(auto id, co_await store.create_upload(std::move(permit), std::move(object),
                                                      std::move(options)));
  set(r.upload, id);
  const std::string body = body_of(r.version);
  const std::size_t first = is_long(r.version) ? kMinPartBytes : body.size();
  for (std::uint32_t n = 0; n < (is_long(r.version) ? 2u : 1u); ++n) {
    UploadRef upload{"crash", key, id};
    auto piece = n == 0 ? body.substr(0, first) : body.substr(first);
    CO_TRY_ASSIGN(auto etag, co_await put_part(store, std::move(upload), n + 1, std::move(piece)));
    set(r.etags[n], etag);
  }
  co_return ok();
}

std::vector<CompletedPart> parts_of(const Record& r) {
  std::vector<CompletedPart> parts;
  for (std::uint32_t n = 0; n < (is_long(r.version) ? 2u : 1u); ++n) {
    parts.push_back({n + 1, r.etags[n], {}});
  }
  return parts;
}

Task<Result<void>> act(BucketStore& store, std::string key, std::string other, Record& r) {
  ObjectRef object{"crash", key};
  switch (r.kind) {
    case Record::Kind::kPut: {
      CO_TRY_ASSIGN(const auto info,
                    co_await testing::put_object(store, std::move(object), body_of(r.version)));
      set(r.version_id, info.version_id);
      co_return ok();
    }
    case Record::Kind::kRemove: {
      auto permit = Permits::erase("crash", key);
      co_return co_await store.remove(std::move(permit), std::move(object));
    }
    case Record::Kind::kMove: {
      ObjectRef to{"crash", other};
      auto read = Permits::get("crash", key);
      auto write = Permits::put("crash", other);
      auto erase = Permits::erase("crash", key);
      co_return co_await store.move(std::move(read), std::move(write), std::move(erase),
                                    std::move(object), std::move(to));
    }
    case Record::Kind::kComplete: {
      UploadRef upload{"crash", key, r.upload};
      auto permit = Permits::put("crash", key);
      auto parts = parts_of(r);
      PutOptions none;
      ContentDigest digest;
      CO_TRY_ASSIGN(const auto info, co_await store.complete_upload(
                                         std::move(permit), std::move(upload), std::move(parts),
                                         std::move(none), std::move(digest)));
      set(r.version_id, info.version_id);
      co_return ok();
    }
  }
  co_return Error(Errc::kInternal, "no such kind");
}

Task<void> work(BucketStore& store, std::uint32_t worker, std::uint32_t seed, int pipe) {
  const auto keys = keys_of(static_cast<int>(worker));
  std::mt19937 random(seed);
  for (;;) {
    Record r{};
    r.worker = worker;
    r.key = random() % keys.size();
    r.other = random() % keys.size();
    const unsigned dice = random() % 12;
    r.kind = dice < 6    ? Record::Kind::kPut
             : dice < 8  ? Record::Kind::kMove
             : dice < 10 ? Record::Kind::kRemove
                         : Record::Kind::kComplete;
    r.version = static_cast<std::uint32_t>(random());
    if (r.kind == Record::Kind::kComplete) {
      if (random() % 4 == 0) r.version &= ~63u;
      const auto prepared = co_await prepare_upload(store, keys[r.key], r);
      if (!prepared.ok()) ::_exit(5);
    }
    tell(pipe, r);
    const auto done = co_await act(store, keys[r.key], keys[r.other], r);
    r.done = done.ok() ? 1 : 2;
    tell(pipe, r);
  }
}

Task<void> work_together(BucketStore& store, std::uint32_t seed, int pipe) {
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
  if (r.kind == Record::Kind::kPut || r.kind == Record::Kind::kComplete) {
    state[key] = r.version;
  } else if (r.kind == Record::Kind::kRemove) {
    state.erase(key);
  } else if (r.key != r.other && state.contains(key)) {
    state[keys[r.other]] = state[key];
    state.erase(key);
  }
}

std::map<std::string, std::string> bodies_in(BucketDriver& driver,
                                             const std::vector<std::string>& keys) {
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

struct Mode {
  bool sync;
  bool versioned;
};

class KillLoop : public ::testing::TestWithParam<Mode> {
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
        if (r.done == 1) {
          advance(states_[r.worker], r);
          if (r.version_id[0] != '\0') made_.push_back(r);
        }
        pending_[r.worker].reset();
      }
      if (++seen == records) ::kill(child, SIGKILL);
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  }

  // An upload whose completion was under way is whole, or it is the object.
  void check_pending_upload(BucketDriver& driver, const std::string& key, const Record& r) {
    const auto before = driver.get(key);
    const auto done = driver.complete(key, r.upload, parts_of(r));
    if (!done.ok()) {
      EXPECT_EQ(done.error().reason, "NoSuchUpload") << done.error().message;
    }
    const auto after = driver.get(key);
    ASSERT_TRUE(after.ok());
    EXPECT_TRUE(*after == body_of(r.version));
    if (!done.ok()) {
      EXPECT_TRUE(before.ok() && *before == *after);
    }
  }

  void check_versions(BucketDriver& driver) {
    const std::size_t first = made_.size() > 300 ? made_.size() - 300 : 0;
    for (std::size_t i = first; i < made_.size(); ++i) {
      const Record& r = made_[i];
      const std::string key = keys_of(static_cast<int>(r.worker))[r.key];
      const auto body = driver.get_version(key, r.version_id);
      ASSERT_TRUE(body.ok()) << key << ": " << body.error().message;
      EXPECT_TRUE(*body == body_of(r.version)) << key;
    }
  }

  void check() {
    EmbeddedInstance instance(folder_.path(), setup_);
    EXPECT_EQ(instance.count("SELECT count(*) FROM storage_intent"), 0);
    BucketDriver driver(instance.store(), "crash");
    for (std::uint32_t w = 0; w < kWorkers; ++w) {
      const auto keys = keys_of(static_cast<int>(w));
      State after = states_[w];
      if (pending_[w]) {
        advance(after, *pending_[w]);
        if (pending_[w]->kind == Record::Kind::kComplete) {
          check_pending_upload(driver, keys[pending_[w]->key], *pending_[w]);
        }
      }
      const auto bodies = bodies_in(driver, keys);
      if (agrees(after, keys, bodies)) states_[w] = after;
      EXPECT_TRUE(agrees(states_[w], keys, bodies)) << "worker " << w;
    }
    check_versions(driver);
    const fs::path reserved = folder_.path() / "buckets/crash/.sallyport";
    const auto files_on = [&](const char* shelf) {
      return std::distance(fs::directory_iterator(reserved / shelf), fs::directory_iterator());
    };
    EXPECT_TRUE(fs::is_empty(reserved / "staging"));
    EXPECT_EQ(files_on("parts"), instance.count("SELECT count(*) FROM storage_part"));
    const auto report = net::sync_wait(instance.store().scan());
    ASSERT_TRUE(report.ok());
    EXPECT_EQ(report->taken_in + report->renewed + report->dropped, 0u);
    EXPECT_EQ(files_on("content"),
              instance.count("SELECT (SELECT count(*) FROM storage_object WHERE location = 2) + "
                             "(SELECT count(*) FROM storage_version WHERE location = 2)"));
  }

  testing::TemporaryFolder folder_;
  EmbeddedSetup setup_{.sync_on_close = GetParam().sync};
  std::map<std::uint32_t, State> states_;
  std::vector<std::optional<Record>> pending_;
  std::vector<Record> made_;  // versions that were acknowledged
};

TEST_P(KillLoop, LeavesOldOrNewVersionsOnly) {
  {
    EmbeddedInstance instance(folder_.path(), setup_);
    BucketDriver driver(instance.store(), "crash");
    ASSERT_TRUE(driver.make_bucket().ok());
    if (GetParam().versioned) {
      ASSERT_TRUE(driver.set_versioning(Versioning::kEnabled).ok());
    }
  }
  std::mt19937 random(2026);
  for (std::uint32_t round = 0; round < kRounds && !HasFailure(); ++round) {
    run_and_kill(static_cast<std::uint32_t>(random()), 1 + random() % 400);
    if (!HasFailure()) check();
  }
}

INSTANTIATE_TEST_SUITE_P(Sync, KillLoop,
                         ::testing::Values(Mode{true, false}, Mode{false, false}, Mode{true, true},
                                           Mode{false, true}),
                         [](const auto& info) {
                           return std::string(info.param.sync ? "Synced" : "Unsynced") +
                                  (info.param.versioned ? "Versioned" : "");
                         });

}  // namespace
}  // namespace sallyport::storage
