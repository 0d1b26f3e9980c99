// Message numbers (RFC 4250 section 4.1, RFC 8308) and disconnect reasons (RFC 4253 section 11.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace sallyport::ssh {

enum Message : std::uint8_t {
  kMsgDisconnect = 1,
  kMsgIgnore = 2,
  kMsgUnimplemented = 3,
  kMsgDebug = 4,
  kMsgServiceRequest = 5,
  kMsgServiceAccept = 6,
  kMsgExtInfo = 7,
  kMsgKexInit = 20,
  kMsgNewKeys = 21,
  // KEXDH_INIT and KEX_ECDH_INIT, and their replies.
  kMsgKexMethodInit = 30,
  kMsgKexMethodReply = 31,
  // RFC 4419: in a group exchange 31 is the group. 30, its old request, is not taken.
  kMsgKexGexGroup = 31,
  kMsgKexGexInit = 32,
  kMsgKexGexReply = 33,
  kMsgKexGexRequest = 34,
  kMsgUserauthRequest = 50,
  kMsgUserauthFailure = 51,
  kMsgUserauthSuccess = 52,
  kMsgUserauthBanner = 53,
  kMsgUserauthPkOk = 60,
  kMsgGlobalRequest = 80,
  kMsgRequestSuccess = 81,
  kMsgRequestFailure = 82,
  kMsgChannelOpen = 90,
  kMsgChannelOpenConfirmation = 91,
  kMsgChannelOpenFailure = 92,
  kMsgChannelWindowAdjust = 93,
  kMsgChannelData = 94,
  kMsgChannelExtendedData = 95,
  kMsgChannelEof = 96,
  kMsgChannelClose = 97,
  kMsgChannelRequest = 98,
  kMsgChannelSuccess = 99,
  kMsgChannelFailure = 100,
};

enum DisconnectCode : std::uint32_t {
  kDisconnectProtocolError = 2,
  kDisconnectKeyExchangeFailed = 3,
  kDisconnectMacError = 5,
  kDisconnectServiceNotAvailable = 7,
  kDisconnectProtocolVersionNotSupported = 8,
  kDisconnectConnectionLost = 10,
  kDisconnectByApplication = 11,
  kDisconnectTooManyConnections = 12,
};

// Why a connection has to end; what a message handler returns when it does not just go on.
struct DisconnectReason {
  std::uint32_t code;
  std::string text;
};
using Handled = std::optional<DisconnectReason>;

inline Handled protocol_error(std::string text) {
  return DisconnectReason{kDisconnectProtocolError, std::move(text)};
}

}  // namespace sallyport::ssh
