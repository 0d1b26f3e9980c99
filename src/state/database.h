// One small door to SQL, the same for SQLite (embedded) and PostgreSQL (cluster): statements with
// $1, $2, … typed parameters, typed columns, transactions, notifications after the commit.
//
// SQL is written in what both understand: BIGINT, TEXT and BYTEA columns, INSERT … ON CONFLICT,
// RETURNING. TEXT is valid UTF-8 without NUL and compares by bytes; arbitrary bytes are BYTEA.
#pragma once

#include <concepts>
#include <condition_variable>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace sallyport::net {
class Loop;
}

namespace sallyport::state {

// The value of one parameter. Text and bytes are borrowed until the call returns.
class Bind {
 public:
  enum class Type : std::uint8_t { kNull, kInteger, kText, kBlob };

  Bind(std::nullptr_t) {}
  Bind(std::nullopt_t) {}
  template <class T>
  requires std::is_integral_v<T> Bind(T value)
      : type_(Type::kInteger), integer_(static_cast<std::int64_t>(value)) {}
  Bind(std::string_view text) : type_(Type::kText), bytes_(text) {}
  Bind(const std::string& text) : Bind(std::string_view(text)) {}
  Bind(const char* text) : Bind(std::string_view(text)) {}
  Bind(ByteView blob) : type_(Type::kBlob), bytes_(as_text(blob)) {}
  Bind(const Bytes& blob) : Bind(ByteView(blob)) {}
  template <class T>
  Bind(const std::optional<T>& value) {
    if (value) *this = Bind(*value);
  }

  Type type() const { return type_; }
  std::int64_t integer() const { return integer_; }
  std::string_view bytes() const { return bytes_; }

 private:
  Type type_ = Type::kNull;
  std::int64_t integer_ = 0;
  std::string_view bytes_;
};

// The row a query stands on; columns count from 0. Views are good until the row callback returns.
class Row {
 public:
  virtual bool is_null(int column) const = 0;
  // 0 for NULL.
  virtual std::int64_t integer(int column) const = 0;
  // Empty for NULL.
  virtual std::string_view text(int column) const = 0;
  virtual ByteView blob(int column) const = 0;

  std::string string(int column) const { return std::string(text(column)); }
  std::optional<std::int64_t> optional_integer(int column) const {
    return is_null(column) ? std::nullopt : std::optional(integer(column));
  }
  std::optional<std::string> optional_string(int column) const {
    return is_null(column) ? std::nullopt : std::optional(string(column));
  }

 protected:
  ~Row() = default;
};

// A borrowed callable `void(const Row&)`, or `bool(const Row&)` where false ends the query early.
class RowSink {
 public:
  template <class F>
  requires(!std::same_as<std::remove_cvref_t<F>, RowSink> && std::invocable<F&, const Row&>)
      RowSink(F&& f)
      : object_(const_cast<void*>(static_cast<const void*>(&f))),
        call_([](void* object, const Row& row) -> bool {
          auto& callable = *static_cast<std::remove_reference_t<F>*>(object);
          if constexpr (std::is_void_v<std::invoke_result_t<F&, const Row&>>) {
            callable(row);
            return true;
          } else {
            return callable(row);
          }
        }) {}

  bool operator()(const Row& row) const { return call_(object_, row); }

 private:
  void* object_;
  bool (*call_)(void*, const Row&);
};

using Binds = std::initializer_list<Bind>;

// The database inside one read or write function, and only there. Not thread-safe.
//
// Errors of all calls: kAlreadyExists (a unique or primary key stands), kConflict (a foreign key),
// kInvalidArgument (CHECK, NOT NULL), kUnavailable (disk full, locked, no memory), kIo, kCorrupt,
// kInternal (the statement is wrong). As on PostgreSQL, a failed statement spoils its function: the
// write is rolled back and fails even if the function returns success. To go on where a row may
// stand already, use ON CONFLICT DO NOTHING and look at the count.
class Connection {
 public:
  // Runs a statement without rows; returns how many rows it inserted, updated or deleted.
  Result<std::int64_t> execute(std::string_view sql, Binds binds = {}) {
    return run(sql, {binds.begin(), binds.size()}, nullptr);
  }
  Result<std::int64_t> execute_with(std::string_view sql, std::span<const Bind> binds) {
    return run(sql, binds, nullptr);
  }

  // Calls `on_row` for each row. Other statements may be run from inside the callback.
  // Returns how many rows the callback saw.
  Result<std::int64_t> query(std::string_view sql, Binds binds, RowSink on_row) {
    return run(sql, {binds.begin(), binds.size()}, &on_row);
  }
  Result<std::int64_t> query_with(std::string_view sql, std::span<const Bind> binds,
                                  RowSink on_row) {
    return run(sql, binds, &on_row);
  }
  // The first column of the only row; kNotFound if there is none.
  Result<std::int64_t> query_integer(std::string_view sql, Binds binds = {});

  // Tells the listeners of `channel` after the commit; nothing if it does not come to one.
  // Only in a write. `payload` has at most 7,000 bytes of UTF-8 (kLimitExceeded).
  virtual Result<void> notify(std::string_view channel, std::string payload) = 0;

 protected:
  ~Connection() = default;
  virtual Result<std::int64_t> run(std::string_view sql, std::span<const Bind> binds,
                                   const RowSink* on_row) = 0;
};

// One step of a schema. `sql` may hold several statements; they and the record that they ran are
// one transaction.
struct Migration {
  int version;  // 1, 2, 3, … without gaps
  std::string_view sql;
};

// The schema of one module. Views are borrowed during open only.
struct MigrationSet {
  std::string_view name;  // e.g. "storage"; stays the same for ever
  std::span<const Migration> migrations;
};

struct DatabaseOptions {
  enum class Sync : std::uint8_t {
    kFull,    // an answered write survives loss of power
    kNormal,  // survives the end of the process; the last ones may go with the power
    kOff,     // like kNormal; loss of power may also corrupt
  };
  Sync sync = Sync::kFull;
  unsigned reader_threads = 2;
  std::uint32_t busy_timeout_ms = 5000;         // wait for another process that writes
  std::uint32_t statement_timeout_ms = 30'000;  // PostgreSQL; beyond: kUnavailable
  std::uint32_t max_batch = 256;                // writes in one commit (PostgreSQL: at most 64)
  std::uint32_t max_queued = 100'000;           // of reads and of writes; beyond: kUnavailable
  std::uint64_t max_bytes = 0;  // SQLite: bound of the file; 0: the disk's. Beyond: kUnavailable
  bool incremental_vacuum = false;  // SQLite: a new file can give pages back (Database::shrink)
};

// Thread-safe. Must outlive the calls that wait on it. The destructor finishes what was submitted.
class Database {
 public:
  // Opens or makes the file (mode 0600) and brings it to the newest schema.
  // Errors: kUnsupported (the file's schema is newer than this program), kCorrupt (not a database,
  // or damaged), kUnavailable, kIo, kPermissionDenied.
  static Result<std::unique_ptr<Database>> open_sqlite(const std::string& path,
                                                       DatabaseOptions options = {},
                                                       std::span<const MigrationSet> sets = {});
  // One in memory, of at most 1 GiB, that goes with the object: for what is tried and thrown away.
  // Reads and writes wait for one another. Errors: kUnavailable (no memory).
  static Result<std::unique_ptr<Database>> open_memory(std::span<const MigrationSet> sets = {});
  // Connects to PostgreSQL 13 or newer and brings the schema that comes first in the search path to
  // the newest version; several nodes may start at once. `target` is a connection string or URI of
  // libpq, TLS included; what it does not say of time-outs gets values that notice a lost server
  // within about ten seconds. What is opened again by itself: connections, with kUnavailable
  // meanwhile. All writes of all nodes on one schema follow each other (see postgres_database.h).
  // Errors: kInvalidArgument (the string), kUnsupported (as above; the server is too old or not in
  // UTF-8), kUnavailable, kPermissionDenied (password, rights), kNotFound (no such database).
  static Result<std::unique_ptr<Database>> open_postgres(const SecretString& target,
                                                         DatabaseOptions options = {},
                                                         std::span<const MigrationSet> sets = {});
  virtual ~Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // co_await db.read(f) with `Result<T> f(Connection&)`: runs f on a thread of the database with a
  // snapshot that stays the same for all its statements; resumes on the caller's loop.
  // REQUIRES: net::Loop::current() != null. f must not throw.
  template <class F>
  auto read(F f) {
    return Awaiter<F>(*this, Kind::kRead, std::move(f));
  }

  // The same with a transaction, durable when it answers. f is called once. If it returns an error,
  // everything it did is undone; other writes that share the commit are not touched. If the commit
  // itself fails, all that shared it fail.
  template <class F>
  auto write(F f) {
    return Awaiter<F>(*this, Kind::kWrite, std::move(f));
  }

  // For threads that may block; never from inside a read or write function.
  template <class F>
  auto read_blocking(F f) {
    return run_blocking(Kind::kRead, std::move(f));
  }
  template <class F>
  auto write_blocking(F f) {
    return run_blocking(Kind::kWrite, std::move(f));
  }

  // Calls back with the payload of each notification on `channel`, in commit order, after the
  // commit and before the write is answered, on a thread of the database: be quick, do not write or
  // read from it. On PostgreSQL those of other nodes' writes come too, in the same order for all
  // nodes, each once, at the latest a second after the commit or the end of an interruption. Lasts
  // until the handle is destroyed; no call is under way once that has returned.
  using Listener = std::function<void(std::string_view payload)>;
  [[nodiscard]] virtual std::shared_ptr<void> listen(std::string channel, Listener listener) = 0;

  // Gives free pages back to the file system (only with incremental_vacuum). Blocking.
  virtual Result<void> shrink() = 0;

 protected:
  Database() = default;

  enum class Kind : std::uint8_t { kRead, kWrite };

  // What the threads see of a call. It is gone as soon as finished() is called.
  class Job {
   public:
    // Calls the function; the error, or null for success.
    virtual const Error* run(Connection& connection) = 0;
    virtual void fail(Error error) = 0;
    virtual void finished() = 0;
    Job* next = nullptr;

   protected:
    ~Job() = default;
  };

  // Queues the job, or fails and finishes it at once.
  virtual void submit(Kind kind, Job& job) = 0;

 private:
  template <class F>
  class FunctionJob : public Job {
   public:
    using R = std::invoke_result_t<F&, Connection&>;
    explicit FunctionJob(F f) : f_(std::move(f)) {}
    const Error* run(Connection& connection) final {
      result_.emplace(f_(connection));
      return result_->ok() ? nullptr : &result_->error();
    }
    void fail(Error error) final { result_.emplace(std::move(error)); }
    R take() { return std::move(*result_); }

   protected:
    ~FunctionJob() = default;

   private:
    F f_;
    std::optional<R> result_;
  };

  // Where a finished call resumes.
  struct Resumption {
    std::coroutine_handle<> handle;
    net::Loop* loop = nullptr;
    void capture(std::coroutine_handle<> h);
    void post() const;
  };

  template <class F>
  class Awaiter final : public FunctionJob<F> {
   public:
    Awaiter(Database& database, Kind kind, F f)
        : FunctionJob<F>(std::move(f)), database_(database), kind_(kind) {}
    Awaiter(const Awaiter&) = delete;
    Awaiter& operator=(const Awaiter&) = delete;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> h) {
      resumption_.capture(h);
      database_.submit(kind_, *this);
    }
    typename FunctionJob<F>::R await_resume() { return this->take(); }
    void finished() override { Resumption(resumption_).post(); }

   private:
    Database& database_;
    Kind kind_;
    Resumption resumption_;
  };

  class Latch {
   public:
    void open();
    void wait();

   private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
  };

  template <class F>
  class BlockingJob final : public FunctionJob<F> {
   public:
    using FunctionJob<F>::FunctionJob;
    void finished() override { latch_.open(); }
    void wait() { latch_.wait(); }

   private:
    Latch latch_;
  };

  template <class F>
  auto run_blocking(Kind kind, F f) {
    BlockingJob<F> job(std::move(f));
    submit(kind, job);
    job.wait();
    return job.take();
  }
};

}  // namespace sallyport::state
