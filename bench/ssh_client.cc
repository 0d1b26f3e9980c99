#include "ssh_client.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "crypto/digest.h"
#include "crypto/key_agreement.h"
#include "ssh/key_derivation.h"
#include "ssh/messages.h"
#include "ssh/negotiation.h"

namespace sallyport::bench {
namespace {

using namespace sallyport::ssh;

constexpr std::string_view kIdent = "SSH-2.0-SallyportBench";
constexpr std::size_t kReceive = 32 * 1024;

Error failure(std::string what) { return Error(Errc::kIo, std::move(what)); }

ByteWriter message(std::uint8_t number) {
  ByteWriter out;
  out.u8(number);
  return out;
}

Bytes own_kex_init() {
  KexInit init;
  init.kex = {"curve25519-sha256"};
  init.host_key_algorithms = {"ssh-ed25519"};
  init.ciphers_in = init.ciphers_out = {"aes128-gcm@openssh.com"};
  init.macs_in = init.macs_out = {"hmac-sha2-256"};
  init.compressions_in = init.compressions_out = {"none"};
  return init.payload();
}

bool may_be_ignored(std::uint8_t number) {
  return number == kMsgIgnore || number == kMsgDebug || number == kMsgExtInfo || number == kMsgGlobalRequest ||
         number == kMsgUserauthBanner || number == kMsgChannelWindowAdjust;
}

}  // namespace

SshClient::SshClient(int fd, std::shared_ptr<BufferPool> pool)
    : fd_(fd), reader_(std::move(pool)), sealer_(make_plain_sealer()) {}

SshClient::~SshClient() { ::close(fd_); }

Result<std::unique_ptr<SshClient>> SshClient::log_in(const std::string& address, std::uint16_t port,
                                                     const std::string& user, const HostKey& key) {
  static const std::shared_ptr<BufferPool> pool = BufferPool::create();
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return failure("no more sockets");
  std::unique_ptr<SshClient> client(new SshClient(fd, pool));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  ::inet_pton(AF_INET, address.c_str(), &to.sin_addr);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return failure("cannot connect");
  TRY(client->exchange_identifications());
  TRY(client->exchange_keys());
  TRY(client->authenticate(user, key));
  TRY(client->start_sftp());
  return client;
}

Result<void> SshClient::exchange_identifications() {
  TRY(send_bytes(as_bytes(std::string(kIdent) + "\r\n")));
  for (;;) {
    const std::string_view text = as_text(reader_.pending());
    if (const auto end = text.find('\n'); end != std::string_view::npos) {
      server_ident_ = text.substr(0, end > 0 && text[end - 1] == '\r' ? end - 1 : end);
      reader_.skip(end + 1);
      return ok();
    }
    TRY(receive());
  }
}

Result<void> SshClient::exchange_keys() {
  const Bytes own_init = own_kex_init();
  TRY(send(own_init));
  TRY_ASSIGN(const Bytes server_init, expect(kMsgKexInit));
  TRY_ASSIGN(const auto ephemeral, crypto::AgreementKey::generate(crypto::AgreementGroup::kX25519));
  TRY(send(message(kMsgKexMethodInit).string(ephemeral.public_value()).bytes()));
  TRY_ASSIGN(const Bytes reply, expect(kMsgKexMethodReply));
  TRY(expect(kMsgNewKeys));

  ByteReader in(reply);
  in.u8();
  const ByteView host_key = in.string();
  const ByteView server_public = in.string();
  TRY_ASSIGN(const auto agreed, ephemeral.agree(server_public));
  ByteWriter secret, head;
  secret.mpint(agreed);
  head.string(kIdent).string(server_ident_).string(own_init).string(server_init);
  head.string(host_key).string(ephemeral.public_value()).string(server_public);
  session_id_ = crypto::Digest(crypto::DigestKind::kSha256).update(head.bytes()).update(secret.bytes()).finish();

  const CipherSpec& cipher = *find_cipher("aes128-gcm@openssh.com");
  const KeyMaterial material{crypto::DigestKind::kSha256, secret.bytes(), session_id_, session_id_};
  TRY_ASSIGN(auto opener, make_opener(cipher, nullptr, server_to_client_keys(material, cipher, nullptr)));
  reader_.set_opener(std::move(opener), false);
  TRY(send(message(kMsgNewKeys).bytes()));
  TRY_ASSIGN(sealer_, make_sealer(cipher, nullptr, client_to_server_keys(material, cipher, nullptr)));
  return ok();
}

Result<void> SshClient::authenticate(const std::string& user, const HostKey& key) {
  TRY(send(message(kMsgServiceRequest).string("ssh-userauth").bytes()));
  TRY(expect(kMsgServiceAccept));
  const PublicKey& half = key.public_key();
  ByteWriter request = message(kMsgUserauthRequest);
  request.string(user).string("ssh-connection").string("publickey").boolean(true);
  request.string(half.type()).string(half.blob());
  ByteWriter to_sign;
  to_sign.string(session_id_).raw(request.bytes());
  TRY_ASSIGN(const Bytes signature, key.sign(half.type(), to_sign.bytes()));
  request.string(signature);
  TRY(send(request.bytes()));
  TRY(expect(kMsgUserauthSuccess));
  return ok();
}

Result<void> SshClient::start_sftp() {
  TRY(send(message(kMsgChannelOpen).string("session").u32(0).u32(2u << 20).u32(32768).bytes()));
  TRY_ASSIGN(const Bytes opened, expect(kMsgChannelOpenConfirmation));
  ByteReader in(opened);
  in.u8();
  in.u32();
  channel_ = in.u32();
  TRY(send(message(kMsgChannelRequest).u32(channel_).string("subsystem").boolean(true).string("sftp").bytes()));
  TRY(expect(kMsgChannelSuccess));
  constexpr std::uint8_t kInit[] = {0, 0, 0, 5, 1, 0, 0, 0, 3};
  TRY_ASSIGN(const Bytes version, sftp_reply(kInit));
  return version.size() > 4 && version[4] == 2 ? ok() : Result<void>(failure("no SSH_FXP_VERSION"));
}

Result<void> SshClient::ask() {
  constexpr std::uint8_t kRealpath[] = {0, 0, 0, 10, 16, 0, 0, 0, 1, 0, 0, 0, 1, '.'};
  TRY_ASSIGN(const Bytes name, sftp_reply(kRealpath));
  return name.size() > 4 && name[4] == 104 ? ok() : Result<void>(failure("no SSH_FXP_NAME"));
}

Result<Bytes> SshClient::sftp_reply(ByteView request) {
  TRY(send(message(kMsgChannelData).u32(channel_).string(request).bytes()));
  TRY_ASSIGN(const Bytes data, expect(kMsgChannelData));
  ByteReader in(data);
  in.u8();
  in.u32();
  return to_bytes(in.string());
}

Result<void> SshClient::send_bytes(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return failure("the server closed the connection");
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return ok();
}

Result<void> SshClient::send(ByteView payload) {
  const std::size_t pad = sealer_->shape().pad_size(payload.size());
  ByteWriter frame;
  frame.u32(static_cast<std::uint32_t>(1 + payload.size() + pad)).u8(static_cast<std::uint8_t>(pad)).raw(payload);
  Bytes packet = frame.take();
  packet.resize(packet.size() + pad);
  const std::size_t length = packet.size() - 4;
  packet.resize(packet.size() + sealer_->shape().tag);
  if (!sealer_->seal(sequence_++, packet.data(), length)) return failure("cannot encrypt");
  return send_bytes(packet);
}

Result<Bytes> SshClient::expect(std::uint8_t number) {
  for (;;) {
    TRY_ASSIGN(Bytes packet, next_packet());
    if (packet.empty()) return failure("an empty packet");
    if (packet[0] == number) return packet;
    if (!may_be_ignored(packet[0])) {
      return failure("message " + std::to_string(packet[0]) + " instead of " + std::to_string(number));
    }
  }
}

Result<Bytes> SshClient::next_packet() {
  for (;;) {
    const auto status = reader_.peek();
    if (status == PacketReader::Status::kBadLength) return failure("a packet of impossible length");
    if (status == PacketReader::Status::kReady) {
      const auto opened = reader_.open(nullptr);
      if (!opened.ok) return failure("a packet does not open");
      const std::size_t pad = opened.plain[0];
      return Bytes(opened.plain + 1, opened.plain + reader_.length() - pad);
    }
    TRY(receive());
  }
}

Result<void> SshClient::receive() {
  const MutableBytes space = reader_.space(kReceive);
  const ssize_t n = ::recv(fd_, space.data(), space.size(), 0);
  if (n <= 0) return failure("the server closed the connection");
  reader_.received(static_cast<std::size_t>(n));
  return ok();
}

}  // namespace sallyport::bench
