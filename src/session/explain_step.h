// Steps that change what a user may do, in words and as commands of the AWS CLI. Pure.
#pragma once

#include <string>
#include <string_view>

#include "session/explain_role.h"

namespace sallyport::session {

// Something that would change an outcome.
struct Step {
  std::string text;     // a sentence
  std::string policy;   // the statement or policy it speaks of, as JSON text; may be empty
  std::string command;  // of the AWS CLI, without an endpoint; may be empty
};

// As one word of a POSIX shell, in quotes where it needs them.
std::string shell_word(std::string_view text);

// The policy `text` with `more` (a JSON list) behind its statements; a policy of its own when it
// cannot be read.
std::string with_statements(std::string_view text, std::string_view more);
// The policy `text` without one statement; empty when nothing is left, or it cannot be read.
std::string without_statement(std::string_view text, std::size_t index);

// What puts one fault of a role right. REQUIRES: not kOtherArn, which is its user's.
Step step_for(const RoleCheck& role, const RoleFault& fault);

}  // namespace sallyport::session
