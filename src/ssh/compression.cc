#include "ssh/compression.h"

#include <zlib.h>

#include <utility>

namespace sallyport::ssh {
namespace {

// What OpenSSH uses, too.
constexpr int kLevel = 6;
constexpr std::size_t kHeader = 2;
// The partial flush, and what waits from the packet before.
constexpr std::size_t kFlush = 64;

void feed(z_stream& zlib, ByteView in) {
  // zlib's interface is older than const; it does not write there.
  zlib.next_in = const_cast<Bytef*>(in.data());
  zlib.avail_in = static_cast<uInt>(in.size());
}

}  // namespace

struct Deflater::Stream {
  z_stream zlib{};
  bool good = deflateInit(&zlib, kLevel) == Z_OK;
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { deflateEnd(&zlib); }
};

Deflater::Deflater() = default;
Deflater::~Deflater() = default;

std::size_t Deflater::bound(std::size_t size) {
  return compressBound(static_cast<uLong>(size)) + kHeader + kFlush;
}

std::size_t Deflater::deflate(ByteView head, ByteView body, std::uint8_t* out) {
  if (!stream_) stream_ = std::make_unique<Stream>();
  if (!stream_->good) return 0;
  z_stream& zlib = stream_->zlib;
  const std::size_t room = bound(head.size() + body.size());
  zlib.next_out = out;
  zlib.avail_out = static_cast<uInt>(room);
  feed(zlib, head);
  stream_->good = ::deflate(&zlib, body.empty() ? Z_PARTIAL_FLUSH : Z_NO_FLUSH) == Z_OK;
  if (stream_->good && !body.empty()) {
    feed(zlib, body);
    stream_->good = ::deflate(&zlib, Z_PARTIAL_FLUSH) == Z_OK;
  }
  // A full output would mean that something was left behind.
  stream_->good = stream_->good && zlib.avail_in == 0 && zlib.avail_out != 0;
  return stream_->good ? room - zlib.avail_out : 0;
}

struct Inflater::Stream {
  z_stream zlib{};
  bool good = inflateInit(&zlib) == Z_OK;
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { inflateEnd(&zlib); }
};

Inflater::Inflater(std::shared_ptr<BufferPool> pool, std::size_t max_payload)
    : pool_(std::move(pool)), max_payload_(max_payload) {}
Inflater::~Inflater() = default;

Result<ByteView> Inflater::inflate(ByteView packed) {
  if (!stream_) stream_ = std::make_unique<Stream>();
  const Error damaged(Errc::kInvalidArgument, "the compressed payload is damaged");
  if (!stream_->good) return damaged;
  // One byte more than allowed, so that too much shows.
  if (!out_) out_ = pool_->take(max_payload_ + 1);
  z_stream& zlib = stream_->zlib;
  feed(zlib, packed);
  zlib.next_out = out_.data();
  zlib.avail_out = static_cast<uInt>(max_payload_ + 1);
  const int outcome = ::inflate(&zlib, Z_SYNC_FLUSH);
  const std::size_t size = max_payload_ + 1 - zlib.avail_out;
  // Z_BUF_ERROR says that there was nothing to do, which is an empty payload.
  stream_->good = outcome == Z_OK && size != 0 && size <= max_payload_ && zlib.avail_in == 0;
  if (stream_->good) return ByteView(out_.data(), size);
  if (outcome == Z_OK && size > max_payload_)
    return Error(Errc::kLimitExceeded, "the payload is larger than a packet may be");
  return damaged;
}

}  // namespace sallyport::ssh
