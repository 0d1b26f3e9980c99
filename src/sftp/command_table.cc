#include "sftp/command_table.h"

#include <array>
#include <utility>

#include "sftp/operations.h"

namespace sallyport::sftp {
namespace {

// A member of Operations as a Handler. The parser of the same row makes the alternative it takes.
template <class R, Task<Reply> (Operations::*kMember)(R)>
Task<Reply> call(Operations& operations, Request request) {
  return (operations.*kMember)(std::get<R>(std::move(request)));
}

using O = Operations;
using T = PacketType;
constexpr Served kOperation = Served::kOperation;

// clang-format off
constexpr std::array kCommands = {
    //      number         name        served            writes parser                   handler
    Command{T::kInit,     "INIT",     Served::kGreeting, false, nullptr,                 nullptr},
    Command{T::kOpen,     "OPEN",     kOperation,        true,  parse_open,              call<OpenRequest, &O::open>},
    Command{T::kClose,    "CLOSE",    kOperation,        true,  parse_handle,            call<HandleRequest, &O::close>},
    Command{T::kRead,     "READ",     Served::kTransfer, false, nullptr,                 nullptr},
    Command{T::kWrite,    "WRITE",    Served::kTransfer, true,  nullptr,                 nullptr},
    Command{T::kLstat,    "LSTAT",    kOperation,        false, parse_path,              call<PathRequest, &O::lstat>},
    Command{T::kFstat,    "FSTAT",    kOperation,        false, parse_handle,            call<HandleRequest, &O::fstat>},
    Command{T::kSetstat,  "SETSTAT",  kOperation,        true,  parse_path_attributes,   call<PathAttributesRequest, &O::setstat>},
    Command{T::kFsetstat, "FSETSTAT", kOperation,        true,  parse_handle_attributes, call<HandleAttributesRequest, &O::fsetstat>},
    Command{T::kOpendir,  "OPENDIR",  kOperation,        false, parse_path,              call<PathRequest, &O::opendir>},
    Command{T::kReaddir,  "READDIR",  kOperation,        false, parse_handle,            call<HandleRequest, &O::readdir>},
    Command{T::kRemove,   "REMOVE",   kOperation,        true,  parse_path,              call<PathRequest, &O::remove>},
    Command{T::kMkdir,    "MKDIR",    kOperation,        true,  parse_path_attributes,   call<PathAttributesRequest, &O::mkdir>},
    Command{T::kRmdir,    "RMDIR",    kOperation,        true,  parse_path,              call<PathRequest, &O::rmdir>},
    Command{T::kRealpath, "REALPATH", kOperation,        false, parse_path,              call<PathRequest, &O::realpath>},
    Command{T::kStat,     "STAT",     kOperation,        false, parse_path,              call<PathRequest, &O::stat>},
    Command{T::kRename,   "RENAME",   kOperation,        true,  parse_two_paths,         call<TwoPathsRequest, &O::rename>},
    Command{T::kReadlink, "READLINK", kOperation,        false, parse_path,              call<PathRequest, &O::readlink>},
    Command{T::kSymlink,  "SYMLINK",  kOperation,        true,  parse_two_paths,         call<TwoPathsRequest, &O::symlink>},
    Command{T::kExtended, "EXTENDED", kOperation,        true,  parse_extended,          call<ExtendedRequest, &O::extended>},
};

constexpr std::array kExtendedCommands = {
    //               name                            writes handler                                  only extended
    ExtendedCommand{{"limits@openssh.com", "1"},       false, call<ExtendedRequest, &O::limits>,       false},
    ExtendedCommand{{"posix-rename@openssh.com", "1"}, true,  call<ExtendedRequest, &O::posix_rename>, true},
    ExtendedCommand{{"statvfs@openssh.com", "2"},      false, call<ExtendedRequest, &O::statvfs>,      true},
    ExtendedCommand{{"fstatvfs@openssh.com", "2"},     false, call<ExtendedRequest, &O::fstatvfs>,     true},
    ExtendedCommand{{"fsync@openssh.com", "1"},        true,  call<ExtendedRequest, &O::fsync>,        true},
    ExtendedCommand{{"lsetstat@openssh.com", "1"},     true,  call<ExtendedRequest, &O::lsetstat>,     true},
    ExtendedCommand{{"expand-path@openssh.com", "1"},  false, call<ExtendedRequest, &O::expand_path>,  true},
    ExtendedCommand{{"copy-data", "1"},                true,  call<ExtendedRequest, &O::copy_data>,    true},
};
// clang-format on

}  // namespace

std::span<const Command> commands() {
  return kCommands;
}

const Command* find_command(std::uint8_t type) {
  for (const Command& command : kCommands) {
    if (static_cast<std::uint8_t>(command.type) == type) return &command;
  }
  return nullptr;
}

std::span<const ExtendedCommand> extended_commands() {
  return kExtendedCommands;
}

const ExtendedCommand* find_extended_command(std::string_view name) {
  for (const ExtendedCommand& command : kExtendedCommands) {
    if (command.extension.name == name) return &command;
  }
  return nullptr;
}

}  // namespace sallyport::sftp
