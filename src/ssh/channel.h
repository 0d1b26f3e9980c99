// The state of one session channel (RFC 4254 section 5). Plain data; Connection makes the rules.
#pragma once

#include <cstdint>
#include <memory>

#include "ssh/actions.h"
#include "ssh/channel_input.h"
#include "ssh/reservation.h"

namespace sallyport::ssh {

struct Channel {
  Channel(ChannelId own_id, std::uint32_t peer, const std::shared_ptr<BufferPool>& pool)
      : id(own_id), peer_id(peer), input(pool) {}

  ChannelId id;
  std::uint32_t peer_id;

  // Towards the client: what it lets us send, and the most in one packet.
  std::uint32_t peer_window = 0;
  std::uint32_t peer_max_packet = 0;
  std::shared_ptr<OutputLedger> ledger = std::make_shared<OutputLedger>();
  // The driver has found too little room and wants to hear of more.
  bool starved = false;

  // From the client: what it may still send, and what has been consumed since the last adjustment.
  std::uint32_t local_window = 0;
  std::uint32_t ungranted = 0;
  ChannelInputBuffer input;
  // Bytes have come that the driver was not told of.
  bool input_unreported = false;

  bool subsystem_started = false;
  bool got_eof = false, sent_eof = false;
  bool got_close = false, sent_close = false;
};

}  // namespace sallyport::ssh
