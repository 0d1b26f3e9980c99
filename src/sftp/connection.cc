#include "sftp/connection.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "events/metrics.h"
#include "events/server_log.h"
#include "net/loop.h"
#include "sftp/connection_lines.h"
#include "sftp/login.h"
#include "sftp/proxy_preface.h"
#include "sftp/registry_place.h"
#include "sftp/served_channels.h"
#include "sftp/session_clock.h"
#include "sftp/signal.h"
#include "ssh/rekey_pace.h"
#include "ssh/server_engine.h"

namespace sallyport::sftp {
namespace {

// RFC 4253 section 11.1.
constexpr std::uint32_t kDisconnectByApplication = 11;
constexpr std::uint32_t kExitFailure = 255;

constexpr std::size_t kSendPieces = 64;
// Receives in a row before others on the loop get their turn.
constexpr int kReceivesPerTurn = 4;
// For the last bytes of a connection that has ended.
constexpr std::chrono::seconds kLastSendTime{5};

// Everything of one connection, on its loop; lives until run() has ended.
//
// The engine is driven from drive(), which never nests: whoever changes something asks for another
// round. SFTP servers are resumed from there and from storage.
class Connection {
 public:
  Connection(net::TcpStream stream, ConnectionContext context);
  Task<void> run();

 private:
  enum class Need : std::uint8_t { kInput, kAnswer, kOutput };

  // ---- Driving. ----
  void drive();
  void act();
  void flush();
  bool refuses_source();
  Task<bool> pass_preface();
  Task<void> receive();
  Task<bool> receive_some();
  Task<void> send_when_writable();
  void lose();
  void end(std::string_view text);
  bool over() const { return lost_ || (engine_.closed() && engine_.output_size() == 0); }

  // ---- Actions. ----
  void on(ssh::NeedInput&&) { need_ = Need::kInput; }
  void on(ssh::NeedAnswer&&) { need_ = Need::kAnswer; }
  void on(ssh::NeedOutput&&) { need_ = Need::kOutput; }
  void on(ssh::SignExchangeHash&& a) { tasks_.spawn(sign(std::move(a))); }
  void on(ssh::ProveHostKeys&& a) { tasks_.spawn(prove(std::move(a))); }
  void on(ssh::ComputeKex&& a) { tasks_.spawn(compute(std::move(a))); }
  void on(ssh::CheckPublicKey&& a) { tasks_.spawn(check(std::move(a))); }
  void on(ssh::AuthRefused&& a) { tasks_.spawn(refuse(std::move(a))); }
  void on(ssh::NegotiationFailed&& a);
  void on(ssh::KeysChanged&&) {}
  void on(ssh::Authenticated&& a);
  void on(ssh::ChannelOpened&&) {}
  void on(ssh::SubsystemStarted&& a) { tasks_.spawn(serve_channel(a.channel)); }
  void on(ssh::ChannelInput&& a);
  void on(ssh::ChannelEof&& a);
  void on(ssh::ChannelClosed&& a);
  void on(ssh::WindowAvailable&&) { output_moved_ = true; }
  void on(ssh::Disconnected&&) {}

  Task<void> sign(ssh::SignExchangeHash action);
  Task<void> prove(ssh::ProveHostKeys action);
  Task<void> compute(ssh::ComputeKex action);
  Task<void> check(ssh::CheckPublicKey action);
  Task<void> refuse(ssh::AuthRefused action);
  Task<void> check_again(identity::Principal principal, ssh::PublicKey key);
  Task<void> serve_channel(ssh::ChannelId id);

  // ---- Time. ----
  SteadyTime now() const { return std::chrono::steady_clock::now(); }
  void watch();
  void watch_session();

  net::TcpStream stream_;
  const ConnectionContext context_;
  ConnectionSource source_;
  const events::ServerLog log_;
  ServerSettings sftp_settings_;
  ssh::ServerEngine engine_;
  std::optional<PreAuthLimit::Place> pre_auth_place_;
  RegistryPlace place_;
  Login login_;
  std::unique_ptr<session::Session> session_;

  ServedChannels channels_;

  Need need_ = Need::kInput;
  bool driving_ = false;
  bool drive_again_ = false;
  // Channels that wait for room should look again.
  bool output_moved_ = false;
  // The socket takes no more for now.
  bool blocked_ = false;
  // The socket is of no more use.
  bool lost_ = false;
  // The writer may go.
  bool finished_ = false;
  Signal stirred_;       // after each drive()
  Signal write_wanted_;  // blocked_ has become true, or finished_

  // Nothing may be said before a balancer's header has come.
  bool silent_ = false;

  const SteadyTime started_ = now();
  ssh::RekeyPace rekey_pace_{started_}, proof_pace_{started_};
  SessionClock clock_;

  // Last: its tasks use all of the above.
  net::TaskScope tasks_;
};

Connection::Connection(net::TcpStream stream, ConnectionContext context)
    : stream_(std::move(stream)),
      context_(std::move(context)),
      source_{context_.remote.address.to_string(), ""},
      log_(context_.services.log, context_.services.clock, *context_.server),
      sftp_settings_(context_.settings.sftp),
      engine_(context_.ssh, context_.services.random, context_.buffers),
      place_(context_.registry, [this] { end("The session was ended by the server."); }),
      login_(context_),
      clock_(context_.settings.idle_timeout, context_.settings.dead_peer_timeout, started_) {
  // What WRITEs wait for must fit into what the client may send.
  const std::size_t gather = context_.ssh->channel_window / 4;
  sftp_settings_.write_gather = std::min(sftp_settings_.write_gather, gather);
}

Task<void> Connection::run() {
  if (context_.pre_auth) {
    auto place = PreAuthLimit::enter(context_.pre_auth);
    if (!place) {
      context_.services.metrics.add(events::metric::kConnectionsRefused, "pre_auth_limit");
      co_return;
    }
    pre_auth_place_.emplace(*std::move(place));
  }
  // Behind a balancer its header has to be read first.
  if (!proxy_header_enforced(*context_.server) && refuses_source()) co_return;
  context_.services.metrics.add(events::metric::kConnections, context_.server->id.str());
  place_.enter(context_.server->id, source_.ip, context_.services.clock.wall());
  stream_.on_deadline([this] { watch(); });
  stream_.set_deadline(started_ + context_.settings.login_timeout);
  tasks_.spawn(send_when_writable());

  const bool passed = co_await pass_preface();
  if (passed) co_await receive();

  // Whatever still runs sees the end and comes to its own; nothing is cut short.
  place_.detach();
  finished_ = true;
  login_.hurry();
  stream_.cancel();
  write_wanted_.raise();
  channels_.close_ports();
  channels_.wake(true);
  co_await tasks_.join();
  place_.leave();
  if (session_) {
    session_->disconnected();
  } else {
    login_.finish(log_, source_);
  }
  stream_.close();
}

// ---- Driving. ----

void Connection::drive() {
  if (driving_) {
    drive_again_ = true;
    return;
  }
  driving_ = true;
  do {
    drive_again_ = false;
    act();
    channels_.wake(std::exchange(output_moved_, false));
    flush();
  } while (drive_again_ || output_moved_);
  driving_ = false;
  // An orderly end of the program leaves sessions with open files some time.
  place_.open_files(channels_.open_handles());
  stirred_.raise_later();
}

void Connection::act() {
  while (!lost_) {
    ssh::Action action = engine_.next();
    const bool waits = std::holds_alternative<ssh::NeedInput>(action) ||
                       std::holds_alternative<ssh::NeedAnswer>(action) ||
                       std::holds_alternative<ssh::NeedOutput>(action);
    std::visit([this](auto&& a) { on(std::move(a)); }, std::move(action));
    if (waits) return;
  }
}

// Sends what can be sent without waiting. Sets output_moved_ when anything was, and then another
// round of drive() is due.
void Connection::flush() {
  while (!blocked_ && !lost_ && engine_.output_size() > 0) {
    std::array<iovec, kSendPieces> pieces;
    const std::size_t count = engine_.output(pieces);
    const auto sent = stream_.try_write(std::span(pieces).first(count));
    if (!sent) {
      blocked_ = true;
      write_wanted_.raise();
    } else if (!sent->ok()) {
      lose();
    } else {
      engine_.sent(**sent);
      place_.moved(0, **sent);
      output_moved_ = true;
    }
  }
}

Task<void> Connection::send_when_writable() {
  while (!finished_) {
    if (!blocked_) {
      co_await write_wanted_.wait();
      continue;
    }
    const Result<void> writable = co_await stream_.writable();
    if (!writable.ok()) {
      lose();
      break;
    }
    blocked_ = false;
    clock_.taken(now());
    drive();
  }
}

// A balancer may have any number of connections without a user, if it is trusted.
bool Connection::refuses_source() {
  if (login_.refuses_source()) return true;
  if (!pre_auth_place_ || login_.trusts_source()) return false;
  if (pre_auth_place_->belongs_to(login_.source())) return false;
  context_.services.metrics.add(events::metric::kConnectionsRefused, "pre_auth_limit");
  return true;
}

// False: the connection is not let in, or has ended.
Task<bool> Connection::pass_preface() {
  silent_ = proxy_header_enforced(*context_.server);
  if (!silent_) drive();
  const auto preface = co_await read_proxy_preface(stream_, context_);
  if (!preface.ok() || lost_ || engine_.closed()) {
    lose();
    co_return false;
  }
  source_.proxy_header = preface->note;
  if (preface->source) {
    source_.ip = preface->source->to_string();
    login_.comes_from(*preface->source);
    place_.enter(context_.server->id, source_.ip, context_.services.clock.wall());
  }
  if (std::exchange(silent_, false) && refuses_source()) {
    lose();
    co_return false;
  }
  // Before anything else has come there is room for so little.
  const Bytes& unread = preface->unread;
  if (!unread.empty()) std::copy(unread.begin(), unread.end(), engine_.input_space().begin());
  engine_.received(unread.size());
  co_return true;
}

Task<void> Connection::receive() {
  drive();
  bool ending = false;
  while (!over()) {
    if (engine_.closed() && !std::exchange(ending, true)) {
      stream_.set_deadline(now() + kLastSendTime);
    }
    if (engine_.closed() || need_ != Need::kInput) {
      co_await stirred_.wait();
    } else if (!co_await receive_some()) {
      lose();
    }
  }
}

Task<bool> Connection::receive_some() {
  const Result<void> readable = co_await stream_.readable();
  if (!readable.ok()) co_return false;
  for (int i = 0; i < kReceivesPerTurn && need_ == Need::kInput && !engine_.closed(); ++i) {
    const MutableBytes space = engine_.input_space();
    if (space.empty()) {
      co_await stirred_.wait();
      co_return true;
    }
    const auto got = stream_.try_read(space);
    if (!got) co_return true;
    if (!got->ok() || **got == 0) co_return false;
    engine_.received(**got);
    place_.moved(**got, 0);
    clock_.received(now(), blocked_);
    const bool drained = **got < space.size();
    drive();
    if (drained) co_return true;
  }
  co_return true;
}

void Connection::lose() {
  if (std::exchange(lost_, true)) return;
  stream_.cancel();
  stirred_.raise_later();
}

// The connection's end by our own will: says so to the client if the socket takes it, and goes.
void Connection::end(std::string_view text) {
  // Who talks first hears nothing before he has.
  const bool unmet = context_.ssh->client_talks_first && engine_.facts().client_ident.empty();
  if (!silent_ && !unmet) {
    engine_.disconnect(kDisconnectByApplication, text);
    drive();
  }
  lose();
}

// ---- Key exchange and authentication. ----

Task<void> Connection::sign(ssh::SignExchangeHash action) {
  Result<Bytes> signature = co_await context_.signer->sign(
      action.host_key, std::move(action.algorithm), std::move(action.data));
  engine_.signature(std::move(signature));
  drive();
}

// A client proves its list of keys once. Others shall not keep the signing processes busy.
Task<void> Connection::prove(ssh::ProveHostKeys action) {
  const auto wait = proof_pace_.next(now(), 0);
  if (wait.count() > 0) co_await net::sleep_for(wait);
  std::vector<Bytes> signatures;
  for (ssh::SignExchangeHash& one : action.wanted) {
    auto signature =
        co_await context_.signer->sign(one.host_key, std::move(one.algorithm), std::move(one.data));
    if (!signature.ok()) {
      engine_.host_key_proofs(std::move(signature).error());
      drive();
      co_return;
    }
    signatures.push_back(std::move(*signature));
  }
  engine_.host_key_proofs(std::move(signatures));
  drive();
}

Task<void> Connection::compute(ssh::ComputeKex action) {
  const auto wait = rekey_pace_.next(now(), action.bytes_before);
  if (wait.count() > 0) co_await net::sleep_for(wait);
  Result<ssh::KexResult> result = co_await context_.crypto.run(std::move(action.job));
  engine_.kex_computed(std::move(result));
  drive();
}

// When nothing is answered, the client waits: nothing it sent is unread, and it sees an end, no
// reset.
Task<void> Connection::check(ssh::CheckPublicKey action) {
  const Login::Answer answer = co_await login_.check(std::move(action));
  if (answer == Login::Answer::kNone) {
    lose();
    co_return;
  }
  engine_.public_key_verdict(answer == Login::Answer::kAccepted);
  drive();
}

Task<void> Connection::refuse(ssh::AuthRefused action) {
  co_await login_.refuse(std::move(action));
  engine_.public_key_verdict(false);
  drive();
}

// The user or the key may have been deleted after the check and before the registry knew the
// session.
Task<void> Connection::check_again(identity::Principal principal, ssh::PublicKey key) {
  const bool may = co_await login_.still_may(std::move(principal), std::move(key));
  if (!may && !finished_) end("The session was ended by the server.");
}

void Connection::on(ssh::NegotiationFailed&& action) {
  write_kex_failure(log_, source_, std::move(action));
}

void Connection::on(ssh::Authenticated&& action) {
  auto principal = login_.take_principal();
  if (!principal) return end("Authentication failed.");
  login_.finish(log_, source_);
  pre_auth_place_.reset();
  session::ConnectionFacts said = facts_of(engine_.facts(), action.key, source_);
  session_ = std::make_unique<session::Session>(context_.services, *context_.server, *principal,
                                                std::move(said));
  place_.authenticated(principal->user_name, principal->key_id, session_->id());
  tasks_.spawn(check_again(*std::move(principal), action.key));
  session_->connected();
  if (const auto admitted = session_->admit(); !admitted.ok()) {
    return engine_.disconnect(kDisconnectByApplication, admitted.error().message);
  }
  clock_ = {context_.settings.idle_timeout, context_.settings.dead_peer_timeout, now()};
  watch_session();
}

// ---- Channels. ----

void Connection::on(ssh::ChannelInput&& action) {
  clock_.request(now());
  if (SshChannelPort* const p = channels_.port(action.channel)) p->note_input();
}

void Connection::on(ssh::ChannelEof&& action) {
  if (SshChannelPort* const p = channels_.port(action.channel)) p->note_input_ended();
}

void Connection::on(ssh::ChannelClosed&& action) {
  if (SshChannelPort* const p = channels_.port(action.channel)) p->close();
}

Task<void> Connection::serve_channel(ssh::ChannelId id) {
  SshChannelPort port(engine_, id, [this] {
    flush();
    drive();
  });
  Server server(port, *session_, context_.services.clock, sftp_settings_);
  channels_.add(port, server);
  const ServerEnd end = co_await server.run();
  channels_.remove(id);
  clock_.request(now());
  if (port.closed()) co_return;
  engine_.send_exit_status(id, end == ServerEnd::kFinished ? 0 : kExitFailure);
  engine_.channel_close(id);
  drive();
}

// ---- Time. ----

void Connection::watch() {
  if (lost_) return;
  if (engine_.closed()) {
    lose();
  } else if (!session_) {
    end("Login timed out.");
  } else {
    watch_session();
  }
}

void Connection::watch_session() {
  if (channels_.busy()) clock_.request(now());
  const SessionClock::Look look = clock_.look(now());
  if (!look.over.empty()) {
    write_exit_reason(log_, *session_, std::string(look.over));
    return end(std::string(look.over) + ".");
  }
  stream_.set_deadline(look.again);
  if (!look.ask) return;
  engine_.send_keepalive();
  drive();
}

}  // namespace

Task<void> serve_ssh_connection(net::TcpStream stream, ConnectionContext context) {
  auto connection = std::make_unique<Connection>(std::move(stream), std::move(context));
  co_await connection->run();
}

}  // namespace sallyport::sftp
