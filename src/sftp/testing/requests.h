// SFTP packets as a client writes and reads them, built by hand and not with the code under test.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace sallyport::sftp::testing {

// Status codes of draft-ietf-secsh-filexfer-02 section 7.
inline constexpr std::uint32_t kOk = 0, kEof = 1, kNoSuchFile = 2, kFailure = 4, kBadMessage = 5,
                               kUnsupported = 8;

// The bytes of a handle that counts as `id`.
inline std::string handle_text(std::uint64_t id) {
  return std::string(as_text(ByteWriter().u64(id).bytes()));
}

// Handles count their slots from 0 and a slot's uses from 1, so tests can name them in advance.
inline std::string slot_handle(std::uint32_t slot, std::uint32_t use = 1) {
  return handle_text(std::uint64_t{use} << 32 | slot);
}

inline Bytes packet(std::uint8_t type, const ByteWriter& body) {
  ByteWriter out;
  out.u32(static_cast<std::uint32_t>(body.size() + 1)).u8(type).raw(body.bytes());
  return out.take();
}

inline Bytes init(std::uint32_t version = 3) {
  return packet(1, ByteWriter().u32(version));
}
inline Bytes open(std::uint32_t id, std::string_view path, std::uint32_t pflags) {
  return packet(3, ByteWriter().u32(id).string(path).u32(pflags).u32(0));
}
inline Bytes on_handle(std::uint8_t type, std::uint32_t id, std::string_view handle) {
  return packet(type, ByteWriter().u32(id).string(handle));
}
inline Bytes close(std::uint32_t id, std::string_view handle) {
  return on_handle(4, id, handle);
}
inline Bytes read(std::uint32_t id, std::string_view handle, std::uint64_t offset,
                  std::uint32_t length) {
  return packet(5, ByteWriter().u32(id).string(handle).u64(offset).u32(length));
}
inline Bytes write(std::uint32_t id, std::string_view handle, std::uint64_t offset,
                   std::string_view data) {
  return packet(6, ByteWriter().u32(id).string(handle).u64(offset).string(data));
}
// A WRITE with more in its packet than its data.
inline Bytes padded_write(std::uint32_t id, std::string_view handle, std::uint64_t offset,
                          std::string_view data, std::size_t more) {
  Bytes body = std::move(ByteWriter().u32(id).string(handle).u64(offset).string(data)).take();
  body.resize(body.size() + more, 0xff);
  return packet(6, ByteWriter().raw(body));
}
inline Bytes on_path(std::uint8_t type, std::uint32_t id, std::string_view path) {
  return packet(type, ByteWriter().u32(id).string(path));
}
inline Bytes on_path_with_attributes(std::uint8_t type, std::uint32_t id, std::string_view path) {
  return packet(type, ByteWriter().u32(id).string(path).u32(0));
}
inline Bytes on_two_paths(std::uint8_t type, std::uint32_t id, std::string_view first,
                          std::string_view second) {
  return packet(type, ByteWriter().u32(id).string(first).string(second));
}
inline Bytes extended(std::uint32_t id, std::string_view name) {
  return packet(200, ByteWriter().u32(id).string(name));
}

inline Bytes extended(std::uint32_t id, std::string_view name, const ByteWriter& data) {
  return packet(200, ByteWriter().u32(id).string(name).raw(data.bytes()));
}

inline Bytes join(std::initializer_list<Bytes> packets) {
  Bytes out;
  for (const Bytes& p : packets) out.insert(out.end(), p.begin(), p.end());
  return out;
}

// A reply taken apart. What does not apply is empty.
struct Answer {
  std::uint8_t type = 0;
  std::uint32_t id = 0;  // of VERSION: the version
  std::uint32_t code = 0;
  std::string text;  // status message, handle, or data
  std::vector<std::string> names, long_names;
  std::uint64_t size = 0;
  std::uint32_t permissions = 0;
  Bytes rest;  // of VERSION and EXTENDED_REPLY
};

namespace detail {
inline void read_attributes(ByteReader& in, Answer& answer) {
  const std::uint32_t flags = in.u32();
  if (flags & 1) answer.size = in.u64();
  if (flags & 2) in.u64();
  if (flags & 4) answer.permissions = in.u32();
  if (flags & 8) in.u64();
}
}  // namespace detail

// Every reply in `stream`; a malformed one ends the list with type 255.
inline std::vector<Answer> answers(ByteView stream) {
  std::vector<Answer> out;
  ByteReader in(stream);
  while (!in.failed() && in.remaining() > 0) {
    ByteReader p(in.string());
    Answer a;
    a.type = p.u8();
    a.id = p.u32();
    switch (a.type) {
      case 101:
        a.code = p.u32();
        a.text = p.text();
        p.string();
        break;
      case 102:
      case 103: a.text = p.text(); break;
      case 104:
        for (std::uint32_t n = p.u32(); n > 0 && !p.failed(); --n) {
          a.names.emplace_back(p.text());
          a.long_names.emplace_back(p.text());
          detail::read_attributes(p, a);
        }
        break;
      case 105: detail::read_attributes(p, a); break;
      default: a.rest = to_bytes(p.rest());
    }
    if (!p.done()) a.type = 255;
    out.push_back(std::move(a));
  }
  if (in.failed()) out.emplace_back().type = 255;
  return out;
}

}  // namespace sallyport::sftp::testing
