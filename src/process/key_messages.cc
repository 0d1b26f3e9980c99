#include "process/key_messages.h"

namespace sallyport::process {

namespace {

ByteWriter request(KeyOperation operation) {
  ByteWriter out;
  out.u32(0).u8(static_cast<std::uint8_t>(operation));
  return out;
}

Error corrupt() {
  return Error(Errc::kCorrupt, "a message of the signing process does not read");
}

}  // namespace

Bytes generate_request(ssh::HostKeyType type, std::string_view context) {
  return request(KeyOperation::kGenerate)
      .u8(static_cast<std::uint8_t>(type))
      .string(context)
      .take();
}
Bytes import_request(const SecretString& text, std::string_view context) {
  return request(KeyOperation::kImport).string(text.reveal()).string(context).take();
}
Bytes open_request(const SealedKey& key) {
  return request(KeyOperation::kOpen).string(key.sealed()).string(key.context()).take();
}
Bytes sign_request(const crypto::Sha256Sum& id, std::string_view algorithm, ByteView data) {
  return request(KeyOperation::kSign).raw(id).string(algorithm).string(data).take();
}

void set_number(Bytes& request, std::uint32_t number) {
  store_be32(request.data(), number);
}

Bytes failed_reply(std::uint32_t number, const Error& error) {
  ByteWriter out;
  out.u32(number).u8(static_cast<std::uint8_t>(KeyStatus::kFailed));
  return out.u8(static_cast<std::uint8_t>(error.code)).string(error.message).take();
}

Result<KeyReply> read_reply(ByteView message) {
  ByteReader in(message);
  KeyReply reply;
  reply.number = in.u32();
  const std::uint8_t status = in.u8();
  if (in.failed() || status > static_cast<std::uint8_t>(KeyStatus::kRestarted)) return corrupt();
  reply.status = static_cast<KeyStatus>(status);
  reply.body = in.rest();
  return reply;
}

Error read_error(ByteView body) {
  ByteReader in(body);
  const std::uint8_t code = in.u8();
  const std::string_view message = in.text();
  if (!in.done() || code >= kErrcCount) return corrupt();
  return Error(static_cast<Errc>(code), std::string(message));
}

Result<NewKey> read_new_key(ByteView body) {
  ByteReader in(body);
  NewKey key;
  key.type = in.text();
  key.fingerprint = in.text();
  key.sealed = in.text();
  if (!in.done()) return corrupt();
  return key;
}

Result<ssh::PublicHostKey> read_public_key(ByteView body) {
  ByteReader in(body);
  ssh::PublicHostKey key;
  key.type = in.text();
  key.blob = to_bytes(in.string());
  if (!in.done()) return corrupt();
  return key;
}

Result<Bytes> read_signature(ByteView body) {
  ByteReader in(body);
  Bytes signature = to_bytes(in.string());
  if (!in.done()) return corrupt();
  return signature;
}

}  // namespace sallyport::process
