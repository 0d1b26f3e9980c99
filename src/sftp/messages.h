// Requests and replies of SFTP version 3 (draft-ietf-secsh-filexfer-02 sections 6 and 7).
// Parsers take a request's body after its id; they answer nullopt to anything truncated or with
// bytes left over. Pure; nothing here trusts a length.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "sftp/attributes.h"
#include "sftp/packet.h"
#include "sftp/status.h"

namespace sallyport::sftp {

using RequestId = std::uint32_t;

// A handle as issued here: 8 bytes on the wire. kNoHandle stands for any string that is not one.
using HandleId = std::uint64_t;
inline constexpr HandleId kNoHandle = 0;

struct OpenRequest {
  std::string path;
  std::uint32_t pflags = 0;
  RequestedAttributes attributes;
};
struct HandleRequest {  // CLOSE, FSTAT, READDIR
  HandleId handle = kNoHandle;
};
struct PathRequest {  // LSTAT, STAT, OPENDIR, REMOVE, RMDIR, REALPATH, READLINK
  std::string path;
};
struct PathAttributesRequest {  // SETSTAT, MKDIR
  std::string path;
  RequestedAttributes attributes;
};
struct HandleAttributesRequest {  // FSETSTAT
  HandleId handle = kNoHandle;
  RequestedAttributes attributes;
};
struct TwoPathsRequest {  // RENAME (old, new), SYMLINK (in whichever order the client sends them)
  std::string first;
  std::string second;
};
struct ExtendedRequest {
  std::string name;
  Bytes data;
};
using Request = std::variant<OpenRequest, HandleRequest, PathRequest, PathAttributesRequest,
                             HandleAttributesRequest, TwoPathsRequest, ExtendedRequest>;

std::optional<Request> parse_open(ByteView body);
std::optional<Request> parse_handle(ByteView body);
std::optional<Request> parse_path(ByteView body);
std::optional<Request> parse_path_attributes(ByteView body);
std::optional<Request> parse_handle_attributes(ByteView body);
std::optional<Request> parse_two_paths(ByteView body);
std::optional<Request> parse_extended(ByteView body);

// The body after the type byte, as it has no id; extension pairs are checked and dropped.
struct InitRequest {
  std::uint32_t version = 0;
};
std::optional<InitRequest> parse_init(ByteView body);

struct ReadRequest {
  HandleId handle = kNoHandle;
  std::uint64_t offset = 0;
  std::uint32_t length = 0;
};
std::optional<ReadRequest> parse_read(ByteView body);

struct WriteRequest {
  HandleId handle = kNoHandle;
  std::uint64_t offset = 0;
  ByteView data;  // points into the body
};
// Bytes behind the data mean nothing, as in OpenSSH's server: rclone 1.60 sends its whole
// buffer, of which the data are the beginning.
std::optional<WriteRequest> parse_write(ByteView body);

// ---- Replies. ----

struct HandleReply {
  HandleId handle = kNoHandle;
};
struct AttributesReply {
  session::FileAttributes attributes;
};
struct NameReply {
  struct Name {
    std::string name;
    std::string long_name;
    std::optional<session::FileAttributes> attributes;
  };
  std::vector<Name> names;
};
struct ExtendedReply {
  Bytes data;
};
using Reply = std::variant<Status, HandleReply, AttributesReply, NameReply, ExtendedReply>;

struct Extension {
  std::string_view name;
  std::string_view data;
};

// Each appends one whole packet.
void append_reply(Bytes& out, RequestId id, const Reply& reply);
void append_status(Bytes& out, RequestId id, StatusCode code, std::string_view message);
void append_version(Bytes& out, const std::vector<Extension>& extensions);
void append_data(Bytes& out, RequestId id, ByteView data);

// What stands in front of a DATA reply's bytes.
inline constexpr std::size_t kDataHeaderSize = 13;
void put_data_header(std::uint8_t* to, RequestId id, std::uint32_t data_length);

}  // namespace sallyport::sftp
