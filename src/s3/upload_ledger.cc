#include "s3/upload_ledger.h"

#include <array>
#include <utility>

#include "iam/authorizer.h"

namespace sallyport::s3 {
namespace {

constexpr std::array<state::Migration, 2> kLedgerMigrations{{
    {1, R"(
CREATE TABLE remote_upload (
  id INTEGER PRIMARY KEY,
  store TEXT NOT NULL,
  bucket TEXT NOT NULL,
  key BYTEA NOT NULL,
  upload_id TEXT NOT NULL,
  role_arn TEXT NOT NULL,
  session_name TEXT NOT NULL,
  session_policy TEXT NOT NULL
);
)"},
    // Milliseconds since 1970; 0: not known, until left() sees it.
    {2, "ALTER TABLE remote_upload ADD COLUMN begun BIGINT NOT NULL DEFAULT 0;"},
}};

LeftUpload row_of(const state::Row& row) {
  LeftUpload out;
  out.id = row.integer(0);
  out.store = row.string(1);
  out.upload.object = {row.string(2), std::string(as_text(row.blob(3)))};
  out.upload.id = row.string(4);
  out.begun = from_unix_ms(row.integer(8));
  if (row.text(5).empty()) return out;
  const auto session = std::make_shared<iam::AssumeRoleRequest>();
  session->role_arn = row.string(5);
  session->session_name = row.string(6);
  session->session_policy = row.string(7);
  out.session = session;
  return out;
}

}  // namespace

state::MigrationSet UploadLedger::migrations() {
  return {"remote-uploads", kLedgerMigrations};
}

Task<Result<UploadLedger::Entry>> UploadLedger::begun(
    std::string store, UploadName upload, std::shared_ptr<const iam::AssumeRoleRequest> session) {
  Entry entry(*this, Key(store, upload.id));
  {
    // Before it can be read in the database.
    const std::lock_guard lock(mutex_);
    under_way_.insert(entry.key_);
  }
  const iam::AssumeRoleRequest nobody;
  const iam::AssumeRoleRequest& who = session ? *session : nobody;
  const std::int64_t now = to_unix_ms(clock_.wall());
  auto add = [&](state::Connection& db) -> Result<std::int64_t> {
    std::int64_t id = 0;
    TRY(
        db.query("INSERT INTO remote_upload (store, bucket, key, upload_id, role_arn, "
                 "session_name, session_policy, begun) "
                 "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
                 {store, upload.object.bucket, as_bytes(upload.object.key), upload.id, who.role_arn,
                  who.session_name, who.session_policy, now},
                 [&id](const state::Row& row) { id = row.integer(0); }));
    return id;
  };
  CO_TRY_ASSIGN(entry.id_, co_await database_.write(std::move(add)));
  co_return entry;
}

void UploadLedger::leave(const Key& key) {
  const std::lock_guard lock(mutex_);
  under_way_.erase(key);
}

Task<Result<void>> UploadLedger::ended(std::int64_t id) {
  co_return co_await database_.write([id](state::Connection& db) -> Result<void> {
    TRY(db.execute("DELETE FROM remote_upload WHERE id = $1", {id}));
    return ok();
  });
}

Task<Result<std::vector<LeftUpload>>> UploadLedger::left(std::string store) {
  auto read = [&store](state::Connection& db) -> Result<std::vector<LeftUpload>> {
    std::vector<LeftUpload> out;
    TRY(
        db.query("SELECT id, store, bucket, key, upload_id, role_arn, session_name, "
                 "session_policy, begun FROM remote_upload WHERE store = $1 ORDER BY id",
                 {store}, [&out](const state::Row& row) { out.push_back(row_of(row)); }));
    return out;
  };
  CO_TRY_ASSIGN(std::vector<LeftUpload> all, co_await database_.read(std::move(read)));
  const WallTime now = from_unix_ms(to_unix_ms(clock_.wall()));
  bool undated = false;
  for (LeftUpload& one : all) {
    if (one.begun != WallTime{}) continue;
    one.begun = now;
    undated = true;
  }
  if (undated) {
    auto date = [&store, now](state::Connection& db) -> Result<void> {
      TRY(db.execute("UPDATE remote_upload SET begun = $1 WHERE store = $2 AND begun = 0",
                     {to_unix_ms(now), store}));
      return ok();
    };
    CO_TRY(co_await database_.write(std::move(date)));
  }
  const std::lock_guard lock(mutex_);
  std::erase_if(all, [this](const LeftUpload& one) {
    return under_way_.contains(Key(one.store, one.upload.id));
  });
  co_return all;
}

}  // namespace sallyport::s3
