#include "ssh/packet_cipher.h"

#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <tuple>

namespace sallyport::ssh {
namespace {

DirectionKeys keys_for(const CipherSpec& cipher, const MacSpec* mac) {
  DirectionKeys keys;
  keys.key.resize(cipher.key_size, 0x11);
  keys.iv.resize(cipher.iv_size, 0x22);
  // The GCM counter is about to carry over its lowest bytes.
  if (cipher.kind == CipherKind::kGcm) keys.iv[11] = 0xff;
  if (mac != nullptr) keys.mac_key.resize(mac->key_size, 0x33);
  return keys;
}

Bytes frame(const PacketShape& shape, std::size_t payload) {
  const std::size_t pad = shape.pad_size(payload);
  const std::size_t length = 1 + payload + pad;
  Bytes packet(4 + length + shape.tag);
  store_be32(packet.data(), static_cast<std::uint32_t>(length));
  packet[4] = static_cast<std::uint8_t>(pad);
  std::iota(packet.begin() + 5, packet.begin() + 5 + static_cast<std::ptrdiff_t>(payload), 1);
  return packet;
}

using Names = std::tuple<std::string_view, std::string_view>;

class PacketCipher : public ::testing::TestWithParam<Names> {
 protected:
  void SetUp() override {
    const CipherSpec& cipher = *find_cipher(std::get<0>(GetParam()));
    const MacSpec* mac = find_mac(std::get<1>(GetParam()));
    auto sealer = make_sealer(cipher, mac, keys_for(cipher, mac));
    auto opener = make_opener(cipher, mac, keys_for(cipher, mac));
    ASSERT_TRUE(sealer.ok());
    ASSERT_TRUE(opener.ok());
    sealer_ = std::move(sealer).value();
    opener_ = std::move(opener).value();
  }

  // In place or to another buffer.
  bool open(std::uint32_t sequence, Bytes& packet, std::uint32_t length, bool in_place,
            Bytes& out) {
    if (opener_->length(sequence, packet.data()) != length) return false;
    if (!in_place) {
      out.assign(length, 0);
      return opener_->open(sequence, packet.data(), length, out.data());
    }
    const bool good = opener_->open(sequence, packet.data(), length, packet.data() + 4);
    out.assign(packet.begin() + 4, packet.begin() + 4 + length);
    return good;
  }

  std::unique_ptr<PacketSealer> sealer_;
  std::unique_ptr<PacketOpener> opener_;
};

TEST_P(PacketCipher, OpensWhatWasSealedPacketAfterPacket) {
  std::uint32_t sequence = 0xfffffffe;
  for (const std::size_t payload : {1, 2, 11, 16, 17, 255, 4096, 32777}) {
    Bytes packet = frame(sealer_->shape(), payload);
    const std::uint32_t length = load_be32(packet.data());
    const Bytes plain(packet.begin() + 4, packet.begin() + 4 + length);
    ASSERT_TRUE(sealer_->seal(sequence, packet.data(), length));
    EXPECT_NE(Bytes(packet.begin() + 4, packet.begin() + 4 + length), plain);
    Bytes out;
    ASSERT_TRUE(open(sequence, packet, length, payload % 2 == 0, out)) << payload;
    EXPECT_EQ(out, plain);
    ++sequence;
  }
}

TEST_P(PacketCipher, PadsToWholeBlocksWithAtLeastFourBytes) {
  const PacketShape& shape = sealer_->shape();
  for (std::size_t payload = 1; payload < 100; ++payload) {
    const std::size_t pad = shape.pad_size(payload);
    EXPECT_GE(pad, 4u);
    EXPECT_LE(pad, kMaxPad);
    EXPECT_EQ(((shape.pads_length ? 5 : 1) + payload + pad) % shape.block, 0u);
  }
}

TEST_P(PacketCipher, AnyFlippedBitIsRefused) {
  const std::size_t size = frame(sealer_->shape(), 40).size();
  for (std::size_t at = 0; at < size; ++at) {
    SetUp();
    Bytes packet = frame(sealer_->shape(), 40);
    const std::uint32_t length = load_be32(packet.data());
    ASSERT_TRUE(sealer_->seal(3, packet.data(), length));
    packet[at] ^= 0x10;
    Bytes out;
    EXPECT_FALSE(open(3, packet, length, false, out)) << at;
  }
}

TEST_P(PacketCipher, APacketOutOfSequenceIsRefused) {
  Bytes first = frame(sealer_->shape(), 40);
  Bytes second = first;
  const std::uint32_t length = load_be32(first.data());
  ASSERT_TRUE(sealer_->seal(0, first.data(), length));
  ASSERT_TRUE(sealer_->seal(1, second.data(), length));
  Bytes out;
  EXPECT_FALSE(open(0, second, length, false, out));
}

INSTANTIATE_TEST_SUITE_P(
    All, PacketCipher,
    ::testing::Values(
        Names{"aes128-gcm@openssh.com", ""}, Names{"aes256-gcm@openssh.com", ""},
        Names{"chacha20-poly1305@openssh.com", ""}, Names{"aes128-ctr", "hmac-sha2-256"},
        Names{"aes192-ctr", "hmac-sha2-512"}, Names{"aes256-ctr", "hmac-sha2-256-etm@openssh.com"},
        Names{"aes128-ctr", "hmac-sha2-512-etm@openssh.com"}, Names{"aes128-ctr", "hmac-sha1"},
        Names{"aes256-ctr", "hmac-sha1-etm@openssh.com"},
        Names{"aes128-ctr", "umac-64@openssh.com"}, Names{"aes192-ctr", "umac-128@openssh.com"},
        Names{"aes128-ctr", "umac-64-etm@openssh.com"},
        Names{"aes256-ctr", "umac-128-etm@openssh.com"}),
    [](const auto& info) {
      std::string name;
      for (const std::string_view part : {std::get<0>(info.param), std::get<1>(info.param)}) {
        for (const char c : part) name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
      }
      return name;
    });

TEST(PacketCipherSetup, KeysOfTheWrongSizeAreRefused) {
  const CipherSpec& cipher = *find_cipher("aes128-ctr");
  const MacSpec* mac = find_mac("hmac-sha2-256");
  DirectionKeys keys = keys_for(cipher, mac);
  keys.key.pop_back();
  EXPECT_FALSE(make_sealer(cipher, mac, keys).ok());
  EXPECT_FALSE(make_opener(cipher, nullptr, keys_for(cipher, mac)).ok());
}

}  // namespace
}  // namespace sallyport::ssh
