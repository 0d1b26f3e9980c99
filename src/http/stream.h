// The byte stream that HTTP connections run on: TCP, or TLS over it.
#pragma once

#include <chrono>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "net/tcp.h"
#include "net/tls.h"

namespace sallyport::http {

// One connection; all calls on its loop. At most one read and one write wait at a time.
// Errors: kClosed, kCancelled, kTimeout, kIo; over TLS also kCorrupt, and a side that ends without
// TLS's own end is kClosed.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // At least one byte, or 0 when the peer ended its side.
  virtual Task<Result<std::size_t>> read_some(MutableBytes into) = 0;
  // All of the pieces, in order. The pieces outlive the task.
  virtual Task<Result<void>> write_all(std::span<const ByteView> pieces) = 0;
  // What waits longer fails with kTimeout.
  virtual void set_deadline(SteadyTime deadline) = 0;
  virtual void shutdown_send() = 0;
  // True when the peer has closed, or bytes have come that nobody asked for.
  virtual bool stale() = 0;
  virtual net::Endpoint peer() const = 0;
};

std::unique_ptr<ByteStream> tcp_byte_stream(net::TcpStream stream);
std::unique_ptr<ByteStream> tls_byte_stream(net::TlsStream stream);

}  // namespace sallyport::http
