// A connector between the API's JSON and the model: members in, rules, members out.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "api/fault.h"
#include "model/connector.h"

namespace sallyport::api {

// Puts the members that CreateConnector and UpdateConnector share, and that are given, into
// `connector`; those of As2Config, SftpConfig and EgressConfig are replaced one by one. A connector
// keeps its kind; a Url given alone ends its own egress, and an EgressConfig its Url.
Outcome<Done> apply_connector_members(const nlohmann::json& request, model::Connector& connector);

// What must hold of a connector in itself (user guide, "Configuring AS2 connectors", "Create an
// SFTP connector"). InvalidRequestException.
Outcome<Done> check_connector(const model::Connector& connector);

// DescribedConnector and ListedConnector.
nlohmann::json described_connector(const model::Place& place, const model::Connector& connector);
nlohmann::json listed_connector(const model::Place& place, const model::Connector& connector);

}  // namespace sallyport::api
