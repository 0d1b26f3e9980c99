#include "process/message_vault.h"

namespace sallyport::process {

// A channel of one's own. There is one for each of the pool's threads.
class MessageVault::Lease {
 public:
  explicit Lease(MessageVault& vault) : vault_(vault) {
    const std::lock_guard lock(vault_.mutex_);
    channel_ = std::move(vault_.free_.back());
    vault_.free_.pop_back();
  }
  ~Lease() {
    const std::lock_guard lock(vault_.mutex_);
    vault_.free_.push_back(std::move(channel_));
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  // The body, or nothing when the keeper does not know the key.
  Result<std::optional<Bytes>> ask(Bytes request) {
    const Result<Bytes> message = channel_->call(request);
    wipe(request.data(), request.size());
    if (!message.ok()) return message.error();
    TRY_ASSIGN(const KeyReply reply, read_reply(*message));
    if (reply.status == KeyStatus::kUnknownKey) return std::optional<Bytes>();
    if (reply.status != KeyStatus::kDone) return read_error(reply.body);
    return std::optional<Bytes>(to_bytes(reply.body));
  }

 private:
  MessageVault& vault_;
  std::unique_ptr<KeyChannel> channel_;
};

namespace {

// A process that is told a key may die before it is asked to sign with it.
constexpr int kMostTold = 3;

Error unknown_key() {
  return Error(Errc::kInternal, "a signing process forgot a key that it was just told");
}

}  // namespace

MessageVault::MessageVault(std::vector<std::unique_ptr<KeyChannel>> channels)
    : free_(std::move(channels)), pool_("keys", static_cast<unsigned>(free_.size())) {}
MessageVault::~MessageVault() = default;

Result<Bytes> MessageVault::ask(Bytes request) {
  Lease lease(*this);
  TRY_ASSIGN(auto body, lease.ask(std::move(request)));
  if (!body) return unknown_key();
  return std::move(*body);
}

Result<Bytes> MessageVault::ask_to_sign(const SealedKey& key, std::string_view algorithm,
                                        ByteView data) {
  Lease lease(*this);
  for (int told = 0;; ++told) {
    TRY_ASSIGN(auto body, lease.ask(sign_request(key.id(), algorithm, data)));
    if (body) return std::move(*body);
    if (told == kMostTold) return unknown_key();
    TRY(lease.ask(open_request(key)));
  }
}

Task<Result<NewKey>> MessageVault::generate(ssh::HostKeyType type, std::string context) {
  auto work = [this, type, &context] { return ask(generate_request(type, context)); };
  CO_TRY_ASSIGN(const Bytes body, co_await pool_.run(work));
  co_return read_new_key(body);
}

Task<Result<NewKey>> MessageVault::import(SecretString text, std::string context) {
  if (text.reveal().size() > ssh::HostKey::kMaxTextSize)
    co_return Error(Errc::kInvalidArgument, "Invalid host key format: the text is too long");
  auto work = [this, &text, &context] { return ask(import_request(text, context)); };
  CO_TRY_ASSIGN(const Bytes body, co_await pool_.run(work));
  co_return read_new_key(body);
}

Task<Result<ssh::PublicHostKey>> MessageVault::open(std::shared_ptr<const SealedKey> key) {
  auto work = [this, &key] { return ask(open_request(*key)); };
  CO_TRY_ASSIGN(const Bytes body, co_await pool_.run(work));
  co_return read_public_key(body);
}

Task<Result<Bytes>> MessageVault::sign(std::shared_ptr<const SealedKey> key, std::string algorithm,
                                       Bytes data) {
  auto work = [this, &key, &algorithm, &data] { return ask_to_sign(*key, algorithm, data); };
  CO_TRY_ASSIGN(const Bytes body, co_await pool_.run(work));
  co_return read_signature(body);
}

}  // namespace sallyport::process
