// What the IAM actions on roles share: checked parameters, loading and changing a role, its XML.
#pragma once

#include <functional>
#include <string>

#include "api/query/service.h"
#include "model/role.h"
#include "state/repository.h"

namespace sallyport::api {

// RoleName, PolicyName: required, bounded, of the characters IAM allows. ValidationError.
Outcome<std::string> read_name(const codec::Form& form, std::string_view parameter,
                               std::size_t max_length);
// A parameter that must be there. ValidationError.
Outcome<std::string> read_required(const codec::Form& form, std::string_view parameter);

struct IamPage {
  std::string after;
  std::uint32_t limit = 100;
};
// MaxItems and Marker.
Outcome<IamPage> read_iam_page(const QueryContext& context, const codec::Form& form,
                               std::string_view listing);

// NoSuchEntity "The role with name x cannot be found."
Task<Outcome<state::Versioned<model::Role>>> load_role(const QueryContext& context,
                                                       std::string name);
// Loads, changes, stores; tries again when another change came between.
using RoleChange = std::function<Outcome<Done>(model::Role&)>;
Task<Outcome<Done>> change_role(const QueryContext& context, std::string name, RoleChange change);

// The members of a Role structure; tags only where the action shows them.
void write_role(codec::XmlWriter& xml, const model::Role& role, bool with_tags);

}  // namespace sallyport::api
