#include "sftp/packet.h"

namespace sallyport::sftp {

Frame front_frame(ByteView stream) {
  Frame frame;
  if (stream.size() < 4) return frame;
  const std::size_t length = load_be32(stream.data());
  if (length == 0 || length > kMaxPacketLength) {
    frame.state = FrameState::kInvalid;
    return frame;
  }
  frame.size = 4 + length;
  if (stream.size() > 4) frame.type = stream[4];
  if (stream.size() < frame.size) return frame;
  frame.state = FrameState::kComplete;
  frame.body = stream.subspan(5, length - 1);
  return frame;
}

}  // namespace sallyport::sftp
