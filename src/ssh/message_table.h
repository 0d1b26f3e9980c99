// Which message a client may send when: the one table that dispatching goes by.
#pragma once

#include <cstdint>
#include <string_view>

namespace sallyport::ssh {

enum class Phase : std::uint8_t {
  kInitialKexInit,  // the client's first KEXINIT is awaited
  kInitialMethod,   // then its half of the key exchange
  kInitialNewKeys,  // then its NEWKEYS
  kService,         // encrypted; the service request is awaited
  kUserauth,        // ssh-userauth runs
  kConnection,      // authenticated
  kRekeyMethod,     // as above, in a later exchange
  kRekeyNewKeys,
};
inline constexpr int kPhaseCount = static_cast<int>(Phase::kRekeyNewKeys) + 1;

enum class Legality : std::uint8_t {
  kLegal,
  kIllegal,  // known, but not now: the connection ends
  kUnknown,  // not a number of ours: UNIMPLEMENTED, or the end in a strict initial key exchange
};

// `strict` is whether strict key exchange was agreed (OpenSSH PROTOCOL section 1.9); it takes
// IGNORE, DEBUG and UNIMPLEMENTED out of the initial exchange.
Legality legality(Phase phase, std::uint8_t message, bool strict);

// "KEXINIT", …; "unknown" for others.
std::string_view message_name(std::uint8_t message);
std::string_view phase_name(Phase phase);

}  // namespace sallyport::ssh
