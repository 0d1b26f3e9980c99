// SFTP version 3 on the wire: packet types, numbers, limits, and cutting a byte stream into packets
// (draft-ietf-secsh-filexfer-02 sections 3 to 7). Pure.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace sallyport::sftp {

inline constexpr std::uint32_t kProtocolVersion = 3;

// The greatest length field taken: 256 KiB, as OpenSSH has it, and room for a request's own fields.
inline constexpr std::size_t kMaxPacketLength = (256 + 1) * 1024;
// The greatest READ and WRITE payload in bytes; longer READs are answered short.
inline constexpr std::uint32_t kMaxDataLength = 255 * 1024;

enum class PacketType : std::uint8_t {
  kInit = 1,
  kVersion = 2,
  kOpen = 3,
  kClose = 4,
  kRead = 5,
  kWrite = 6,
  kLstat = 7,
  kFstat = 8,
  kSetstat = 9,
  kFsetstat = 10,
  kOpendir = 11,
  kReaddir = 12,
  kRemove = 13,
  kMkdir = 14,
  kRmdir = 15,
  kRealpath = 16,
  kStat = 17,
  kRename = 18,
  kReadlink = 19,
  kSymlink = 20,
  kStatus = 101,
  kHandle = 102,
  kData = 103,
  kName = 104,
  kAttrs = 105,
  kExtended = 200,
  kExtendedReply = 201,
};

// Section 7. The codes 6 and 7 are for the client's own use and never sent.
enum class StatusCode : std::uint32_t {
  kOk = 0,
  kEof = 1,
  kNoSuchFile = 2,
  kPermissionDenied = 3,
  kFailure = 4,
  kBadMessage = 5,
  kOpUnsupported = 8,
};

// Section 6.3.
namespace pflag {
inline constexpr std::uint32_t kRead = 0x01, kWrite = 0x02, kAppend = 0x04, kCreat = 0x08,
                               kTrunc = 0x10, kExcl = 0x20;
}  // namespace pflag

enum class FrameState : std::uint8_t {
  kIncomplete,  // more bytes are needed
  kComplete,
  kInvalid,  // a length of 0 or beyond kMaxPacketLength: the stream cannot be followed further
};

// The packet at the front of a stream. `body` is what follows the type byte and points into the
// stream; `size` is the packet's whole length there, its length field included.
struct Frame {
  FrameState state = FrameState::kIncomplete;
  std::uint8_t type = 0;
  ByteView body;
  std::size_t size = 0;
};

Frame front_frame(ByteView stream);

}  // namespace sallyport::sftp
