#include "state/postgres_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace sallyport::state {
namespace {

using Mapping = std::pair<std::string_view, Errc>;

// A prefix of the state, the longest that fits; classes are two characters long.
constexpr Mapping kCodes[] = {
    {"08", Errc::kUnavailable},          // connection
    {"08P01", Errc::kInternal},          // e.g. a parameter that is not bound
    {"0A", Errc::kInternal},             // feature not supported
    {"22", Errc::kInvalidArgument},      // data, e.g. text that is not UTF-8
    {"23", Errc::kInvalidArgument},      // NOT NULL, CHECK
    {"23503", Errc::kConflict},          // foreign key
    {"23505", Errc::kAlreadyExists},     // unique
    {"25006", Errc::kPermissionDenied},  // a write in a read
    {"25P03", Errc::kUnavailable},       // idle for too long
    {"28", Errc::kPermissionDenied},     // authentication
    {"3D", Errc::kNotFound},             // no such database
    {"3F", Errc::kNotFound},             // no such schema
    {"40", Errc::kUnavailable},          // serialisation, deadlock with a program that is not ours
    {"42501", Errc::kPermissionDenied},
    {"53", Errc::kUnavailable},  // disk full, memory, connections
    {"54", Errc::kLimitExceeded},
    {"55", Errc::kUnavailable},  // a lock was not to be had in time
    {"57", Errc::kUnavailable},  // cancelled, shutting down, starting up
    {"58", Errc::kIo},
    {"F0", Errc::kIo},
    {"XX001", Errc::kCorrupt},
    {"XX002", Errc::kCorrupt},
};

std::string first_line(const char* message) {
  std::string_view text = message == nullptr ? "" : message;
  text = text.substr(0, text.find('\n'));
  return text.empty() ? "no answer" : std::string(text);
}

}  // namespace

std::string_view sqlstate_of(const PGresult* result) {
  const char* const state =
      result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return state == nullptr ? std::string_view() : state;
}

Errc code_of_sqlstate(std::string_view state) {
  const Mapping* best = nullptr;
  for (const Mapping& mapping : kCodes) {
    if (!state.starts_with(mapping.first)) continue;
    if (best == nullptr || mapping.first.size() > best->first.size()) best = &mapping;
  }
  return best == nullptr ? Errc::kInternal : best->second;
}

Error postgres_error(PGconn* connection, const PGresult* result, std::string_view what) {
  const std::string_view state = sqlstate_of(result);
  if (state.empty()) {
    return Error(Errc::kUnavailable,
                 fmt::format("{}: {}", what, first_line(PQerrorMessage(connection))));
  }
  return Error(code_of_sqlstate(state),
               fmt::format("{}: {} (SQLSTATE {})", what,
                           first_line(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)), state));
}

Error postgres_connect_error(PGconn* connection) {
  std::string message = PQerrorMessage(connection);
  while (!message.empty() && message.back() == '\n') message.pop_back();
  std::replace(message.begin(), message.end(), '\n', ' ');
  // libpq tells the server's code of a refused connection in words only.
  Errc code = Errc::kUnavailable;
  const auto says = [&](std::string_view words) { return message.find(words) != message.npos; };
  if (says("authentication failed") || says("no pg_hba.conf entry") || says("permission denied") ||
      PQconnectionNeedsPassword(connection) != 0) {
    code = Errc::kPermissionDenied;
  } else if (says("database \"") && says("does not exist")) {
    code = Errc::kNotFound;
  }
  return Error(code, "connecting to PostgreSQL: " + message);
}

}  // namespace sallyport::state
