// Every request of SFTP version 3, and what becomes of it: one row each.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/task.h"
#include "sftp/messages.h"

namespace sallyport::sftp {

class Operations;

// Who answers.
enum class Served : std::uint8_t {
  kGreeting,   // INIT: the server itself
  kTransfer,   // READ and WRITE: the server itself, in batches
  kOperation,  // `handler`
};

using Parser = std::optional<Request> (*)(ByteView body);
using Handler = Task<Reply> (*)(Operations& operations, Request request);

struct Command {
  PacketType type;
  std::string_view name;
  Served served;
  // May change what is stored.
  bool writes;
  // The body after the request id. Null for kGreeting and kTransfer.
  Parser parser;
  // Null unless kOperation.
  Handler handler;
};

std::span<const Command> commands();
// Null for a number that is no request of version 3.
const Command* find_command(std::uint8_t type);

// The requests inside EXTENDED. A name that has no row is answered OP_UNSUPPORTED.
struct ExtendedCommand {
  Extension extension;  // as VERSION names it
  bool writes;
  Handler handler;  // takes an ExtendedRequest
  // Only extended servers have it (model/compatibility.h).
  bool only_extended = false;
};
std::span<const ExtendedCommand> extended_commands();
const ExtendedCommand* find_extended_command(std::string_view name);

}  // namespace sallyport::sftp
