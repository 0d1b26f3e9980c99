// Views of bytes and checked big-endian reading and writing (RFC 4251 section 5 types included).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport {

using ByteView = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;
using Bytes = std::vector<std::uint8_t>;

inline ByteView as_bytes(std::string_view s) {
  return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}
inline std::string_view as_text(ByteView b) {
  return {reinterpret_cast<const char*>(b.data()), b.size()};
}
inline Bytes to_bytes(ByteView b) { return Bytes(b.begin(), b.end()); }

inline void store_be32(std::uint8_t* p, std::uint32_t v) {
  v = __builtin_bswap32(v);
  std::memcpy(p, &v, 4);
}
inline void store_be64(std::uint8_t* p, std::uint64_t v) {
  v = __builtin_bswap64(v);
  std::memcpy(p, &v, 8);
}
inline std::uint32_t load_be32(const std::uint8_t* p) {
  std::uint32_t v;
  std::memcpy(&v, p, 4);
  return __builtin_bswap32(v);
}
inline std::uint64_t load_be64(const std::uint8_t* p) {
  std::uint64_t v;
  std::memcpy(&v, p, 8);
  return __builtin_bswap64(v);
}

// Reads from a borrowed view. A read past the end sets failed() and returns zeros or
// empty views, so a parser may read a whole structure and check once at its end.
// Views returned point into the input. Not thread-safe.
class ByteReader {
 public:
  explicit ByteReader(ByteView in) : in_(in) {}

  bool failed() const { return failed_; }
  std::size_t remaining() const { return in_.size(); }
  // True when nothing failed and nothing is left over.
  bool done() const { return !failed_ && in_.empty(); }

  std::uint8_t u8();
  bool boolean() { return u8() != 0; }
  std::uint32_t u32();
  std::uint64_t u64();
  ByteView raw(std::size_t n);
  // RFC 4251 `string`: uint32 length and that many bytes.
  ByteView string();
  std::string_view text() { return as_text(string()); }
  // All that is left.
  ByteView rest() { return raw(in_.size()); }

 private:
  ByteView in_;
  bool failed_ = false;
};

// Appends to an owned buffer.
class ByteWriter {
 public:
  ByteWriter& u8(std::uint8_t v);
  ByteWriter& boolean(bool v) { return u8(v ? 1 : 0); }
  ByteWriter& u32(std::uint32_t v);
  ByteWriter& u64(std::uint64_t v);
  ByteWriter& raw(ByteView v);
  ByteWriter& string(ByteView v);
  ByteWriter& string(std::string_view v) { return string(as_bytes(v)); }
  // RFC 4251 `mpint` of an unsigned big-endian magnitude (leading zeros allowed).
  ByteWriter& mpint(ByteView magnitude);

  const Bytes& bytes() const& { return out_; }
  Bytes take() { return std::move(out_); }
  std::size_t size() const { return out_.size(); }

 private:
  Bytes out_;
};

// Lower-case hexadecimal.
std::string to_hex(ByteView bytes);

}  // namespace sallyport
