#include "process/key_box.h"

#include <algorithm>

namespace sallyport::process {

namespace {

Error bad_request() {
  return Error(Errc::kInvalidArgument, "that is no request to a signing process");
}

ByteWriter done_reply() {
  return ByteWriter().u8(static_cast<std::uint8_t>(KeyStatus::kDone));
}

}  // namespace

Bytes KeyBox::answer(ByteView message) {
  ByteReader in(message);
  const std::uint32_t number = in.u32();
  const auto operation = static_cast<KeyOperation>(in.u8());
  const auto run = [&]() -> Result<Bytes> {
    if (in.failed()) return bad_request();
    switch (operation) {
      case KeyOperation::kGenerate: return generate(in);
      case KeyOperation::kImport: return import(in);
      case KeyOperation::kOpen: return open(in);
      case KeyOperation::kSign: return sign(in);
    }
    return bad_request();
  };
  const Result<Bytes> result = run();
  if (!result.ok()) return failed_reply(number, result.error());
  return ByteWriter().u32(number).raw(*result).take();
}

Result<Bytes> KeyBox::generate(ByteReader& in) {
  const std::uint8_t type = in.u8();
  const std::string_view context = in.text();
  if (!in.done() || type > static_cast<std::uint8_t>(ssh::HostKeyType::kEd25519))
    return bad_request();
  TRY_ASSIGN(const ssh::HostKey key, ssh::HostKey::generate(static_cast<ssh::HostKeyType>(type)));
  return seal(key, context);
}

Result<Bytes> KeyBox::import(ByteReader& in) {
  const SecretString text{std::string(in.text())};
  const std::string_view context = in.text();
  if (!in.done()) return bad_request();
  TRY_ASSIGN(const ssh::HostKey key, ssh::HostKey::parse(text));
  return seal(key, context);
}

Result<Bytes> KeyBox::seal(const ssh::HostKey& key, std::string_view context) const {
  TRY_ASSIGN(const std::string sealed, secrets_.seal(key.to_pem(), context));
  const ssh::PublicKey& half = key.public_key();
  return done_reply()
      .string(half.type())
      .string(half.fingerprint_sha256_padded())
      .string(sealed)
      .take();
}

Result<Bytes> KeyBox::open(ByteReader& in) {
  const std::string_view sealed = in.text(), context = in.text();
  if (!in.done()) return bad_request();
  TRY_ASSIGN(const SecretString text, secrets_.open(sealed, context));
  TRY_ASSIGN(ssh::HostKey key, ssh::HostKey::parse(text));
  if (opened_.size() >= kMaxOpen) {
    opened_.erase(std::min_element(
        opened_.begin(), opened_.end(),
        [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
  }
  Bytes reply = done_reply().string(key.public_key().type()).string(key.public_key().blob()).take();
  const SealedKey name{std::string(sealed), std::string(context)};
  opened_.insert_or_assign(name.id(), Opened{std::move(key), ++uses_});
  return reply;
}

Result<Bytes> KeyBox::sign(ByteReader& in) {
  const ByteView raw = in.raw(sizeof(crypto::Sha256Sum));
  const std::string_view algorithm = in.text();
  const ByteView data = in.string();
  if (!in.done()) return bad_request();
  crypto::Sha256Sum id;
  std::copy(raw.begin(), raw.end(), id.begin());
  const auto found = opened_.find(id);
  if (found == opened_.end())
    return ByteWriter().u8(static_cast<std::uint8_t>(KeyStatus::kUnknownKey)).take();
  found->second.used = ++uses_;
  TRY_ASSIGN(const Bytes signature, found->second.key.sign(algorithm, data));
  return done_reply().string(signature).take();
}

}  // namespace sallyport::process
