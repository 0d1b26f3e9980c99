// Compression of packet payloads, `zlib@openssh.com`: zlib's format (RFC 1950) with one context per
// direction, flushed at the end of every packet and begun anew with every key exchange (RFC 4253
// section 6.2); used from the end of authentication on (OpenSSH PROTOCOL section 1.2).
//
// Memory: zlib's, some 270 KiB out and 45 KiB in, taken at the first packet. Thread-safety: none.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "ssh/buffer_pool.h"

namespace sallyport::ssh {

inline constexpr std::string_view kNoCompression = "none";
inline constexpr std::string_view kDelayedCompression = "zlib@openssh.com";

class Deflater {
 public:
  Deflater();
  ~Deflater();
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  // The most bytes that a payload of `size` can become.
  static std::size_t bound(std::size_t size);
  // Writes the compressed form of one payload, given in two pieces, to `out`, which has room for
  // bound() of their size; returns its size. 0: zlib has failed and nothing more can be sent.
  std::size_t deflate(ByteView head, ByteView body, std::uint8_t* out);

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
};

class Inflater {
 public:
  // Nothing larger than `max_payload` bytes is ever unpacked.
  Inflater(std::shared_ptr<BufferPool> pool, std::size_t max_payload);
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // The payload that `packed` is. Valid until the next call. kInvalidArgument: damaged, empty or
  // with an end of the stream, none of which a packet may be; kLimitExceeded: larger than allowed.
  // After an error the stream is of no more use.
  Result<ByteView> inflate(ByteView packed);
  // Ends the last view and gives its memory back; what later packets refer to stays.
  void rest() { out_.reset(); }

 private:
  struct Stream;
  std::shared_ptr<BufferPool> pool_;
  std::size_t max_payload_;
  std::unique_ptr<Stream> stream_;
  Buffer out_;
};

}  // namespace sallyport::ssh
