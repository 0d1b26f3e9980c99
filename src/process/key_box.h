// The inside of a signing process: opened private keys, and answers to messages. No I/O, one
// thread.
#pragma once

#include <cstdint>
#include <map>

#include "base/bytes.h"
#include "crypto/seal.h"
#include "process/key_messages.h"
#include "ssh/host_key.h"

namespace sallyport::process {

class KeyBox {
 public:
  // The most keys kept open; beyond it the one not used for longest is closed.
  static constexpr std::size_t kMaxOpen = 1024;

  explicit KeyBox(SecretString master) : secrets_(std::move(master)) {}

  // The reply to any bytes; what is no request gets a kFailed.
  Bytes answer(ByteView message);

 private:
  struct Opened {
    ssh::HostKey key;
    std::uint64_t used;
  };
  Result<Bytes> generate(ByteReader& in);
  Result<Bytes> import(ByteReader& in);
  Result<Bytes> seal(const ssh::HostKey& key, std::string_view context) const;
  Result<Bytes> open(ByteReader& in);
  Result<Bytes> sign(ByteReader& in);

  crypto::SecretBox secrets_;
  std::map<crypto::Sha256Sum, Opened> opened_;
  std::uint64_t uses_ = 0;
};

}  // namespace sallyport::process
