// What PostgreSQL and libpq failed with, in our codes. Inside src/state only.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string_view>

#include "base/result.h"

namespace sallyport::state {

struct PostgresResultDeleter {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PostgresResult = std::unique_ptr<PGresult, PostgresResultDeleter>;

// The five characters of PostgreSQL's appendix A, or empty.
std::string_view sqlstate_of(const PGresult* result);
Errc code_of_sqlstate(std::string_view state);

// `result` may be null (no memory, no connection). Names the act and the server's first line, not
// its details: those quote rows.
Error postgres_error(PGconn* connection, const PGresult* result, std::string_view what);
// Why a connection could not be made.
Error postgres_connect_error(PGconn* connection);

}  // namespace sallyport::state
