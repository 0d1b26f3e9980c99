// How a client of one connection becomes a user, from the first attempt to the session: what is
// checked, what is recorded of refused attempts, and how sources that only fail are slowed. The SSH
// engine has verified what was signed by whom; here it is decided whether that one may log in.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/task.h"
#include "identity/principal.h"
#include "net/loop.h"
#include "sftp/auth_record.h"
#include "sftp/source_guard.h"
#include "ssh/actions.h"

namespace sallyport::sftp {

struct ConnectionContext;

// What the configuration says of logins; both pointers may be null.
struct LoginRules {
  // Authorities whose certificates let users in.
  std::shared_ptr<const std::vector<ssh::PublicKey>> trusted_user_ca;
  std::shared_ptr<SourceGuard> sources;
};

// On the connection's loop; `context` outlives it. The tasks must have ended before it does.
class Login {
 public:
  explicit Login(const ConnectionContext& context);
  Login(const Login&) = delete;
  Login& operator=(const Login&) = delete;

  // Somebody else than the connection's other end, as a balancer has said.
  void comes_from(net::IpAddress source) { source_ = source; }
  // Whether the connection is to be closed at once; counted if so.
  bool refuses_source() const;
  const net::IpAddress& source() const { return source_; }
  // The source is one of sftp.trusted_sources.
  bool trusts_source() const;

  enum class Answer : std::uint8_t {
    kAccepted,
    kRefused,
    // The connection is to be closed without a word.
    kNone,
  };
  // The server's log could be written (logging_role.h), and the user may log in with this key. A
  // refusal may come later than at once; for unknown users and wrong keys everything is the same.
  Task<Answer> check(ssh::CheckPublicKey attempt);
  // An attempt that the engine has refused; ends when the client may hear of it.
  Task<void> refuse(ssh::AuthRefused attempt);
  // Refusals wait no longer: the connection ends.
  void hurry() { slowly_.cancel(); }

  // The user whose key was accepted last with a proof; his failures before do not count, those
  // under other names do. Nullopt when there is none.
  std::optional<identity::Principal> take_principal();
  // Whether the user may still log in: his record or his key may have gone after the check.
  Task<bool> still_may(identity::Principal principal, ssh::PublicKey key);

  // There is a user, or will be none any more: writes and counts what failed.
  void finish(const events::ServerLog& log, const ConnectionSource& source) const;

 private:
  Task<bool> logging_role_is_usable();
  Task<Result<identity::KeyDecision>> decide(const ssh::CheckPublicKey& attempt);
  Task<void> count_failure();

  const ConnectionContext& context_;
  net::IpAddress source_;
  AuthRecord refused_;
  bool failed_ = false;
  bool logging_role_checked_ = false;
  std::optional<identity::Principal> principal_;
  net::CancellableSleep slowly_;
};

}  // namespace sallyport::sftp
