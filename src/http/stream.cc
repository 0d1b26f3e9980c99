#include "http/stream.h"

#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <utility>

namespace sallyport::http {
namespace {

constexpr std::size_t kMaxPieces = 8;

class TcpByteStream final : public ByteStream {
 public:
  explicit TcpByteStream(net::TcpStream stream) : stream_(std::move(stream)) {}

  Task<Result<std::size_t>> read_some(MutableBytes into) override {
    return stream_.read_some(into);
  }

  Task<Result<void>> write_all(std::span<const ByteView> pieces) override {
    std::array<iovec, kMaxPieces> list;
    std::size_t piece = 0;
    std::size_t offset = 0;
    while (true) {
      std::size_t count = 0;
      for (std::size_t i = piece; i < pieces.size() && count < kMaxPieces; ++i) {
        const ByteView part = pieces[i].subspan(i == piece ? offset : 0);
        if (part.empty()) continue;
        list[count++] = {const_cast<std::uint8_t*>(part.data()), part.size()};
      }
      if (count == 0) co_return ok();
      auto n = co_await stream_.write_some(std::span<const iovec>(list.data(), count));
      if (!n.ok()) co_return std::move(n).error();
      std::size_t left = *n;
      while (piece < pieces.size() && left >= pieces[piece].size() - offset) {
        left -= pieces[piece].size() - offset;
        ++piece;
        offset = 0;
      }
      offset += left;
    }
  }

  void set_deadline(SteadyTime deadline) override { stream_.set_deadline(deadline); }
  void shutdown_send() override { stream_.shutdown_send(); }
  bool stale() override {
    std::uint8_t byte;
    return stream_.try_read(MutableBytes(&byte, 1)).has_value();
  }
  net::Endpoint peer() const override { return stream_.remote(); }

 private:
  net::TcpStream stream_;
};

class TlsByteStream final : public ByteStream {
 public:
  explicit TlsByteStream(net::TlsStream stream) : stream_(std::move(stream)) {}

  Task<Result<std::size_t>> read_some(MutableBytes into) override {
    return stream_.read_some(into);
  }
  Task<Result<void>> write_all(std::span<const ByteView> pieces) override {
    return stream_.write_all(pieces);
  }
  void set_deadline(SteadyTime deadline) override { stream_.set_deadline(deadline); }
  void shutdown_send() override { stream_.shutdown_send(); }
  // Session tickets may have come meanwhile; those are TLS's own.
  bool stale() override {
    std::uint8_t byte;
    return stream_.try_read(MutableBytes(&byte, 1)).has_value();
  }
  net::Endpoint peer() const override { return stream_.remote(); }

 private:
  net::TlsStream stream_;
};

}  // namespace

std::unique_ptr<ByteStream> tcp_byte_stream(net::TcpStream stream) {
  return std::make_unique<TcpByteStream>(std::move(stream));
}

std::unique_ptr<ByteStream> tls_byte_stream(net::TlsStream stream) {
  return std::make_unique<TlsByteStream>(std::move(stream));
}

}  // namespace sallyport::http
