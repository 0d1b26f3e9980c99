#include "sftp/messages.h"

#include <array>

#include "sftp/fields.h"

namespace sallyport::sftp {
namespace {

template <class R>
std::optional<Request> if_done(const ByteReader& in, R request) {
  if (!in.done()) return std::nullopt;
  return Request(std::move(request));
}

void append(Bytes& out, ByteView bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void append_packet(Bytes& out, const ByteWriter& body) {
  std::array<std::uint8_t, 4> length;
  store_be32(length.data(), static_cast<std::uint32_t>(body.size()));
  append(out, length);
  append(out, body.bytes());
}

ByteWriter begin(PacketType type, RequestId id) {
  ByteWriter body;
  body.u8(static_cast<std::uint8_t>(type)).u32(id);
  return body;
}

struct ReplyAppender {
  Bytes& out;
  RequestId id;

  void operator()(const Status& status) const {
    append_status(out, id, status.code, status.message);
  }
  void operator()(const HandleReply& reply) const {
    ByteWriter body = begin(PacketType::kHandle, id);
    body.u32(sizeof(HandleId)).u64(reply.handle);
    append_packet(out, body);
  }
  void operator()(const AttributesReply& reply) const {
    ByteWriter body = begin(PacketType::kAttrs, id);
    write_attributes(body, reply.attributes);
    append_packet(out, body);
  }
  void operator()(const NameReply& reply) const {
    ByteWriter body = begin(PacketType::kName, id);
    body.u32(static_cast<std::uint32_t>(reply.names.size()));
    for (const NameReply::Name& name : reply.names) {
      body.string(name.name).string(name.long_name);
      if (name.attributes) {
        write_attributes(body, *name.attributes);
      } else {
        write_no_attributes(body);
      }
    }
    append_packet(out, body);
  }
  void operator()(const ExtendedReply& reply) const {
    ByteWriter body = begin(PacketType::kExtendedReply, id);
    body.raw(reply.data);
    append_packet(out, body);
  }
};

}  // namespace

std::optional<Request> parse_open(ByteView body) {
  ByteReader in(body);
  OpenRequest request;
  request.path = read_text(in);
  request.pflags = in.u32();
  request.attributes = read_attributes(in);
  return if_done(in, std::move(request));
}

std::optional<Request> parse_handle(ByteView body) {
  ByteReader in(body);
  HandleRequest request{read_handle(in)};
  return if_done(in, request);
}

std::optional<Request> parse_path(ByteView body) {
  ByteReader in(body);
  PathRequest request{read_text(in)};
  return if_done(in, std::move(request));
}

std::optional<Request> parse_path_attributes(ByteView body) {
  ByteReader in(body);
  PathAttributesRequest request;
  request.path = read_text(in);
  request.attributes = read_attributes(in);
  return if_done(in, std::move(request));
}

std::optional<Request> parse_handle_attributes(ByteView body) {
  ByteReader in(body);
  HandleAttributesRequest request;
  request.handle = read_handle(in);
  request.attributes = read_attributes(in);
  return if_done(in, request);
}

std::optional<Request> parse_two_paths(ByteView body) {
  ByteReader in(body);
  TwoPathsRequest request;
  request.first = read_text(in);
  request.second = read_text(in);
  return if_done(in, std::move(request));
}

std::optional<Request> parse_extended(ByteView body) {
  ByteReader in(body);
  ExtendedRequest request;
  request.name = read_text(in);
  request.data = to_bytes(in.rest());
  return if_done(in, std::move(request));
}

std::optional<InitRequest> parse_init(ByteView body) {
  ByteReader in(body);
  InitRequest request{in.u32()};
  while (!in.failed() && in.remaining() > 0) {
    in.string();
    in.string();
  }
  if (!in.done()) return std::nullopt;
  return request;
}

std::optional<ReadRequest> parse_read(ByteView body) {
  ByteReader in(body);
  ReadRequest request;
  request.handle = read_handle(in);
  request.offset = in.u64();
  request.length = in.u32();
  if (!in.done()) return std::nullopt;
  return request;
}

std::optional<WriteRequest> parse_write(ByteView body) {
  ByteReader in(body);
  WriteRequest request;
  request.handle = read_handle(in);
  request.offset = in.u64();
  request.data = in.string();
  if (in.failed()) return std::nullopt;
  return request;
}

void append_reply(Bytes& out, RequestId id, const Reply& reply) {
  std::visit(ReplyAppender{out, id}, reply);
}

void append_status(Bytes& out, RequestId id, StatusCode code, std::string_view message) {
  // type, id, code, message, and a language tag that is always empty
  const std::size_t length = 1 + 4 + 4 + 4 + message.size() + 4;
  const std::size_t start = out.size();
  out.resize(start + 4 + length);
  std::uint8_t* p = out.data() + start;
  store_be32(p, static_cast<std::uint32_t>(length));
  p[4] = static_cast<std::uint8_t>(PacketType::kStatus);
  store_be32(p + 5, id);
  store_be32(p + 9, static_cast<std::uint32_t>(code));
  store_be32(p + 13, static_cast<std::uint32_t>(message.size()));
  if (!message.empty()) std::memcpy(p + 17, message.data(), message.size());
  store_be32(p + 17 + message.size(), 0);
}

void append_version(Bytes& out, const std::vector<Extension>& extensions) {
  ByteWriter body;
  body.u8(static_cast<std::uint8_t>(PacketType::kVersion)).u32(kProtocolVersion);
  for (const Extension& extension : extensions) {
    body.string(extension.name).string(extension.data);
  }
  append_packet(out, body);
}

void append_data(Bytes& out, RequestId id, ByteView data) {
  const std::size_t start = out.size();
  out.resize(start + kDataHeaderSize + data.size());
  put_data_header(out.data() + start, id, static_cast<std::uint32_t>(data.size()));
  if (!data.empty()) std::memcpy(out.data() + start + kDataHeaderSize, data.data(), data.size());
}

void put_data_header(std::uint8_t* to, RequestId id, std::uint32_t data_length) {
  store_be32(to, data_length + static_cast<std::uint32_t>(kDataHeaderSize) - 4);
  to[4] = static_cast<std::uint8_t>(PacketType::kData);
  store_be32(to + 5, id);
  store_be32(to + 9, data_length);
}

}  // namespace sallyport::sftp
