#include "base/bytes.h"

namespace sallyport {

ByteView ByteReader::raw(std::size_t n) {
  if (failed_ || n > in_.size()) {
    failed_ = true;
    in_ = {};
    return {};
  }
  ByteView out = in_.first(n);
  in_ = in_.subspan(n);
  return out;
}

std::uint8_t ByteReader::u8() {
  ByteView b = raw(1);
  return b.empty() ? 0 : b[0];
}

std::uint32_t ByteReader::u32() {
  ByteView b = raw(4);
  return b.empty() ? 0 : load_be32(b.data());
}

std::uint64_t ByteReader::u64() {
  ByteView b = raw(8);
  return b.empty() ? 0 : load_be64(b.data());
}

ByteView ByteReader::string() {
  std::uint32_t n = u32();
  return raw(n);
}

ByteWriter& ByteWriter::u8(std::uint8_t v) {
  out_.push_back(v);
  return *this;
}

ByteWriter& ByteWriter::u32(std::uint32_t v) {
  std::uint8_t b[4];
  store_be32(b, v);
  return raw(b);
}

ByteWriter& ByteWriter::u64(std::uint64_t v) {
  std::uint8_t b[8];
  store_be64(b, v);
  return raw(b);
}

ByteWriter& ByteWriter::raw(ByteView v) {
  out_.insert(out_.end(), v.begin(), v.end());
  return *this;
}

ByteWriter& ByteWriter::string(ByteView v) {
  u32(static_cast<std::uint32_t>(v.size()));
  return raw(v);
}

ByteWriter& ByteWriter::mpint(ByteView magnitude) {
  while (!magnitude.empty() && magnitude[0] == 0) magnitude = magnitude.subspan(1);
  const bool pad = !magnitude.empty() && (magnitude[0] & 0x80) != 0;
  u32(static_cast<std::uint32_t>(magnitude.size() + (pad ? 1 : 0)));
  if (pad) u8(0);
  return raw(magnitude);
}

std::string to_hex(ByteView bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (std::uint8_t b : bytes) {
    out.push_back(kDigits[b >> 4]);
    out.push_back(kDigits[b & 15]);
  }
  return out;
}

}  // namespace sallyport
