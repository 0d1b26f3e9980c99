// A blocking SSH client for benches: logs in with a key, starts SFTP and stays. It speaks
// curve25519-sha256, ssh-ed25519 host keys and aes128-gcm, does not check who the server is, and
// costs little beside the server that is measured. Not for production.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "ssh/buffer_pool.h"
#include "ssh/host_key.h"
#include "ssh/packet_cipher.h"
#include "ssh/packet_reader.h"

namespace sallyport::bench {

class SshClient {
 public:
  // Connects, logs in and has the answer to SSH_FXP_INIT. Errors: kIo with what went wrong.
  static Result<std::unique_ptr<SshClient>> log_in(const std::string& address, std::uint16_t port,
                                                   const std::string& user, const ssh::HostKey& key);
  ~SshClient();
  SshClient(const SshClient&) = delete;
  SshClient& operator=(const SshClient&) = delete;

  // REALPATH of ".", to see that the session is served.
  Result<void> ask();

 private:
  SshClient(int fd, std::shared_ptr<ssh::BufferPool> pool);
  Result<void> exchange_identifications();
  Result<void> exchange_keys();
  Result<void> authenticate(const std::string& user, const ssh::HostKey& key);
  Result<void> start_sftp();

  Result<void> send_bytes(ByteView bytes);
  Result<void> send(ByteView payload);
  // The next packet with this number; those that a client may ignore are skipped.
  Result<Bytes> expect(std::uint8_t number);
  Result<Bytes> next_packet();
  Result<void> receive();
  Result<Bytes> sftp_reply(ByteView request);

  const int fd_;
  ssh::PacketReader reader_;
  std::unique_ptr<ssh::PacketSealer> sealer_;
  std::uint32_t sequence_ = 0;
  std::string server_ident_;
  Bytes session_id_;
  std::uint32_t channel_ = 0;
};

}  // namespace sallyport::bench
