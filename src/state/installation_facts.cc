#include "state/installation_facts.h"

#include "state/database.h"

namespace sallyport::state {

Result<std::string> settle_fact(Database& database, std::string_view name, std::string_view value) {
  return database.write_blocking([&](Connection& connection) -> Result<std::string> {
    TRY(connection.execute(
        "INSERT INTO installation_fact (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        {name, value}));
    std::string settled;
    TRY(connection.query("SELECT value FROM installation_fact WHERE name = $1", {name},
                         [&](const Row& row) { settled = row.string(0); }));
    return settled;
  });
}

}  // namespace sallyport::state
