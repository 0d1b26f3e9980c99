#include "http/chunked.h"

#include <gtest/gtest.h>

namespace sallyport::http {
namespace {

struct Decoded {
  std::string body;
  std::size_t consumed = 0;
  bool done = false;
  bool failed = false;
  Headers trailers;
};

Decoded decode(std::string_view wire, std::size_t piece = 1 << 20, std::size_t room = 1 << 20) {
  Decoded d;
  ChunkedDecoder decoder;
  Bytes out(room);
  while (d.consumed < wire.size() && !decoder.done() && !decoder.failed()) {
    const std::string_view part = wire.substr(d.consumed, piece);
    const ChunkedDecoder::Progress p = decoder.decode(as_bytes(part), out);
    d.body.append(as_text(ByteView(out).first(p.produced)));
    d.consumed += p.consumed;
    if (p.consumed == 0 && p.produced == 0) break;
  }
  d.done = decoder.done();
  d.failed = decoder.failed();
  d.trailers = decoder.trailers();
  return d;
}

const std::string kExample =
    "4\r\nWiki\r\n6;name=value\r\npedia \r\nE \t;a;b=\"c;d\"\r\nin \r\n\r\nchunks.\r\n0\r\nX-T: "
    "1\r\nX-U:2 \r\n\r\n";

TEST(ChunkedDecoder, DecodesInAnyPieces) {
  for (const std::size_t piece : {1u, 2u, 3u, 7u, 1000u})
    for (const std::size_t room : {1u, 5u, 1000u}) {
      const Decoded d = decode(kExample + "next", piece, room);
      ASSERT_TRUE(d.done);
      EXPECT_EQ(d.body, "Wikipedia in \r\n\r\nchunks.");
      EXPECT_EQ(d.consumed, kExample.size());
      EXPECT_EQ(d.trailers.get("x-t"), "1");
      EXPECT_EQ(d.trailers.get("x-u"), "2");
    }
}

TEST(ChunkedDecoder, WaitsForTheEnd) {
  const Decoded d = decode("5\r\nhello\r\n0\r\n");
  EXPECT_FALSE(d.done);
  EXPECT_FALSE(d.failed);
  EXPECT_EQ(d.body, "hello");
}

TEST(ChunkedDecoder, RefusesMalformedChunks) {
  for (const char* wire :
       {"\r\n", "g\r\n", "-1\r\n", "0x5\r\nhello\r\n", " 5\r\nhello\r\n", "5 5\r\nhello\r\n",
        "5\nhello\r\n", "5\r\nhelloX\r\n", "5\r\nhello\n", "5\r\nhello\rX", "ffffffffffffffff\r\n",
        "10000000000000000\r\n", "5;a\x01\r\nhello\r\n", "0\r\nbad\r\n\r\n", "0\r\n: x\r\n\r\n",
        "0\r\na b: x\r\n\r\n", "0\r\nA: b\n\r\n"})
    EXPECT_TRUE(decode(wire).failed) << wire;
}

TEST(ChunkedDecoder, BoundsLinesExtensionsAndTrailers) {
  EXPECT_TRUE(decode("5;" + std::string(5000, 'a')).failed);
  std::string many;
  for (int i = 0; i < 30; ++i) many += "1;" + std::string(1000, 'a') + "\r\nx\r\n";
  EXPECT_TRUE(decode(many).failed);
  std::string trailers = "0\r\n";
  for (int i = 0; i < 40; ++i) trailers += "A: b\r\n";
  EXPECT_TRUE(decode(trailers + "\r\n").failed);
  trailers = "0\r\n";
  for (int i = 0; i < 20; ++i) trailers += "A: " + std::string(1000, 'b') + "\r\n";
  EXPECT_TRUE(decode(trailers + "\r\n").failed);
}

TEST(ChunkHead, IsHexadecimal) {
  EXPECT_EQ(chunk_head(0), "0\r\n");
  EXPECT_EQ(chunk_head(0x1a3f0), "1a3f0\r\n");
}

}  // namespace
}  // namespace sallyport::http
