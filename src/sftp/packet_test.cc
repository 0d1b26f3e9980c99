#include "sftp/packet.h"

#include <gtest/gtest.h>

#include "sftp/testing/requests.h"

namespace sallyport::sftp {
namespace {

Bytes with_length(std::uint32_t length, std::size_t there) {
  ByteWriter out;
  out.u32(length);
  for (std::size_t i = 0; i < there; ++i) out.u8(5);
  return out.take();
}

TEST(FrontFrame, TakesTheFirstPacketOnly) {
  const Bytes stream = testing::join({testing::init(), testing::close(7, "h")});
  const Frame frame = front_frame(stream);
  EXPECT_EQ(frame.state, FrameState::kComplete);
  EXPECT_EQ(frame.type, 1);
  EXPECT_EQ(frame.size, 9u);
  EXPECT_EQ(frame.body.size(), 4u);
}

TEST(FrontFrame, WaitsForEveryByte) {
  const Bytes whole = testing::close(7, "handle");
  for (std::size_t n = 0; n < whole.size(); ++n) {
    EXPECT_EQ(front_frame(ByteView(whole).first(n)).state, FrameState::kIncomplete) << n;
  }
  EXPECT_EQ(front_frame(whole).state, FrameState::kComplete);
}

TEST(FrontFrame, RefusesAnEmptyPacket) {
  EXPECT_EQ(front_frame(with_length(0, 10)).state, FrameState::kInvalid);
}

TEST(FrontFrame, RefusesAnOversizePacketBeforeItsBytesHaveCome) {
  EXPECT_EQ(front_frame(with_length(kMaxPacketLength + 1, 0)).state, FrameState::kInvalid);
  EXPECT_EQ(front_frame(with_length(0xffffffff, 0)).state, FrameState::kInvalid);
  EXPECT_EQ(front_frame(with_length(kMaxPacketLength, 1)).state, FrameState::kIncomplete);
  EXPECT_EQ(front_frame(with_length(kMaxPacketLength, kMaxPacketLength)).state,
            FrameState::kComplete);
}

}  // namespace
}  // namespace sallyport::sftp
