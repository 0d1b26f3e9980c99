#include "state/resource_store.h"

#include <fmt/format.h>

#include <charconv>

#include "state/database.h"

namespace sallyport::state {
namespace {

constexpr std::string_view kChannel = "resource";

constexpr Migration kMigrations[] = {
    {1,
     "CREATE TABLE resource ("
     " kind TEXT NOT NULL, parent TEXT NOT NULL, id TEXT NOT NULL,"
     " version BIGINT NOT NULL, document TEXT NOT NULL,"
     " PRIMARY KEY (kind, parent, id))"},
    {2, "CREATE TABLE installation_fact (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)"},
};

// "<version> <removed> <bytes of kind> <bytes of parent> <kind><parent><id>"
std::string encode(const ResourceEvent& event) {
  return fmt::format("{} {} {} {} {}{}{}", event.version, event.removed ? 1 : 0,
                     event.key.kind.size(), event.key.parent.size(), event.key.kind,
                     event.key.parent, event.key.id);
}

std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t number = 0;
  const auto [end, errc] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto used = static_cast<std::size_t>(end - text.data());
  if (errc != std::errc() || number < 0 || used == text.size() || text[used] != ' ') return {};
  text.remove_prefix(used + 1);
  return number;
}

std::optional<ResourceEvent> decode(std::string_view text) {
  const auto version = take_number(text);
  const auto removed = take_number(text);
  const auto kind_bytes = take_number(text);
  const auto parent_bytes = take_number(text);
  if (!version || !removed || !kind_bytes || !parent_bytes) return {};
  const auto kind_size = static_cast<std::size_t>(*kind_bytes);
  const auto parent_size = static_cast<std::size_t>(*parent_bytes);
  if (kind_size > text.size() || parent_size > text.size() - kind_size) return {};
  ResourceEvent event;
  event.version = *version;
  event.removed = *removed != 0;
  event.key.kind = text.substr(0, kind_size);
  event.key.parent = text.substr(kind_size, parent_size);
  event.key.id = text.substr(kind_size + parent_size);
  return event;
}

Result<void> tell(Connection& connection, const ResourceKey& key, std::int64_t version,
                  bool removed) {
  return connection.notify(kChannel, encode({key, version, removed}));
}

std::string name_of(const ResourceKey& key) {
  return key.parent.empty() ? fmt::format("{} \"{}\"", key.kind, key.id)
                            : fmt::format("{} \"{}\" of \"{}\"", key.kind, key.id, key.parent);
}

Error not_found(const ResourceKey& key) {
  return Error(Errc::kNotFound, name_of(key) + " does not exist");
}

Result<std::int64_t> insert_change(Connection& connection, const ResourceChange& change) {
  const ResourceKey& key = change.key;
  TRY_ASSIGN(const auto rows,
             connection.execute("INSERT INTO resource (kind, parent, id, version, document) "
                                "VALUES ($1, $2, $3, 1, $4) ON CONFLICT DO NOTHING",
                                {key.kind, key.parent, key.id, change.document}));
  if (rows == 0) return Error(Errc::kAlreadyExists, name_of(key) + " exists already");
  TRY(tell(connection, key, 1, false));
  return 1;
}

Result<std::int64_t> update(Connection& connection, const ResourceChange& change) {
  const ResourceKey& key = change.key;
  TRY_ASSIGN(const auto rows,
             connection.execute("UPDATE resource SET document = $5, version = version + 1 "
                                "WHERE kind = $1 AND parent = $2 AND id = $3 AND version = $4",
                                {key.kind, key.parent, key.id, change.version, change.document}));
  if (rows == 0) {
    TRY_ASSIGN(const auto there,
               connection.query_integer("SELECT COUNT(*) FROM resource "
                                        "WHERE kind = $1 AND parent = $2 AND id = $3",
                                        {key.kind, key.parent, key.id}));
    if (there == 0) return not_found(key);
    return Error(Errc::kConflict, name_of(key) + " was changed meanwhile");
  }
  TRY(tell(connection, key, change.version + 1, false));
  return change.version + 1;
}

Result<std::int64_t> remove(Connection& connection, const ResourceChange& change) {
  const ResourceKey& key = change.key;
  std::int64_t version = 0;
  TRY_ASSIGN(const auto rows,
             connection.query("DELETE FROM resource "
                              "WHERE kind = $1 AND parent = $2 AND id = $3 RETURNING version",
                              {key.kind, key.parent, key.id},
                              [&](const Row& row) { version = row.integer(0); }));
  if (rows == 0) return not_found(key);
  TRY(tell(connection, key, version, true));
  return 0;
}

Result<std::int64_t> remove_children(Connection& connection, const ResourceChange& change) {
  ResourceKey key = change.key;
  std::vector<std::pair<std::string, std::int64_t>> removed;
  TRY(connection.query("DELETE FROM resource WHERE kind = $1 AND parent = $2 RETURNING id, version",
                       {key.kind, key.parent}, [&](const Row& row) {
                         removed.emplace_back(row.string(0), row.integer(1));
                       }));
  for (auto& [id, version] : removed) {
    key.id = std::move(id);
    TRY(tell(connection, key, version, true));
  }
  return 0;
}

Result<std::int64_t> require(Connection& connection, const ResourceKey& key) {
  TRY_ASSIGN(const auto there,
             connection.query_integer("SELECT COUNT(*) FROM resource "
                                      "WHERE kind = $1 AND parent = $2 AND id = $3",
                                      {key.kind, key.parent, key.id}));
  if (there == 0) return not_found(key);
  return 0;
}

// Never counts further than to one more than `most`.
Result<std::int64_t> check_bound(Connection& connection, const ResourceKey& key,
                                 const ResourceBound& bound) {
  const std::int64_t enough = std::int64_t{bound.most} + 1;
  TRY_ASSIGN(std::int64_t found,
             connection.query_integer("SELECT COUNT(*) FROM (SELECT 1 FROM resource "
                                      "WHERE kind = $1 AND parent = $2 LIMIT $3) AS counted",
                                      {key.kind, key.parent, enough}));
  if (found == enough && bound.counts) {
    found = 0;
    TRY(connection.query("SELECT document FROM resource WHERE kind = $1 AND parent = $2",
                         {key.kind, key.parent}, [&](const Row& row) {
                           if (bound.counts(row.string(0))) ++found;
                           return found < enough;
                         }));
  }
  if (found == enough) return Error(Errc::kLimitExceeded, bound.refusal);
  return 0;
}

Result<std::int64_t> apply_one(Connection& connection, const ResourceChange& change) {
  switch (change.op) {
    case ResourceChange::Op::kInsert: return insert_change(connection, change);
    case ResourceChange::Op::kUpdate: return update(connection, change);
    case ResourceChange::Op::kRemove: return remove(connection, change);
    case ResourceChange::Op::kRemoveChildren: return remove_children(connection, change);
    case ResourceChange::Op::kRequire: return require(connection, change.key);
    case ResourceChange::Op::kAtMost: return check_bound(connection, change.key, change.bound);
  }
  return Error(Errc::kInternal, "unknown kind of change");
}

Result<Resource> find(Connection& connection, const ResourceKey& key) {
  Resource found;
  TRY_ASSIGN(const auto rows, connection.query("SELECT version, document FROM resource "
                                               "WHERE kind = $1 AND parent = $2 AND id = $3",
                                               {key.kind, key.parent, key.id}, [&](const Row& row) {
                                                 found.version = row.integer(0);
                                                 found.document = row.string(1);
                                               }));
  if (rows == 0) return not_found(key);
  return found;
}

}  // namespace

MigrationSet resource_schema() {
  return {"resource", kMigrations};
}

struct ResourceStore::Impl {
  Database& database;
};

ResourceStore::ResourceStore(Database& database) : impl_(std::make_unique<Impl>(Impl{database})) {}
ResourceStore::~ResourceStore() = default;

Task<Result<Resource>> ResourceStore::get(ResourceKey key) {
  auto found = co_await impl_->database.read(
      [&key](Connection& connection) { return find(connection, key); });
  if (found.ok()) found->key = std::move(key);
  co_return found;
}

Task<Result<ResourcePage>> ResourceStore::list(std::string kind, std::string parent,
                                               std::string after, std::uint32_t limit) {
  co_return co_await impl_->database.read([&](Connection& connection) -> Result<ResourcePage> {
    ResourcePage page;
    TRY(connection.query(
        "SELECT id, version, document FROM resource "
        "WHERE kind = $1 AND parent = $2 AND id > $3 ORDER BY id LIMIT $4",
        {kind, parent, after, std::int64_t{limit} + 1}, [&](const Row& row) {
          if (page.resources.size() == limit) {
            page.more = true;
            return;
          }
          page.resources.push_back({{kind, parent, row.string(0)}, row.integer(1), row.string(2)});
        }));
    return page;
  });
}

Task<Result<std::uint64_t>> ResourceStore::count(std::string kind, std::string parent) {
  co_return co_await impl_->database.read([&](Connection& connection) -> Result<std::uint64_t> {
    TRY_ASSIGN(const auto rows, connection.query_integer(
                                    "SELECT COUNT(*) FROM resource WHERE kind = $1 AND parent = $2",
                                    {kind, parent}));
    return static_cast<std::uint64_t>(rows);
  });
}

Task<Result<std::vector<Resource>>> ResourceStore::all() {
  using Resources = std::vector<Resource>;
  co_return co_await impl_->database.read([](Connection& connection) -> Result<Resources> {
    Resources all;
    TRY(connection.query(
        "SELECT kind, parent, id, version, document FROM resource ORDER BY kind, parent, id", {},
        [&](const Row& row) {
          all.push_back(
              {{row.string(0), row.string(1), row.string(2)}, row.integer(3), row.string(4)});
        }));
    return all;
  });
}

Task<Result<std::vector<std::int64_t>>> ResourceStore::apply(std::vector<ResourceChange> changes) {
  using Versions = std::vector<std::int64_t>;
  co_return co_await impl_->database.write([&](Connection& connection) -> Result<Versions> {
    Versions versions;
    versions.reserve(changes.size());
    for (const ResourceChange& change : changes) {
      TRY_ASSIGN(const std::int64_t version, apply_one(connection, change));
      versions.push_back(version);
    }
    return versions;
  });
}

std::shared_ptr<void> ResourceStore::subscribe(Listener listener) {
  return impl_->database.listen(std::string(kChannel),
                                [listener = std::move(listener)](std::string_view payload) {
                                  if (const auto event = decode(payload)) listener(*event);
                                });
}

}  // namespace sallyport::state
