#include "app/port_memory.h"

#include <nlohmann/json.hpp>

namespace sallyport::app {

state::ResourceKey endpoint_key(const std::string& server_id) {
  return {std::string(state::kind::kEndpoint), server_id, "SFTP"};
}

std::optional<std::uint16_t> remembered_port(std::string_view document) {
  const auto parsed = nlohmann::json::parse(document, nullptr, false);
  if (!parsed.is_object()) return std::nullopt;
  return parsed.value("Port", std::uint16_t{0});
}

std::vector<state::ResourceChange> forget_endpoint(const std::string& server_id) {
  return {{state::ResourceChange::Op::kRemoveChildren, endpoint_key(server_id), 0, ""}};
}

std::vector<state::ResourceChange> remember_port(const std::string& server_id, std::uint16_t port,
                                                 std::int64_t version) {
  using Op = state::ResourceChange::Op;
  return {{version == 0 ? Op::kInsert : Op::kUpdate, endpoint_key(server_id), version,
           nlohmann::json{{"Port", port}}.dump()}};
}

bool changed_by_another(const Error& error) {
  return error.code == Errc::kAlreadyExists || error.code == Errc::kConflict ||
         error.code == Errc::kNotFound;
}

}  // namespace sallyport::app
