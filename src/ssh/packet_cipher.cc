#include "ssh/packet_cipher.h"

#include <cstring>

#include "base/secret.h"

namespace sallyport::ssh {
namespace {

class PlainSealer final : public PacketSealer {
 public:
  bool seal(std::uint32_t, std::uint8_t*, std::size_t) override { return true; }
};

class PlainOpener final : public PacketOpener {
 public:
  std::uint32_t length(std::uint32_t, const std::uint8_t* in) override { return load_be32(in); }
  bool open(std::uint32_t, const std::uint8_t* in, std::uint32_t length,
            std::uint8_t* out) override {
    if (out != in + 4) std::memcpy(out, in + 4, length);
    return true;
  }
};

bool sizes_fit(const CipherSpec& cipher, const MacSpec* mac, const DirectionKeys& keys) {
  if (keys.key.size() != cipher.key_size || keys.iv.size() != cipher.iv_size) return false;
  if (cipher.has_own_mac()) return true;
  return mac != nullptr && keys.mac_key.size() == mac->key_size;
}

Error misfit() {
  return Error(Errc::kInternal, "packet keys do not fit the cipher");
}

}  // namespace

DirectionKeys::~DirectionKeys() {
  for (Bytes* b : {&iv, &key, &mac_key}) wipe(b->data(), b->size());
}

std::unique_ptr<PacketSealer> make_plain_sealer() {
  return std::make_unique<PlainSealer>();
}
std::unique_ptr<PacketOpener> make_plain_opener() {
  return std::make_unique<PlainOpener>();
}

Result<std::unique_ptr<PacketSealer>> make_sealer(const CipherSpec& cipher, const MacSpec* mac,
                                                  const DirectionKeys& keys) {
  if (!sizes_fit(cipher, mac, keys)) return misfit();
  switch (cipher.kind) {
    case CipherKind::kGcm: return internal::make_gcm_sealer(cipher, keys);
    case CipherKind::kCtr: return internal::make_ctr_sealer(cipher, *mac, keys);
    case CipherKind::kChachaPoly1305: return internal::make_chacha_sealer(keys);
  }
  return misfit();
}

Result<std::unique_ptr<PacketOpener>> make_opener(const CipherSpec& cipher, const MacSpec* mac,
                                                  const DirectionKeys& keys) {
  if (!sizes_fit(cipher, mac, keys)) return misfit();
  switch (cipher.kind) {
    case CipherKind::kGcm: return internal::make_gcm_opener(cipher, keys);
    case CipherKind::kCtr: return internal::make_ctr_opener(cipher, *mac, keys);
    case CipherKind::kChachaPoly1305: return internal::make_chacha_opener(keys);
  }
  return misfit();
}

}  // namespace sallyport::ssh
