// What the operations of AWS Transfer Family work with, and their common dealings with the store.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <vector>

#include "api/fault.h"
#include "api/page_token.h"
#include "api/services.h"
#include "base/task.h"
#include "model/server.h"
#include "model/user.h"
#include "state/repository.h"

namespace sallyport::api {

// Outlives every call. Thread-safe.
struct TransferContext {
  state::ResourceStore& resources;
  session::Registry& sessions;
  process::KeyVault& host_keys;
  const crypto::SecretBox& secrets;
  const Clock& clock;
  Random& random;
  model::Place place;
  TransferLimits limits;
  bool allow_vpc_endpoint_type;
  PageTokens tokens;
  // Of an import: the id that the next resource of this id's prefix gets. Empty: a new one.
  std::string given_id{};
};

// "s-" and the like with 17 random hexadecimal digits, or the given id.
std::string new_id(const TransferContext& context, std::string_view prefix);

Fault unknown_server(const model::ServerId& id);
Fault unknown_user(std::string_view user_name);
Fault invalid_request(std::string message);
// InvalidRequestException "<member> must be unique".
template <class T>
Outcome<Done> check_unique(const std::vector<T>& values, std::string_view member) {
  if (std::set<T>(values.begin(), values.end()).size() == values.size()) return done();
  return invalid_request(std::string(member) + " must be unique");
}
// "Cannot exceed quota for <what>: <limit>"
Fault quota_exceeded(std::string_view what, std::uint32_t limit);

using Servers = state::Repository<model::Server>;
using Users = state::Repository<model::User>;
using HostKeys = state::Repository<model::HostKeyRecord>;

// ResourceNotFoundException "Unknown server" when it is not there.
Task<Outcome<state::Versioned<model::Server>>> load_server(const TransferContext& context,
                                                           model::ServerId id);
// The server, if its users are told by that type of provider; else InvalidRequestException, which
// says what cannot be done ("create user").
Task<Outcome<model::Server>> load_server_of(const TransferContext& context, model::ServerId id,
                                            std::string_view provider_type, std::string_view act);
// Of a server that is there.
Task<Outcome<state::Versioned<model::User>>> load_user(const TransferContext& context,
                                                       model::ServerId id, std::string user_name);

// An update that lost to another one, or whose object has gone meanwhile; the second also where
// another made first what was to be made.
bool moved_underneath(const Error& error);
bool made_or_moved_underneath(const Error& error);
// Takes the steps. False: what `again` says of the error is so, and another look is worth it; after
// a few attempts, counted from 0, that is an error as others are.
Task<Result<bool>> try_changes(const TransferContext& context,
                               std::vector<state::ResourceChange> changes, int attempt,
                               bool (*again)(const Error&) = &moved_underneath);

// Loads, changes and stores; again from the start when another change came between, a few times,
// then kConflict. A change that answers false leaves things as they are. Returns what is stored.
using ServerChange = std::function<Outcome<bool>(model::Server&)>;
using UserChange = std::function<Outcome<bool>(model::User&)>;
Task<Outcome<model::Server>> change_server(const TransferContext& context, model::ServerId id,
                                           ServerChange change);
Task<Outcome<model::User>> change_user(const TransferContext& context, model::ServerId id,
                                       std::string user_name, UserChange change);

// What MaxResults and NextToken of a List request ask for.
struct PageRequest {
  std::string after;  // exclusive
  std::uint32_t limit = 1000;
};
// `listing` names what is listed. InvalidNextTokenException.
Outcome<PageRequest> read_page_request(const TransferContext& context, std::string_view listing,
                                       const nlohmann::json& request);

// A member of a decoded request: "" and the like when it is absent.
std::string text_of(const nlohmann::json& in, std::string_view member);
model::ServerId server_id_of(const nlohmann::json& in);
// Set `out` to the member if it is given.
void set_text(const nlohmann::json& in, std::string_view member, std::string& out);
void set_texts(const nlohmann::json& in, std::string_view member, std::vector<std::string>& out);
// Add the member unless it is empty.
void put_text(nlohmann::json& out, const char* member, const std::string& value);
void put_texts(nlohmann::json& out, const char* member, const std::vector<std::string>& values);
std::vector<std::string> texts_of(const nlohmann::json& in, std::string_view member);
// Tags in the order given; a key that comes twice is refused.
Outcome<std::vector<model::Tag>> read_tags(const nlohmann::json& in, std::string_view member);
// The tags of what an ARN of this installation names. ResourceNotFoundException.
Task<Outcome<std::vector<model::Tag>>> load_tags(const TransferContext& context, std::string arn);
nlohmann::json tags_json(const std::vector<model::Tag>& tags);
// Seconds since the epoch.
nlohmann::json timestamp_json(WallTime time);

}  // namespace sallyport::api
