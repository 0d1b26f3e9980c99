#include "base/bytes.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

TEST(ByteReader, ReadsWhatByteWriterWrote) {
  ByteWriter w;
  w.u8(7).boolean(true).u32(0x01020304).u64(0x1122334455667788).string("name").raw(as_bytes("tail"));
  ByteReader r(w.bytes());
  EXPECT_EQ(r.u8(), 7);
  EXPECT_TRUE(r.boolean());
  EXPECT_EQ(r.u32(), 0x01020304u);
  EXPECT_EQ(r.u64(), 0x1122334455667788u);
  EXPECT_EQ(r.text(), "name");
  EXPECT_EQ(as_text(r.rest()), "tail");
  EXPECT_TRUE(r.done());
}

TEST(ByteReader, FailsPastTheEndAndStaysFailed) {
  const Bytes three{1, 2, 3};
  ByteReader r(three);
  EXPECT_EQ(r.u32(), 0u);
  EXPECT_TRUE(r.failed());
  EXPECT_EQ(r.u8(), 0);
  EXPECT_FALSE(r.done());
}

TEST(ByteReader, RefusesAStringLongerThanTheInput) {
  const Bytes lying{0xff, 0xff, 0xff, 0xff, 'a'};
  ByteReader r(lying);
  EXPECT_TRUE(r.string().empty());
  EXPECT_TRUE(r.failed());
}

TEST(ByteReader, IsNotDoneWithBytesLeftOver) {
  const Bytes two{1, 2};
  ByteReader r(two);
  r.u8();
  EXPECT_FALSE(r.done());
}

// RFC 4251 section 5, examples of mpint.
TEST(ByteWriter, WritesTheRfcsMpints) {
  const auto mpint = [](Bytes magnitude) {
    ByteWriter w;
    w.mpint(magnitude);
    return to_hex(w.bytes());
  };
  EXPECT_EQ(mpint({}), "00000000");
  EXPECT_EQ(mpint({0, 0}), "00000000");
  EXPECT_EQ(mpint({0x09, 0xa3, 0x78, 0xf9, 0xb2, 0xe3, 0x32, 0xa7}), "0000000809a378f9b2e332a7");
  EXPECT_EQ(mpint({0x80}), "000000020080");
}

}  // namespace
}  // namespace sallyport
