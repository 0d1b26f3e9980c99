// The port that a server listens on, as it is remembered in the store for its next start and for
// other nodes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "state/resource_store.h"

namespace sallyport::app {

state::ResourceKey endpoint_key(const std::string& server_id);
// Absent: the document tells none.
std::optional<std::uint16_t> remembered_port(std::string_view document);
// `version` is that of the document that is replaced; 0: there is none.
std::vector<state::ResourceChange> remember_port(const std::string& server_id, std::uint16_t port,
                                                 std::int64_t version);
std::vector<state::ResourceChange> forget_endpoint(const std::string& server_id);
// Whether remembering failed because another node did so first.
bool changed_by_another(const Error& error);

}  // namespace sallyport::app
