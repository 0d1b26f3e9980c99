// The members of a grant in the document of what has one. Inside src/model only.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "model/document_fields.h"
#include "model/grant.h"

namespace sallyport::model {

void write_grant(const Grant& grant, nlohmann::json& document);
void read_grant(FieldReader& fields, Grant& out);

}  // namespace sallyport::model
