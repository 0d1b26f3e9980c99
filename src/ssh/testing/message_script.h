// Interprets bytes as what a client, the driver and chance do to a connection; for fuzz targets.
#pragma once

#include "ssh/testing/test_client.h"

namespace sallyport::ssh::testing {

// Each step is an operation byte and its arguments; unknown operations are ignored.
inline void run_script(TestClient& client, ByteView script) {
  ByteReader in(script);
  std::vector<Reservation> reservations;
  for (int steps = 0; steps < 400 && in.remaining() != 0 && !client.engine().closed(); ++steps) {
    ServerEngine& engine = client.engine();
    const auto u16 = [&in] { return std::size_t{in.u8()} << 8 | in.u8(); };
    switch (in.u8()) {
      case 0: {  // a message
        const std::size_t n = std::min(u16(), in.remaining());
        if (n != 0) client.send(in.raw(n));
        break;
      }
      case 1: {  // two messages in one receive
        Bytes wire;
        for (int i = 0; i < 2; ++i) {
          const std::size_t n = std::min<std::size_t>(in.u8(), in.remaining());
          if (n == 0) continue;
          const Bytes packet = client.seal(in.raw(n));
          wire.insert(wire.end(), packet.begin(), packet.end());
        }
        client.send_raw(wire);
        break;
      }
      case 2: {  // data for a channel
        const ChannelId id = in.u8();
        client.send(TestClient::data(id, Bytes(u16() & 0x7fff, 0x5a)));
        break;
      }
      case 3: client.key_exchange(); break;
      case 4: engine.request_rekey(); break;
      case 5: {
        const ChannelId id = in.u8();
        reservations.push_back(engine.reserve(id, u16() * 8));
        break;
      }
      case 6:
        if (!reservations.empty()) {
          engine.commit(std::move(reservations.back()), u16() * 8);
          reservations.pop_back();
        }
        break;
      case 7: {
        const ChannelId id = in.u8();
        engine.channel_write(id, Bytes(u16(), 1));
        break;
      }
      case 8: {
        const ChannelId id = in.u8();
        engine.channel_consume(id, u16());
        break;
      }
      case 9: engine.channel_eof(in.u8()); break;
      case 10: engine.channel_close(in.u8()); break;
      case 11: client.keep_input = !client.keep_input; break;
      case 12: client.deaf = !client.deaf; break;
      case 13: engine.send_keepalive(); break;
      case 14: engine.send_exit_status(in.u8(), 0); break;
      case 15: client.open_channel(in.u8(), static_cast<std::uint32_t>(u16()), in.u8()); break;
      case 16: {  // new keys, with or without compression
        client.kex_init.compressions_in = {in.boolean() ? "zlib@openssh.com" : "none"};
        client.kex_init.compressions_out = client.kex_init.compressions_in;
        client.key_exchange();
        break;
      }
      case 17: {  // a payload that is not compressed although it should be, or only claims to be
        const std::size_t n = std::min(u16(), in.remaining());
        if (n != 0) client.send_raw(client.seal_unpacked(in.raw(n)));
        break;
      }
      case 18:  // much that compresses well
        if (client.compresses()) client.send(message(kMsgIgnore).string(Bytes(u16() * 16)));
        break;
      default: break;
    }
    client.pump();
  }
}

}  // namespace sallyport::ssh::testing
