#include "ssh/message_table.h"

#include <array>

#include "ssh/messages.h"

namespace sallyport::ssh {
namespace {

using Phases = std::uint16_t;

constexpr Phases in(Phase phase) {
  return static_cast<Phases>(1u << static_cast<unsigned>(phase));
}

constexpr Phases kNever = 0;
constexpr Phases kInitialKex =
    in(Phase::kInitialKexInit) | in(Phase::kInitialMethod) | in(Phase::kInitialNewKeys);
constexpr Phases kBetweenKex = in(Phase::kService) | in(Phase::kUserauth) | in(Phase::kConnection);
constexpr Phases kRekey = in(Phase::kRekeyMethod) | in(Phase::kRekeyNewKeys);
constexpr Phases kAlways = kInitialKex | kBetweenKex | kRekey;
constexpr Phases kLoggedIn = in(Phase::kConnection);

struct Row {
  std::uint8_t message;
  std::string_view name;
  Phases legal;
};

// RFC 4253 section 7.1: from its KEXINIT to its NEWKEYS a side sends transport and key exchange
// messages only. RFC 4252 section 5.1: requests after success are ignored, hence legal.
constexpr std::array kTable{
    Row{kMsgDisconnect, "DISCONNECT", kAlways},
    Row{kMsgIgnore, "IGNORE", kAlways},
    Row{kMsgUnimplemented, "UNIMPLEMENTED", kAlways},
    Row{kMsgDebug, "DEBUG", kAlways},
    // Some clients, paramiko among them, ask for the service again before each attempt.
    Row{kMsgServiceRequest, "SERVICE_REQUEST", in(Phase::kService) | in(Phase::kUserauth)},
    Row{kMsgServiceAccept, "SERVICE_ACCEPT", kNever},
    Row{kMsgExtInfo, "EXT_INFO", in(Phase::kService)},
    Row{kMsgKexInit, "KEXINIT", in(Phase::kInitialKexInit) | kBetweenKex},
    Row{kMsgNewKeys, "NEWKEYS", in(Phase::kInitialNewKeys) | in(Phase::kRekeyNewKeys)},
    Row{kMsgKexMethodInit, "KEX_INIT", in(Phase::kInitialMethod) | in(Phase::kRekeyMethod)},
    Row{kMsgKexMethodReply, "KEX_REPLY", kNever},
    Row{kMsgKexGexInit, "KEX_DH_GEX_INIT", in(Phase::kInitialMethod) | in(Phase::kRekeyMethod)},
    Row{kMsgKexGexReply, "KEX_DH_GEX_REPLY", kNever},
    Row{kMsgKexGexRequest, "KEX_DH_GEX_REQUEST",
        in(Phase::kInitialMethod) | in(Phase::kRekeyMethod)},
    Row{kMsgUserauthRequest, "USERAUTH_REQUEST", in(Phase::kUserauth) | kLoggedIn},
    Row{kMsgUserauthFailure, "USERAUTH_FAILURE", kNever},
    Row{kMsgUserauthSuccess, "USERAUTH_SUCCESS", kNever},
    Row{kMsgUserauthBanner, "USERAUTH_BANNER", kNever},
    Row{kMsgUserauthPkOk, "USERAUTH_PK_OK", kNever},
    Row{kMsgGlobalRequest, "GLOBAL_REQUEST", kLoggedIn},
    Row{kMsgRequestSuccess, "REQUEST_SUCCESS", kLoggedIn},
    Row{kMsgRequestFailure, "REQUEST_FAILURE", kLoggedIn},
    Row{kMsgChannelOpen, "CHANNEL_OPEN", kLoggedIn},
    // This side opens no channels and asks for no channel replies.
    Row{kMsgChannelOpenConfirmation, "CHANNEL_OPEN_CONFIRMATION", kNever},
    Row{kMsgChannelOpenFailure, "CHANNEL_OPEN_FAILURE", kNever},
    Row{kMsgChannelWindowAdjust, "CHANNEL_WINDOW_ADJUST", kLoggedIn},
    Row{kMsgChannelData, "CHANNEL_DATA", kLoggedIn},
    Row{kMsgChannelExtendedData, "CHANNEL_EXTENDED_DATA", kLoggedIn},
    Row{kMsgChannelEof, "CHANNEL_EOF", kLoggedIn},
    Row{kMsgChannelClose, "CHANNEL_CLOSE", kLoggedIn},
    Row{kMsgChannelRequest, "CHANNEL_REQUEST", kLoggedIn},
    Row{kMsgChannelSuccess, "CHANNEL_SUCCESS", kNever},
    Row{kMsgChannelFailure, "CHANNEL_FAILURE", kNever},
};

const Row* find(std::uint8_t message) {
  for (const Row& row : kTable) {
    if (row.message == message) return &row;
  }
  return nullptr;
}

bool is_noise(std::uint8_t message) {
  return message == kMsgIgnore || message == kMsgUnimplemented || message == kMsgDebug;
}

}  // namespace

Legality legality(Phase phase, std::uint8_t message, bool strict) {
  const Row* row = find(message);
  if (row == nullptr) return Legality::kUnknown;
  if (strict && is_noise(message) && (in(phase)&kInitialKex) != 0) return Legality::kIllegal;
  return (row->legal & in(phase)) != 0 ? Legality::kLegal : Legality::kIllegal;
}

std::string_view message_name(std::uint8_t message) {
  const Row* row = find(message);
  return row == nullptr ? std::string_view("unknown") : row->name;
}

std::string_view phase_name(Phase phase) {
  switch (phase) {
    case Phase::kInitialKexInit: return "awaiting KEXINIT";
    case Phase::kInitialMethod: return "awaiting the key exchange";
    case Phase::kInitialNewKeys: return "awaiting NEWKEYS";
    case Phase::kService: return "awaiting a service request";
    case Phase::kUserauth: return "authenticating";
    case Phase::kConnection: return "connected";
    case Phase::kRekeyMethod: return "exchanging keys again";
    case Phase::kRekeyNewKeys: return "awaiting new keys again";
  }
  return "";
}

}  // namespace sallyport::ssh
